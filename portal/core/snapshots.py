"""Reading many tables as they are at one moment."""

from __future__ import annotations

from sqlalchemy import text

from portal.core.database import db


def see_one_moment() -> None:
    """Let PostgreSQL show all tables as they are now; SQLite's reading transactions do so anyway.

    Before the first read of a reading unit of work.
    """
    if db.session.connection().dialect.name == "postgresql":
        db.session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
