"""Fills every table of a migrated database with a row, whatever its columns: by looking at them."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, MetaData, Table, func, inspect, select
from sqlalchemy.schema import Column

# column IN ('a', 'b'), or as PostgreSQL gives it back: (column)::text = ANY ((ARRAY['a'::...
ONE_OF = re.compile(
    r"\(*(\w+)\)*(?:::\w+)?\s*(?:=\s*ANY\s*\(+ARRAY\[|IN\s*\(|=\s*)\(*('[^']*'|\d+)"
)


def fill(connection: Connection) -> None:
    """Insert a row into every empty table, in the order of their foreign keys."""
    metadata = MetaData()
    metadata.reflect(connection)
    for table in metadata.sorted_tables:
        if table.name != "alembic_version" and not count(connection, table):
            chosen = choices(connection, table.name)
            row = {
                column.name: value_for(connection, column, chosen)
                for column in table.columns
                if not is_counted(column)
            }
            connection.execute(table.insert().values(row))


def is_counted(column: Column[Any]) -> bool:
    """Tell whether PostgreSQL numbers the rows itself, and has to know of those that there are."""
    return bool(column.primary_key) and "nextval" in str(getattr(column.server_default, "arg", ""))


def counts(connection: Connection) -> Mapping[str, int]:
    """Return the number of rows of every table."""
    metadata = MetaData()
    metadata.reflect(connection)
    return {name: count(connection, table) for name, table in metadata.tables.items()}


def count(connection: Connection, table: Table) -> int:
    """Return the number of rows of the table."""
    return connection.execute(select(func.count()).select_from(table)).scalar_one()


def choices(connection: Connection, table: str) -> Mapping[str, Any]:
    """Return, per column, the first value that its CHECK constraint lists."""
    chosen: dict[str, Any] = {}
    for check in inspect(connection).get_check_constraints(table):
        found = ONE_OF.search(str(check["sqltext"]))
        if found:
            column, value = found.groups()
            chosen[column] = value.strip("'") if value.startswith("'") else int(value)
    return chosen


def value_for(connection: Connection, column: Column[Any], chosen: Mapping[str, Any]) -> Any:
    """Return a value that the column takes: the parent's key, a listed one, or one of its type."""
    for key in column.foreign_keys:
        return connection.execute(select(key.column)).scalars().first()
    if column.name in chosen:
        return chosen[column.name]
    try:
        kind = column.type.python_type
    except NotImplementedError:
        return None
    return {
        int: 1,
        float: 1.0,
        bool: True,
        str: "x",
        datetime: datetime(2026, 1, 1, tzinfo=UTC),
        object: {},
        bytes: b"x",
    }[kind]
