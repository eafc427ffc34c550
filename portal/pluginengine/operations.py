"""One operation on the site's plugins at a time, whichever process asks, and the lock that sees to it.

SQLite: a file lock in the var directory, which dies with its process. PostgreSQL: a session advisory
lock on a connection of its own, which dies with its connection.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TypeVar

from flask_babel import get_locale
from flask_babel import gettext as _
from psycopg.errors import LockNotAvailable
from sqlalchemy import text, update
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, OperationalError

from portal.core import unit_of_work
from portal.core.database import db
from portal.core.units import find_unit
from portal.pluginengine.errors import Refused
from portal.pluginengine.models import SiteRow
from portal.pluginengine.runtime import Runtime

LOCK_NUMBER = 0x706F7274616C  # "portal"
PATIENCE_SECONDS = 10.0
LOCK_TIMEOUT_MS = 300
RETRY_PAUSES_SECONDS = (0.1, 0.2, 0.4, 0.8, 1.6, 3.2)

Outcome = TypeVar("Outcome")


@contextmanager
def locked(runtime: Runtime, *, patience: float = PATIENCE_SECONDS) -> Iterator[None]:
    """Hold the operations' lock; the caller's own transaction is ended first.

    Raises ``Refused`` when another operation holds it for longer than ``patience`` seconds.
    """
    get_locale()  # remembered from here on: later it would be read through the caller's transaction
    if find_unit() is not None:
        unit_of_work.recover()
    with _lock(runtime, patience):
        yield


@contextmanager
def transaction(runtime: Runtime) -> Iterator[None]:
    """Open a writing unit of work inside the lock; commit at the end, or undo everything."""
    with unit_of_work.unit_of_work("write"):
        if not _is_sqlite(runtime):
            db.session.execute(text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT_MS}ms'"))
        yield


def is_lock_timeout(error: BaseException) -> bool:
    """Tell whether PostgreSQL gave up waiting for a lock."""
    return isinstance(error, OperationalError) and isinstance(error.orig, LockNotAvailable)


def is_lost(error: BaseException) -> bool:
    """Tell whether the connection broke: nobody knows yet whether the transaction was committed."""
    return isinstance(error, DBAPIError) and error.connection_invalidated


def again_when_locked(attempt: Callable[[], Outcome]) -> Outcome:
    """Run an operation, whole, again when PostgreSQL could not get a lock soon enough (engineering B2).

    DDL towards core tables would otherwise queue behind an open transaction, and every reader behind it.
    """
    for pause in RETRY_PAUSES_SECONDS:
        try:
            return attempt()
        except OperationalError as error:
            if not is_lock_timeout(error):
                raise
        time.sleep(pause)
    try:
        return attempt()
    except OperationalError as error:
        raise Refused(
            _("The database is too busy to change plugins right now."),
            _("Nothing was changed. Try again in a minute."),
        ) from error


def raise_generation() -> int:
    """Raise the site's generation inside the running transaction and return it."""
    raised = update(SiteRow).values(generation=SiteRow.generation + 1).returning(SiteRow.generation)
    generation = db.session.execute(raised).scalar()
    if generation is None:
        db.session.add(SiteRow(site_id=1, generation=1))
        db.session.flush()
    return generation or 1


@contextmanager
def _lock(runtime: Runtime, patience: float) -> Iterator[None]:
    if _is_sqlite(runtime):
        with _file_lock(runtime, patience):
            yield
    else:
        with _advisory_lock(runtime, patience):
            yield


@contextmanager
def _file_lock(runtime: Runtime, patience: float) -> Iterator[None]:
    runtime.var.mkdir(parents=True, exist_ok=True)
    handle = os.open(runtime.var / "operations.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _wait(lambda: _try_flock(handle), patience)
        try:
            yield
        finally:  # for whatever a callback has forked, too: closing would leave it with them
            fcntl.flock(handle, fcntl.LOCK_UN)
    finally:
        os.close(handle)


def _try_flock(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def _advisory_lock(runtime: Runtime, patience: float) -> Iterator[None]:
    engine = db.engine_for(runtime.database_url).execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        number = {"number": LOCK_NUMBER}
        _wait(
            lambda: bool(
                connection.execute(text("SELECT pg_try_advisory_lock(:number)"), number).scalar()
            ),
            patience,
        )
        try:
            yield
        finally:
            with suppress(DBAPIError):  # a lost connection has lost the lock, too
                connection.execute(text("SELECT pg_advisory_unlock(:number)"), number)


def _is_sqlite(runtime: Runtime) -> bool:
    return make_url(runtime.database_url).get_backend_name() == "sqlite"


def _wait(attempt: Callable[[], bool], patience: float) -> None:
    limit = time.monotonic() + patience
    while not attempt():
        if time.monotonic() > limit:
            raise Refused(
                _("Another operation on the site's plugins is running."),
                _("Wait until it has finished, then try again."),
            )
        time.sleep(0.05)
