"""Column definitions as tables: what ``string(255) not null`` is in a database (3.3.2)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    Float,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    false,
    text,
    true,
)
from sqlalchemy.types import TypeEngine

from portal.core.clock import UtcDateTime, now
from portal.core.database import db
from portal.pluginengine import naming
from portal.pluginengine.columns import STRING_SIZE, ColumnDefinition
from portal.pluginengine.declarative import NAMING_CONVENTION

KEY: Final = "id"
"""The column that a type gets which declares no primary key (M-18)."""

_TYPES: Final[Mapping[str, Callable[[], TypeEngine[Any]]]] = MappingProxyType(
    {
        "integer": Integer,
        "smallint": SmallInteger,
        "bigint": BigInteger,
        "boolean": Boolean,
        "datetime": UtcDateTime,
        "timestamp": UtcDateTime,
        "float": Float,
        "double": Double,
        "text": Text,
        "blob": LargeBinary,
    }
)


def new_metadata() -> MetaData:
    """Return an empty set of tables whose parts are named with their table's prefix."""
    return MetaData(naming_convention=NAMING_CONVENTION)


def type_of(definition: ColumnDefinition) -> TypeEngine[Any]:
    """Return the database type of a definition."""
    if definition.kind == "string":
        return String(definition.size or STRING_SIZE)
    made = _TYPES[definition.kind]()
    # SQLite counts up only what is called INTEGER
    return made.with_variant(Integer(), "sqlite") if definition.auto_increment else made


def column_of(name: str, definition: ColumnDefinition) -> Column[Any]:
    """Return the column that a definition describes.

    A reference is made of the core's own column; rows go with what they refer to, or lose it where
    the column may be empty. A ``timestamp`` is set on every insert and update.
    """
    options: dict[str, Any] = {}
    if definition.kind == "timestamp":
        options |= {"default": now, "onupdate": now}
    elif definition.default is not None:
        value = definition.default
        options |= {"default": value, "server_default": _server_default(value)}
    return Column(
        name,
        type_of(definition),
        *_references(definition),
        primary_key=definition.primary_key,
        autoincrement=definition.auto_increment,
        nullable=not (definition.not_null or definition.primary_key),
        index=(definition.indexed or definition.references is not None)
        and not definition.primary_key,
        **options,
    )


def table_of(
    handle: str, name: str, columns: Mapping[str, ColumnDefinition], metadata: MetaData
) -> Table:
    """Return ``plugin_<handle>_<name>`` with these columns, and an ``id`` in front when none is a key.

    Raises BadValue when no table can have that name.
    """
    made = [column_of(each, definition) for each, definition in columns.items()]
    if not any(each.primary_key for each in made):
        made.insert(0, Column(KEY, Integer, primary_key=True))
    return Table(naming.table(handle, name), metadata, *made)


def core_table(name: str) -> Table:
    """Return a table of the core; KeyError when it has none of that name."""
    return db.metadata.tables[name]


def _references(definition: ColumnDefinition) -> Iterable[ForeignKey]:
    if definition.references is not None:
        (key,) = core_table(definition.references).primary_key.columns
        yield ForeignKey(key, ondelete="CASCADE" if definition.not_null else "SET NULL")


def _server_default(value: object) -> Any:
    if isinstance(value, bool):
        return true() if value else false()
    return value if isinstance(value, str) else text(str(value))
