"""What every database transaction obeys: how it begins, and what plugin code may not do inside it.

Engineering notes A2 (read-only GETs, immediate writes) and A4 (a savepoint does not fence a handler).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar, Token
from typing import Any, Literal

from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine, NestedTransaction, RootTransaction
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.sql.elements import (
    ReleaseSavepointClause,
    RollbackToSavepointClause,
    SavepointClause,
)

Mode = Literal["read", "write", "none"]

transaction_mode: ContextVar[Mode | None] = ContextVar("portal_transaction_mode", default=None)
_Guard = tuple[type[Exception], bool] | None
_guard: ContextVar[_Guard] = ContextVar("portal_guard", default=None)
_lending: ContextVar[bool] = ContextVar("portal_lending", default=False)

INSTEAD_OF_ENGINE = "Use db.session, which is in it."
INSTEAD_OF_DRIVER = "Use db.session.execute()."
INSTEAD_OF_TRANSACTION = "For a savepoint of your own: with db.session.begin_nested(): ..."
BUSY_TIMEOUT_MS = 15_000
#: Pragmas that only tell, as schema inspection asks them.
_TELLING = r"(?:table_x?info|table_list|index_list|index_x?info|foreign_key_list|database_list)"
_LEADING = r"(?:\s|;|--[^\n]*\n|/\*[\s\S]*?\*/)*"
TRANSACTION_CONTROL = re.compile(
    _LEADING + r"(?:COMMIT|END|ABORT|BEGIN|START|PREPARE|ATTACH|DETACH|VACUUM|COPY|LOCK|SET|RESET"
    r"|ROLLBACK|SAVEPOINT|RELEASE"
    rf"|PRAGMA(?!\s+(?:\"?\w+\"?\.)?{_TELLING}\b))\b",
    re.IGNORECASE,
)
DEFINITIONS = re.compile(
    _LEADING + r"(?:CREATE|DROP|ALTER|TRUNCATE|REINDEX|GRANT|REVOKE)\b", re.IGNORECASE
)
#: What defines something, itself or by what it runs.
_DEFINING = re.compile(DEFINITIONS.pattern + rf"|{_LEADING}(?:DO|CALL)\b", re.IGNORECASE)
#: What may hold a semicolon that ends nothing: texts, names, PostgreSQL's bodies of functions.
_TEXTS = re.compile(
    r"/\*[\s\S]*?\*/|--[^\n]*|\bE'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\""
    r"|(?<![\w$])(\$\w*\$)[\s\S]*?\1",
    re.IGNORECASE,
)
#: How SQLAlchemy itself sets and ends savepoints, for begin_nested().
_SAVEPOINTS = (SavepointClause, RollbackToSavepointClause, ReleaseSavepointClause)


@contextmanager
def guarded(error: type[Exception], *, allow_definitions: bool = False) -> Iterator[None]:
    """Refuse, with ``error``, every end of the transaction inside the block.

    DDL is refused too, unless ``allow_definitions`` says that tables may be made (lifecycle callbacks).
    """
    token = begin_guard(error, allow_definitions=allow_definitions)
    try:
        yield
    finally:
        end_guard(token)


def begin_guard(error: type[Exception], *, allow_definitions: bool = False) -> Token[_Guard]:
    """Guard as ``guarded`` does, until ``end_guard`` gets the token: for the path that must be fast."""
    return _guard.set((error, allow_definitions))


def end_guard(token: Token[_Guard]) -> None:
    """End what ``begin_guard`` began."""
    _guard.reset(token)


@contextmanager
def unguarded() -> Iterator[None]:
    """Lift the guard for a step of the host's own inside guarded code."""
    token = _guard.set(None)
    try:
        yield
    finally:
        _guard.reset(token)


@contextmanager
def lending() -> Iterator[None]:
    """Let the session of the running unit take its connection out of the pool, whoever's code runs."""
    token = _lending.set(True)
    try:
        yield
    finally:
        _lending.reset(token)


def is_guarded() -> bool:
    """Tell whether plugin code runs."""
    return _guard.get() is not None


def refuse_if_guarded(
    what: str, instead: str = "Flush at most; the host commits or rolls back."
) -> None:
    """Raise the guard's error when plugin code runs.

    ``what`` names the call, as in ``session.commit()``; ``instead`` says what to do.
    """
    guard = _guard.get()
    if guard is not None:
        raise guard[0](
            f"{what} is not allowed while the portal calls a plugin: the request owns the "
            f"transaction. {instead}"
        )


class _Withheld:
    """Stands for the driver's connection while plugin code runs: SQLAlchemy passes it on, unused."""

    def __getattr__(self, name: str) -> Any:
        refuse_if_guarded(f"connection.connection.{name}", INSTEAD_OF_DRIVER)
        raise AttributeError(name)


class PortalConnection(Connection):
    """A connection that plugin code may use, never end; ``session.connection()`` gives it away."""

    @property
    def connection(self) -> Any:
        """The driver's connection; withheld while plugin code runs, since nothing watches it."""
        return _Withheld() if is_guarded() else super().connection

    def get_transaction(self) -> RootTransaction | None:
        """Return the transaction; refused while plugin code runs, because it could be ended."""
        refuse_if_guarded("connection.get_transaction()", INSTEAD_OF_TRANSACTION)
        return super().get_transaction()

    def get_nested_transaction(self) -> NestedTransaction | None:
        """Return the savepoint; refused while plugin code runs, because it may be the host's."""
        refuse_if_guarded("connection.get_nested_transaction()", INSTEAD_OF_TRANSACTION)
        return super().get_nested_transaction()

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
    event.listen(engine, "checkout", _watch_pool)
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
    with unguarded():
        raw: Any = connection.connection.driver_connection
    raw.execute(f"PRAGMA query_only={int(mode == 'read')}")
    raw.execute("BEGIN IMMEDIATE" if mode == "write" else "BEGIN")


def _begin_postgresql(connection: Connection) -> None:
    if transaction_mode.get() == "read":
        with unguarded():
            raw: Any = connection.connection.driver_connection
        raw.execute("SET TRANSACTION READ ONLY")


def _watch_pool(connection: DBAPIConnection, *rest: object) -> None:
    """Refuse a second connection: on SQLite, it would wait for the request's own, until it gives up."""
    if not _lending.get():
        refuse_if_guarded("A connection of its own (db.engine)", INSTEAD_OF_ENGINE)


def _watch_statement(
    connection: Connection, cursor: Any, statement: str, parameters: Any, context: Any, many: bool
) -> None:
    guard = _guard.get()
    if guard is None or isinstance(getattr(context.compiled, "statement", None), _SAVEPOINTS):
        return
    for each in statements(statement, connection.dialect.name):
        if TRANSACTION_CONTROL.match(each) or (not guard[1] and DEFINITIONS.match(each)):
            refuse_if_guarded(f"The statement {each.strip()[:60]!r}")


def may_define(text: str, dialect: str) -> bool:
    """Tell whether a statement, or one of several in one text, may change the schema."""
    return any(_DEFINING.match(each) for each in statements(text, dialect))


def statements(text: str, dialect: str) -> Sequence[str]:
    """Return what the database would run one after the other; SQLite's driver runs one statement only."""
    if ";" not in text or dialect == "sqlite":
        return (text,)
    return (text, *_TEXTS.sub(" ", text).split(";"))


def _watch_commit(connection: Connection) -> None:
    refuse_if_guarded("connection.commit()")
