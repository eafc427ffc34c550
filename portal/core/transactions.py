"""What every database transaction obeys: how it begins, and what plugin code may not do inside it.

Engineering notes A2 (read-only GETs, immediate writes) and A4 (a savepoint does not fence a handler).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Literal

from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.engine.interfaces import DBAPIConnection

Mode = Literal["read", "write", "none"]

transaction_mode: ContextVar[Mode | None] = ContextVar("portal_transaction_mode", default=None)
_guard: ContextVar[tuple[type[Exception], bool] | None] = ContextVar("portal_guard", default=None)

BUSY_TIMEOUT_MS = 15_000
#: Pragmas that only tell, as schema inspection asks them.
_TELLING = r"(?:table_x?info|table_list|index_list|index_x?info|foreign_key_list|database_list)"
_LEADING = r"(?:\s|--[^\n]*\n|/\*[\s\S]*?\*/)*"
TRANSACTION_CONTROL = re.compile(
    _LEADING + r"(?:COMMIT|END|ABORT|BEGIN|START|PREPARE|ATTACH|DETACH|VACUUM|COPY|LOCK|SET|RESET"
    r"|ROLLBACK(?!\s+TO\b)"
    rf"|PRAGMA(?!\s+(?:\"?\w+\"?\.)?{_TELLING}\b))\b",
    re.IGNORECASE,
)
DEFINITIONS = re.compile(
    _LEADING + r"(?:CREATE|DROP|ALTER|TRUNCATE|REINDEX|GRANT|REVOKE)\b", re.IGNORECASE
)


@contextmanager
def guarded(error: type[Exception], *, allow_definitions: bool = False) -> Iterator[None]:
    """Refuse, with ``error``, every end of the transaction inside the block.

    DDL is refused too, unless ``allow_definitions`` says that tables may be made (lifecycle callbacks).
    """
    token = _guard.set((error, allow_definitions))
    try:
        yield
    finally:
        _guard.reset(token)


@contextmanager
def unguarded() -> Iterator[None]:
    """Lift the guard for a step of the host's own inside guarded code."""
    token = _guard.set(None)
    try:
        yield
    finally:
        _guard.reset(token)


def refuse_if_guarded(what: str) -> None:
    """Raise the guard's error when plugin code runs.

    ``what`` names the call, as in ``session.commit()``.
    """
    guard = _guard.get()
    if guard is not None:
        raise guard[0](
            f"{what} is not allowed while the portal calls a plugin: the request owns the "
            "transaction. Flush at most; the host commits or rolls back."
        )


class PortalConnection(Connection):
    """A connection that plugin code may use, never end; ``session.connection()`` gives it away."""

    def commit(self) -> None:
        """Commit; refused while plugin code runs."""
        refuse_if_guarded("connection.commit()")
        super().commit()

    def rollback(self) -> None:
        """Roll back; refused while plugin code runs."""
        refuse_if_guarded("connection.rollback()")
        super().rollback()

    def close(self) -> None:
        """Close; refused while plugin code runs."""
        refuse_if_guarded("connection.close()")
        super().close()

    def invalidate(self, exception: BaseException | None = None) -> None:
        """Throw the connection away; refused while plugin code runs, unless it is lost (``exception``)."""
        if exception is None:
            refuse_if_guarded("connection.invalidate()")
        super().invalidate(exception)

    def detach(self) -> None:
        """Take the connection out of the pool; refused while plugin code runs."""
        refuse_if_guarded("connection.detach()")
        super().detach()


def prepare_engine(engine: Engine) -> None:
    """Hang the rules of this module on a new engine, once."""
    engine._connection_cls = PortalConnection  # events come too late to refuse
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        event.listen(engine, "begin", _begin_postgresql)
    event.listen(engine, "before_cursor_execute", _watch_statement)
    event.listen(engine, "commit", _watch_commit)


def _prepare_sqlite(connection: DBAPIConnection, record: object) -> None:
    connection.isolation_level = (
        None  # SQLAlchemy's events issue BEGIN, so that DDL is transactional
    )
    cursor = connection.cursor()
    for pragma in (
        "foreign_keys=ON",
        "journal_mode=WAL",
        "synchronous=NORMAL",
        f"busy_timeout={BUSY_TIMEOUT_MS}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    mode = transaction_mode.get()
    raw: Any = connection.connection.driver_connection
    raw.execute(f"PRAGMA query_only={int(mode == 'read')}")
    raw.execute("BEGIN IMMEDIATE" if mode == "write" else "BEGIN")


def _begin_postgresql(connection: Connection) -> None:
    if transaction_mode.get() == "read":
        raw: Any = connection.connection.driver_connection
        raw.execute("SET TRANSACTION READ ONLY")


def _watch_statement(connection: Connection, cursor: Any, statement: str, *rest: Any) -> None:
    guard = _guard.get()
    if guard is None:
        return
    if TRANSACTION_CONTROL.match(statement) or (not guard[1] and DEFINITIONS.match(statement)):
        refuse_if_guarded(f"The statement {statement.strip()[:60]!r}")


def _watch_commit(connection: Connection) -> None:
    refuse_if_guarded("connection.commit()")
