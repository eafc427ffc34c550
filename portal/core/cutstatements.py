"""A statement that is cut off because a plugin has run for too long costs the statement, not the connection.

SQLAlchemy takes whatever is no ``Exception`` for the end of the process, and throws the connection away with
the transaction that is open on it: the rest of the page could ask nothing any more (engineering B8).
"""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg.pq import TransactionStatus
from sqlalchemy.engine import ExceptionContext

from portal.core.interrupts import TimeIsUp
from portal.core.transactions import unguarded

CANCEL_SECONDS = 5.0
"""How long to wait for PostgreSQL to give a statement up."""


def keep_connection(context: ExceptionContext) -> None:
    """Have the server give up a statement that our own timer has cut; the connection then answers again.

    For ``handle_error``. What cannot be given up in time is lost with its connection, as before.
    """
    if not isinstance(context.original_exception, TimeIsUp) or context.connection is None:
        return
    with unguarded():
        driver: Any = context.connection.connection.driver_connection
        if context.dialect.name == "sqlite" or _is_given_up(driver):
            context.is_disconnect = False


def _is_given_up(driver: Any) -> bool:
    """Cancel what the server is doing and read to the end what it has sent; False when that fails."""
    if driver.info.transaction_status != TransactionStatus.ACTIVE:
        return not driver.closed
    try:
        driver.cancel_safe(timeout=CANCEL_SECONDS)
        while driver.pgconn.get_result() is not None:
            pass
    except (psycopg.Error, OSError):
        return False
    return bool(driver.info.transaction_status == TransactionStatus.INERROR)
