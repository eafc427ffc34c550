"""A plugin's tables for the export: their columns, and their rows one by one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import inspect, text, types
from sqlalchemy.engine import Connection
from sqlalchemy.exc import CompileError

from portal.pluginengine import naming
from portal.pluginengine.export.values import Json, Kind, as_json

#: How many rows are fetched at a time.
BATCH: Final = 500

#: The first that fits counts: a Boolean of SQLite is no Integer, a Float is a Numeric.
_KINDS: Final[Mapping[type[types.TypeEngine[Any]], Kind]] = MappingProxyType(
    {
        types.Boolean: "boolean",
        types.DateTime: "datetime",
        types.Date: "date",
        types.Time: "time",
        types.Integer: "integer",
        types.Float: "float",
        types.Numeric: "decimal",
        types.LargeBinary: "bytes",
        types.String: "text",
    }
)
#: What PostgreSQL's driver hands out as it is; the rest is asked for as text, exact to the last digit.
_PLAIN: Final = frozenset({"boolean", "bytes", "float", "integer", "text"})


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column as the database describes it: its type in words, and what its values are in JSON."""

    name: str
    type: str
    kind: Kind
    is_nullable: bool


@dataclass(frozen=True, kw_only=True)
class OwnTable:
    """A table of a plugin; ``key`` names the columns of its primary key."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]


def tables_of(connection: Connection, handle: str) -> Iterator[OwnTable]:
    """Yield the tables that carry the plugin's prefix, by name (design 7)."""
    for name in sorted(inspect(connection).get_table_names()):
        if name.startswith(naming.prefix(handle)):
            yield own_table(connection, name)


def own_table(connection: Connection, name: str) -> OwnTable:
    """Return a table that is in the database."""
    inspector = inspect(connection)
    return OwnTable(
        name=name,
        columns=tuple(_column(each) for each in inspector.get_columns(name)),
        key=tuple(inspector.get_pk_constraint(name)["constrained_columns"]),
    )


def rows_of(
    connection: Connection, table: OwnTable, about: Sequence[tuple[str, object]] = ()
) -> Iterator[dict[str, Json]]:
    """Yield the rows of a table in the order of its key, a batch at a time: never all in memory.

    ``about`` keeps to the rows in which one of these columns has the value beside it.
    """
    quote = connection.dialect.identifier_preparer.quote
    asks_text = connection.dialect.name != "sqlite"
    selected = ", ".join(
        f"CAST({quote(each.name)} AS TEXT)"
        if asks_text and each.kind not in _PLAIN
        else quote(each.name)
        for each in table.columns
    )
    order = f" ORDER BY {', '.join(map(quote, table.key))}" if table.key else ""
    asked = {f"about_{place}": value for place, (_name, value) in enumerate(about)}
    alike = [f"{quote(name)} = :about_{place}" for place, (name, _value) in enumerate(about)]
    where = f" WHERE {' OR '.join(alike)}" if alike else ""
    query = text(f"SELECT {selected} FROM {quote(table.name)}{where}{order}")  # noqa: S608
    options = {"stream_results": True, "yield_per": BATCH}
    with connection.execute(query, asked, execution_options=options) as found:
        for row in found:
            yield {
                column.name: as_json(value, column.kind)
                for column, value in zip(table.columns, row, strict=True)
            }


def _column(described: Mapping[str, Any]) -> Column:
    return Column(
        name=described["name"],
        type=_words(described["type"]),
        kind=_kind(described["type"]),
        is_nullable=bool(described["nullable"]),
    )


def _kind(declared: types.TypeEngine[Any]) -> Kind:
    return next((kind for known, kind in _KINDS.items() if isinstance(declared, known)), "other")


def _words(declared: types.TypeEngine[Any]) -> str:
    try:
        return str(declared)
    except CompileError:
        return type(declared).__name__
