"""Plugins' foreign keys towards the core, dropped and put back around a change of the core's tables (seed 004).

PostgreSQL: what was dropped stands in ``engine_detached_keys`` until it is back, written in the transaction
that drops it, so that a process that dies loses none. SQLite cannot drop a foreign key; there the core's
migrations switch enforcement off for their connection and check every reference (engineering A1, B7).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import String, Text, UniqueConstraint, delete, insert, inspect, select, text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.database import Model


class DetachedKey(Model):
    """A foreign key of a plugin's table that is to be put back: ``definition`` is PostgreSQL's own text."""

    __tablename__ = "engine_detached_keys"
    __table_args__ = (UniqueConstraint("table_name", "constraint_name"),)

    detached_key_id: Mapped[int] = mapped_column(primary_key=True)
    table_name: Mapped[str] = mapped_column(String(63))
    constraint_name: Mapped[str] = mapped_column(String(63))
    definition: Mapped[str] = mapped_column(Text)


@dataclass(frozen=True, kw_only=True)
class Key:
    """A foreign key of a plugin's table towards the core."""

    table: str
    name: str
    definition: str

    def __str__(self) -> str:
        return f"{self.table}.{self.name}"


@dataclass(frozen=True, kw_only=True)
class Attached:
    """What came back, and what did not, each with the database's reason."""

    keys: tuple[Key, ...] = ()
    left: tuple[tuple[Key, str], ...] = ()


#: Of plugins' tables in this schema, those that lead to a table that is no plugin's.
_KEYS: Final = text(
    """
    SELECT c.relname::text, k.conname::text, pg_get_constraintdef(k.oid)
    FROM pg_constraint k
    JOIN pg_class c ON c.oid = k.conrelid
    JOIN pg_class target ON target.oid = k.confrelid
    WHERE k.contype = 'f' AND k.connamespace = current_schema()::regnamespace
      AND starts_with(c.relname, 'plugin_') AND NOT starts_with(target.relname, 'plugin_')
    ORDER BY 1, 2
    """
)


def can_detach(connection: Connection) -> bool:
    """Tell whether this database can drop a foreign key: PostgreSQL can, SQLite cannot."""
    return connection.dialect.name == "postgresql"


def attached_keys(connection: Connection) -> list[Key]:
    """Return the foreign keys of all plugins towards the core that are in force (PostgreSQL)."""
    return [
        Key(table=table, name=name, definition=definition)
        for table, name, definition in connection.execute(_KEYS)
    ]


def detached_keys(connection: Connection) -> list[Key]:
    """Return the keys that are waiting to be put back."""
    if not inspect(connection).has_table(DetachedKey.__tablename__):
        return []
    columns = (DetachedKey.table_name, DetachedKey.constraint_name, DetachedKey.definition)
    return [
        Key(table=table, name=name, definition=definition)
        for table, name, definition in connection.execute(
            select(*columns).order_by(DetachedKey.detached_key_id)
        )
    ]


def detach(connection: Connection) -> list[Key]:
    """Drop the foreign keys of all plugins towards the core, and note them, in the running transaction.

    The table of notes is made where the core's migrations have not made it yet.
    """
    keys = attached_keys(connection)
    if keys:
        DetachedKey.metadata.tables[DetachedKey.__tablename__].create(connection, checkfirst=True)
    for key in keys:
        _forget(connection, key)
        connection.execute(
            insert(DetachedKey),
            {
                "table_name": key.table,
                "constraint_name": key.name,
                "definition": key.definition,
            },
        )
        connection.execute(
            text(f"ALTER TABLE {_table(connection, key)} DROP CONSTRAINT {_name(connection, key)}")
        )
    return keys


def attach(connection: Connection) -> Attached:
    """Put every noted key back, in the running transaction; what cannot be put back stays noted.

    A table that has gone takes its keys with it.
    """
    wanted, came, left = detached_keys(connection), [], []
    tables = set(inspect(connection).get_table_names())
    for key in wanted:
        if key.table in tables and not _is_in_force(connection, key):
            cause = _put_back(connection, key)
            if cause:
                left.append((key, cause))
                continue
        if key.table in tables:
            came.append(key)
        _forget(connection, key)
    missing = [key for key in came if not _is_in_force(connection, key)]
    left += [(key, "it is not in force") for key in missing]
    return Attached(keys=tuple(each for each in came if each not in missing), left=tuple(left))


def broken_references(connection: Connection) -> Sequence[str]:
    """Return the tables with rows that refer to nothing (SQLite)."""
    rows = connection.exec_driver_sql("PRAGMA foreign_key_check")
    return sorted({str(row[0]) for row in rows})


def _put_back(connection: Connection, key: Key) -> str:
    """Add the constraint; return why that is impossible, or nothing."""
    savepoint = connection.begin_nested()
    table, name = _table(connection, key), _name(connection, key)
    try:
        connection.exec_driver_sql(f"ALTER TABLE {table} ADD CONSTRAINT {name} {key.definition}")
    except DBAPIError as error:
        savepoint.rollback()
        return " ".join(str(error.orig).split())
    savepoint.commit()
    return ""


def _is_in_force(connection: Connection, key: Key) -> bool:
    found: Iterator[Key] = (each for each in attached_keys(connection) if str(each) == str(key))
    return any("NOT VALID" not in each.definition for each in found)


def _forget(connection: Connection, key: Key) -> None:
    connection.execute(
        delete(DetachedKey).where(
            DetachedKey.table_name == key.table, DetachedKey.constraint_name == key.name
        )
    )


def _table(connection: Connection, key: Key) -> str:
    return connection.dialect.identifier_preparer.quote(key.table)


def _name(connection: Connection, key: Key) -> str:
    return connection.dialect.identifier_preparer.quote(key.name)
