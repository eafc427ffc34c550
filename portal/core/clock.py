"""Time: one source of "now" in aware UTC, and the column type that keeps it so.

SQLite hands naive values back and PostgreSQL aware ones; ``UtcDateTime`` makes both aware.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

from sqlalchemy import DateTime
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

_frozen: ContextVar[datetime | None] = ContextVar("portal_frozen_time", default=None)


def now() -> datetime:
    """Return the current moment as an aware UTC datetime."""
    return _frozen.get() or datetime.now(UTC)


@contextmanager
def frozen(moment: datetime) -> Iterator[None]:
    """Make ``now()`` answer ``moment`` (aware) inside the block."""
    token = _frozen.set(_aware(moment))
    try:
        yield
    finally:
        _frozen.reset(token)


def _aware(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError(
            f"{value!r} has no time zone; give an aware datetime, as clock.now() does."
        )
    return value.astimezone(UTC)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC datetime on both databases; a naive value is refused with ValueError."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Convert to UTC; SQLite stores it without a zone."""
        if value is None:
            return None
        value = _aware(value)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the value its zone back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
