"""``group.rating``: a field of a plugin as an attribute of the core's class (3.3.3, engineering B6).

The attribute stays on the class for the process's life and asks the running generation what it means; where
no plugin of that generation has the field, there is none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from flask import Flask, current_app, has_app_context
from flask_babel import gettext as _
from sqlalchemy import Column, ColumnElement, Table, insert, select, update

from portal.core.database import db
from portal.core.units import find_unit
from portal.pluginengine.manifest import FieldDeclaration
from portal.pluginengine.naming import readable
from portal.pluginengine.objecttypes.fieldvalues import checked, shown
from portal.pluginengine.objecttypes.values import CoreType, Extension

EXTENSION: Final = "portal.extensionfields"
_KEY: Final = "object_id"


@dataclass(frozen=True, kw_only=True, eq=False)
class ExtensionField:
    """One field of one plugin on a type of the core, as a generation has it."""

    handle: str
    core: CoreType
    table: Table
    declaration: FieldDeclaration

    @property
    def name(self) -> str:
        """The field's name, which is the attribute's."""
        return self.declaration.name

    @property
    def column(self) -> Column[Any]:
        """Its column in the side table."""
        return self.table.c[self.name]

    @property
    def owner(self) -> Column[Any]:
        """The column of the side table that names the core's row."""
        return self.table.c[_KEY]

    @property
    def label(self) -> str:
        """The label that people read; the name made readable when none was given."""
        return self.declaration.label or readable(self.name)

    def values_of(self, keys: Iterable[int]) -> dict[int, Any]:
        """Return the values of these core rows by key; one SELECT for all fields of the side table."""
        rows = _side_rows(self.table, keys)
        return {key: shown(self.declaration, row and row[self.name]) for key, row in rows}

    def value_of(self, row: Any) -> Any:
        """Return the value of one core row: its own, else the field's default."""
        key = key_of(self.core, row)
        return shown(self.declaration, None) if key is None else self.values_of([key])[key]

    def write(self, row: Any, value: Any) -> None:
        """Store the value of one core row in the running transaction; ValueError says what is wrong with it."""
        fitting = checked(self.declaration, value)
        if key_of(self.core, row) is None:
            db.session.flush()
        key = key_of(self.core, row)
        if key is None:
            raise ValueError(f"Add the {self.core.name} to the session before {self.name} is set.")
        with db.session.no_autoflush:
            own = update(self.table).where(self.owner == key).values({self.name: fitting})
            found = cast(Any, db.session.execute(own))
            if not found.rowcount:
                db.session.execute(insert(self.table).values({_KEY: key, self.name: fitting}))
        _cache(self.table).pop(key, None)

    def expression(self) -> ColumnElement[Any]:
        """Return the field for a WHERE or ORDER BY over the core's table: ``select(Group).where(...)``."""
        (key,) = self.core.table.primary_key.columns
        own = select(self.column).where(self.owner == key)
        return own.correlate(self.core.table).scalar_subquery()


#: The fields of a generation: type of the core, then name.
Fields = Mapping[str, Mapping[str, ExtensionField]]


class ExtensionAttribute:
    """The descriptor on the core's class."""

    def __init__(self, type_name: str, name: str) -> None:
        self._type_name, self._name = type_name, name

    def __get__(self, row: Any, owner: type[Any]) -> Any:
        """Return the value of a row, or on the class an expression; AttributeError when no plugin has it."""
        field = self._field(owner)
        return field.expression() if row is None else field.value_of(row)

    def __set__(self, row: Any, value: Any) -> None:
        """Store a value; AttributeError when nobody has the field, ValueError when it does not fit."""
        self._field(type(row)).write(row, value)

    def _field(self, owner: type[Any]) -> ExtensionField:
        field = fields_of(self._type_name).get(self._name)
        if field is None:
            raise AttributeError(f"{owner.__name__} has no attribute {self._name!r}.")
        return field


def install_fields(app: Flask, extensions: Iterable[tuple[str, Extension]]) -> None:
    """Make these the fields of the app's generation, and see that the core's classes have the attributes.

    ``extensions`` are pairs of the plugin's handle and what it declares.
    """
    fields: dict[str, dict[str, ExtensionField]] = {}
    for handle, each in extensions:
        of_type = fields.setdefault(each.core.name, {})
        for declaration in each.fields:
            of_type[declaration.name] = ExtensionField(
                handle=handle, core=each.core, table=each.table, declaration=declaration
            )
            if not hasattr_static(each.core.model, declaration.name):
                attribute = ExtensionAttribute(each.core.name, declaration.name)
                setattr(each.core.model, declaration.name, attribute)
    app.extensions[EXTENSION] = fields


def hasattr_static(model: type[Any], name: str) -> bool:
    """Tell whether a class has an attribute, without asking its descriptor."""
    return any(name in vars(each) for each in model.__mro__)


def fields_of(type_name: str) -> Mapping[str, ExtensionField]:
    """Return the fields that plugins of the running generation add to a type of the core, by name."""
    if not has_app_context():
        return {}
    fields: Fields = current_app.extensions.get(EXTENSION, {})
    return fields.get(type_name, {})


def all_fields(app: Flask) -> Fields:
    """Return every field of an app's generation."""
    return cast(Fields, app.extensions.get(EXTENSION, {}))


def key_of(core: CoreType, row: Any) -> int | None:
    """Return the key of a core row, None for one that is not in the database yet."""
    (column,) = core.table.primary_key.columns
    return cast("int | None", getattr(row, column.key))


def field_fault(name: str, handle: str) -> str:
    """Say that another plugin has the field already."""
    return _(
        "The field %(name)s exists already: the plugin %(plugin)s adds it. One of the two must rename its own.",
        name=name,
        plugin=handle,
    )


def _cache(table: Table) -> dict[int, Any]:
    unit = find_unit()
    return {} if unit is None else unit.cache.setdefault(("extension", table.name), {})


def _side_rows(table: Table, keys: Iterable[int]) -> Iterator[tuple[int, Any]]:
    """Yield the side rows of these keys, None for those without one; what is known is not read again."""
    wanted, known = list(keys), _cache(table)
    missing = [key for key in wanted if key not in known]
    if missing:
        found = db.session.execute(select(table).where(table.c[_KEY].in_(missing))).mappings()
        known |= {**dict.fromkeys(missing), **{row[_KEY]: row for row in found}}
    yield from ((key, known[key]) for key in wanted)
