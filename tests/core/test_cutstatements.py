"""What a deadline in the middle of a statement leaves of its connection."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import text

from portal.core.database import db
from portal.core.interrupts import TimeIsUp
from portal.core.transactions import guarded

#: Long enough to be cut; SQLite's driver hears of it when the statement is done.
LONG = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500000)"
    " SELECT max(i) FROM n",
    "postgresql": "SELECT pg_sleep(30)",
}


@contextmanager
def time_is_up_after(seconds: float) -> Iterator[None]:
    """Cut what runs in the block, as ``pluginengine.health.deadline`` does."""

    def tick(number: int, frame: object) -> None:
        raise TimeIsUp(seconds, whose=None)

    before = signal.signal(signal.SIGALRM, tick)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_a_statement_that_is_cut_leaves_the_transaction_around_its_savepoint(
    database_url: str,
) -> None:
    """Engineering B8: a handler that hangs in a slow query costs its own part of the page."""
    with db.engine_for(database_url).connect() as connection:
        connection.execute(text("CREATE TEMPORARY TABLE kept (number INTEGER)"))
        savepoint = connection.begin_nested()
        with guarded(RuntimeError), pytest.raises(TimeIsUp), time_is_up_after(0.05):
            connection.execute(text(LONG[connection.dialect.name]))
        savepoint.rollback()
        assert connection.execute(text("SELECT count(*) FROM kept")).scalar() == 0
        connection.rollback()
