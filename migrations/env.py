"""Alembic's environment for the core tables; plugins migrate their own.

One run is one transaction on a connection of its own, on both databases. On SQLite foreign keys are
off before it begins: a batch rebuild drops the old table, and with foreign keys on that would empty
every child table (engineering A1). They are checked before the commit instead.
"""

import sqlite3
from typing import Any, Literal

from alembic import context
from alembic.util import CommandError
from flask import current_app
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.pool import NullPool
from sqlalchemy.types import TypeDecorator

import portal.app  # noqa: F401  imports every package with core tables
from portal.core.database import db

# What others put into the same database: plugins their tables, Huey its queue on PostgreSQL.
FOREIGN_PREFIXES = ("plugin_", "huey_")
LOCK_TIMEOUT = "10s"
LOCK_KEY = 7_076_726  # of the advisory lock that keeps two hosts from migrating at once


def include_object(
    thing: Any, name: str | None, kind: str, reflected: bool, compare_to: object
) -> bool:
    """Hide foreign tables and what hangs on them; autogenerate would propose to drop them."""
    table = thing.name if kind == "table" else getattr(getattr(thing, "table", None), "name", "")
    return not str(table or "").startswith(FOREIGN_PREFIXES) and not str(name or "").startswith(
        FOREIGN_PREFIXES
    )


def render_item(kind: str, item: Any, autogen_context: Any) -> str | Literal[False]:
    """Write our column types as the plain ones below them: old revisions import no code."""
    if kind == "type" and isinstance(item, TypeDecorator):
        return f"sa.{item.impl_instance!r}"
    return False


def migration_engine(url: str) -> Engine:
    """Return an engine that begins as migrations must; the application's begins otherwise."""
    engine = create_engine(url, poolclass=NullPool)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", prepare_sqlite)
        event.listen(engine, "begin", lambda each: each.exec_driver_sql("BEGIN IMMEDIATE"))
    else:
        event.listen(engine, "begin", prepare_postgresql)
    return engine


def prepare_sqlite(connection: sqlite3.Connection, record: object) -> None:
    """Switch foreign keys off while that works: in a transaction the pragma is a no-op."""
    connection.isolation_level = None
    for pragma in ("foreign_keys=OFF", "busy_timeout=15000", "journal_mode=WAL"):
        connection.execute(f"PRAGMA {pragma}")


def prepare_postgresql(connection: Connection) -> None:
    """Wait for locks a while, not for ever; let one host migrate at a time."""
    connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'"))
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK_KEY})


def check_foreign_keys(connection: Connection) -> None:
    """Raise CommandError, which undoes the run, when a row refers to one that is not there."""
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    if broken:
        tables = ", ".join(sorted({row[0] for row in broken}))
        raise CommandError(f"The migration leaves rows that refer to nothing, in: {tables}.")


def run_migrations() -> None:
    """Run the revisions asked for."""
    if context.is_offline_mode():
        raise CommandError("Migrations need the database itself; there is no offline mode.")
    with migration_engine(current_app.config["SQLALCHEMY_DATABASE_URI"]).begin() as connection:
        on_sqlite = connection.dialect.name == "sqlite"
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            include_object=include_object,
            render_item=render_item,
            render_as_batch=True,
            compare_type=True,
            compare_server_default=True,
        )
        context.run_migrations()
        if on_sqlite:
            check_foreign_keys(connection)


run_migrations()
