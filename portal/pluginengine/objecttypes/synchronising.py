"""Tables and declarations side by side: what is added by itself, and what only a function may do (3.3.4).

Added: tables, columns that may be empty or have a default, indexes, room for longer strings. Everything
else, whatever could lose something, is told as a difference.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from alembic.migration import MigrationContext
from flask_babel import gettext as _
from sqlalchemy import Column, Index, MetaData, String, Table, UniqueConstraint, inspect
from sqlalchemy.engine import Connection
from sqlalchemy.schema import sort_tables

from portal.pluginengine.objecttypes.changes import AddColumn, Relax, Widen


def add_what_is_missing(connection: Connection, tables: Iterable[Table]) -> None:
    """Make the tables, columns and indexes that are declared and not there; rows stay as they are."""
    wanted = list(tables)
    there = set(inspect(connection).get_table_names())
    for table in sort_tables(wanted):
        if table not in wanted:
            continue  # of the core
        if table.name in there:
            _extend(connection, table)
        else:
            table.create(connection)


def create_missing(connection: Connection, tables: Iterable[Table]) -> None:
    """Make the tables that are not there, and nothing else."""
    there = set(inspect(connection).get_table_names())
    absent = [table for table in tables if table.name not in there]
    for table in sort_tables(absent):
        if table in absent:
            table.create(connection)


def differences(connection: Connection, tables: Iterable[Table]) -> list[str]:
    """Say, for people, where the tables of the database differ from the declared ones."""
    return [each for table in tables for each in _differences(connection, table)]


def _extend(connection: Connection, table: Table) -> None:
    there = _reflected(connection, table.name)
    for column in table.columns:
        present = there.columns.get(column.name)
        if present is None:
            if _can_be_added(column):
                connection.execute(AddColumn(column))
        elif connection.dialect.name == "postgresql":  # SQLite keeps any length in any string
            if _length(column) > _length(present) > 0:
                connection.execute(Widen(column))
            if column.nullable and not present.nullable:
                connection.execute(Relax(column))
    names = {each["name"] for each in inspect(connection).get_columns(table.name)}
    for index in table.indexes:
        parts = {column.name for column in index.columns}
        if parts <= names and not _has_index(connection, index):
            index.create(connection)


def _can_be_added(column: Column[Any]) -> bool:
    return not column.primary_key and (column.nullable or column.server_default is not None)


def _length(column: Column[Any]) -> int:
    return column.type.length or 0 if isinstance(column.type, String) else 0


def _has_index(connection: Connection, index: Index) -> bool:
    assert index.table is not None
    wanted = [column.name for column in index.columns]
    return any(
        each["column_names"] == wanted and bool(each["unique"]) >= bool(index.unique)
        for each in inspect(connection).get_indexes(index.table.name)
    )


def _differences(connection: Connection, table: Table) -> Iterator[str]:
    there = _reflected(connection, table.name)
    for column in table.columns:
        present = there.columns.get(column.name)
        place = f"{table.name}.{column.name}"
        if present is None:
            yield _("%(column)s is missing, and cannot be added by itself", column=place)
            continue
        if _has_another_type(connection, present, column):
            yield _(
                "%(column)s is %(old)s, not %(new)s",
                column=place,
                old=_in_words(connection, present),
                new=_in_words(connection, column),
            )
        if present.nullable != column.nullable:
            yield (
                _("%(column)s may not be empty yet", column=place)
                if column.nullable
                else _("%(column)s may be empty still", column=place)
            )
        if present.primary_key != column.primary_key:
            yield _("%(column)s stands otherwise in the primary key", column=place)
        if _targets(column) - _targets(present):
            yield _("%(column)s refers to nothing yet", column=place)
    for name in sorted(set(there.columns.keys()) - set(table.columns.keys())):
        yield _("%(column)s is declared no more", column=f"{table.name}.{name}")
    present_keys = _unique_columns(there)
    for wanted in sorted(_unique_columns(table) - present_keys):
        yield _(
            "%(table)s (%(columns)s) is not unique yet", table=table.name, columns=", ".join(wanted)
        )


def _has_another_type(connection: Connection, present: Column[Any], wanted: Column[Any]) -> bool:
    if _length(wanted) and _length(present):  # a longer one was made room for, or needs none
        return _length(wanted) < _length(present)
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return bool(context.impl.compare_type(present, wanted))


def _in_words(connection: Connection, column: Column[Any]) -> str:
    return str(column.type.compile(dialect=connection.dialect))


def _targets(column: Column[Any]) -> set[str]:
    return {key.target_fullname for key in column.foreign_keys}


def _unique_columns(table: Table) -> set[tuple[str, ...]]:
    """Return the sorted names of the columns of each unique constraint and unique index."""
    found: list[Sequence[Column[Any]]] = [
        list(each.columns) for each in table.constraints if isinstance(each, UniqueConstraint)
    ]
    found += [list(each.columns) for each in table.indexes if each.unique]
    return {tuple(sorted(column.name for column in columns)) for columns in found}


def _reflected(connection: Connection, name: str) -> Table:
    return Table(name, MetaData(), autoload_with=connection, resolve_fks=False)
