"""Columns of a plugin's own tables as field declarations, whatever way they were declared (M-16 to M-18)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DefaultClause,
    Double,
    Enum,
    Float,
    Integer,
    SmallInteger,
    String,
    Text,
)
from sqlalchemy.orm import class_mapper
from sqlalchemy.orm.exc import UnmappedColumnError

from portal.core.clock import UtcDateTime
from portal.pluginengine.columns import INTEGER_RANGES, ColumnDefinition, ColumnKind, Reference
from portal.pluginengine.manifest.values import FieldDeclaration
from portal.pluginengine.naming import readable
from portal.pluginengine.objecttypes.values import OwnType

#: The kind of each type of SQLAlchemy's, a type before those that it is derived from.
_KINDS: Final[tuple[tuple[type[Any], ColumnKind], ...]] = (
    (SmallInteger, "smallint"),
    (BigInteger, "bigint"),
    (Integer, "integer"),
    (Boolean, "boolean"),
    (UtcDateTime, "datetime"),
    (Double, "double"),
    (Float, "float"),
    (Text, "text"),
    (String, "string"),
)
_REFERENCES: Final[tuple[Reference, ...]] = ("groups", "users")
_MOMENTS: Final = ("datetime", "timestamp")

Default = str | int | bool | Decimal


def fields_of_type(
    own: OwnType, declared: Mapping[str, FieldDeclaration]
) -> dict[str, FieldDeclaration]:
    """Return the columns of a type that pages can show, by name; as ``declared`` where config.yml says so.

    Left out are bytes, what has a type of its own (JSON, intervals, naive moments), and a column that the
    class calls otherwise. Labels are filled in. ``edit`` says that forms ask for it: for no key, no
    moment that is set by itself, nothing that the database or the class's code works out, and nothing that
    says no itself.
    """
    found = {}
    for column in own.table.columns:
        field = declared.get(column.key) or _derived(column)
        if field is None or field.column.kind == "blob" or not _is_attribute(own.model, column):
            continue
        label = field.label or _label_of(field)
        found[column.key] = replace(field, label=label, edit=_is_asked(column, field))
    return found


def _label_of(field: FieldDeclaration) -> str:
    """Return the name made readable; what refers to somebody is called after that: ``user_id``, User."""
    is_reference = field.column.references is not None
    return readable(field.name.removesuffix("_id") if is_reference else field.name)


def must_be_given(column: Column[Any]) -> bool:
    """Tell whether no row can be made without a value for it; a key that counts up needs none."""
    is_made = column.default is not None or column.server_default is not None
    is_counted = column.table.autoincrement_column is column
    return not (column.nullable or is_made or is_counted)


def _is_attribute(model: type[Any], column: Column[Any]) -> bool:
    mapper = class_mapper(model, configure=False)
    try:
        name: str = mapper.get_property_by_column(column).key
    except UnmappedColumnError:
        return False
    return name == column.key


def _derived(column: Column[Any]) -> FieldDeclaration | None:
    """Read a declaration off a column of a class; None for a type that has no kind."""
    kind = _kind_of(column)
    if kind is None:
        return None
    size = getattr(column.type, "length", None) if kind == "string" else None
    choices = tuple(column.type.enums) if isinstance(column.type, Enum) else ()
    definition = ColumnDefinition(
        text=str(column.type) if kind != "datetime" else kind,
        kind=kind,
        size=size,
        not_null=not column.nullable,
        primary_key=column.primary_key,
        indexed=bool(column.index),
        default=_default_of(column, kind),
        references=_reference_of(column),
    )
    return FieldDeclaration(name=column.key, column=definition, choices=choices)


def _kind_of(column: Column[Any]) -> ColumnKind | None:
    if isinstance(column.type, Enum) and (column.type.enum_class or column.type.native_enum):
        return None  # its values are no texts, in Python or in PostgreSQL
    kind = next((kind for each, kind in _KINDS if isinstance(column.type, each)), None)
    if kind != "datetime":
        return kind
    is_set_by_itself = column.onupdate is not None or _is_worked_out(column, kind)
    return "timestamp" if is_set_by_itself else kind


def _default_of(column: Column[Any], kind: ColumnKind) -> Default | None:
    """Return what a form may suggest: a plain default of the class's, or else of the table's."""
    given = column.default if column.default is not None else column.server_default
    value = getattr(given, "arg", None)
    if isinstance(given, DefaultClause):
        value = _read(value, kind)
    if kind in _MOMENTS or not isinstance(value, str | int | bool | float | Decimal):
        return None
    return Decimal(str(value)) if isinstance(value, float) else value


def _read(written: Any, kind: ColumnKind) -> Default | None:
    """Return a default as the table's definition writes it as a value; None for an expression."""
    if kind in ("string", "text"):
        return written if isinstance(written, str) else None
    word = str(written).strip().lower()  # true(), text("0") and plain texts alike
    if kind == "boolean":
        return {"0": False, "false": False, "1": True, "true": True}.get(word)
    try:
        return int(word) if kind in INTEGER_RANGES else Decimal(word)
    except (ValueError, InvalidOperation):
        return None


def _reference_of(column: Column[Any]) -> Reference | None:
    targets = {each.target_fullname.partition(".")[0] for each in column.foreign_keys}
    return next((name for name in _REFERENCES if name in targets), None)


def _is_worked_out(column: Column[Any], kind: ColumnKind) -> bool:
    """Tell whether code, or an expression in the database, gives the value that nobody gives."""
    if column.default is not None:
        return not column.default.is_scalar
    return column.server_default is not None and _default_of(column, kind) is None


def _is_asked(column: Column[Any], field: FieldDeclaration) -> bool:
    kind = field.column.kind
    is_worked_out = kind == "timestamp" or _is_worked_out(column, kind)
    return field.edit is not False and not (column.primary_key or is_worked_out)
