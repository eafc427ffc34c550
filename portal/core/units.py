"""Which unit of work is running: a context variable, so that sessions and transactions find it."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from portal.core.transactions import Mode


class Unit:
    """What one unit of work knows: its mode, what waits for its commit, a cache that dies with it.

    ``mode`` is "read", "write" or "none"; ``poisoned`` turns True when the database refused a
    statement, which on PostgreSQL means that the transaction answers nothing more; ``statements`` counts
    what the database was asked.
    """

    def __init__(self, mode: Mode) -> None:
        self.mode: Mode = mode
        self.poisoned = False
        self.statements = 0
        self.cache: dict[Any, Any] = {}
        self.waiting: list[Callable[[], object]] = []


running: ContextVar[Unit | None] = ContextVar("portal_unit_of_work", default=None)


def find_unit() -> Unit | None:
    """Return the running unit of work, or None outside any."""
    return running.get()


def current_unit() -> Unit:
    """Return the running unit of work; RuntimeError outside any."""
    unit = running.get()
    if unit is None:
        raise RuntimeError(
            "The database session was used outside a unit of work. Requests, jobs and commands open "
            "one; elsewhere write: with unit_of_work('read'): ..."
        )
    return unit
