"""``ObjectType``: a class that declares its columns in Movable Type's way (M-18)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from flask_babel import gettext as _
from sqlalchemy import MetaData
from sqlalchemy.orm import registry

from portal.pluginengine.columns import (
    ColumnDefinition,
    check_column_name,
    parse_column,
    primary_key_of,
)
from portal.pluginengine.errors import BadValue, LoadError
from portal.pluginengine.objecttypes.tables import table_of
from portal.pluginengine.objecttypes.values import OwnType

#: What every mapped class has, so that no column can be called so.
_TAKEN = frozenset({"metadata", "registry", "column_defs"})


class ObjectType:
    """A type of a plugin's own: columns in ``column_defs``, behaviour in its methods (M-16, M-18).

    Named under ``object_types`` in config.yml, it becomes a mapped class of SQLAlchemy whose table is
    ``plugin_<handle>_<type>``: ``Foo(title="x")`` is a row, ``select(Foo)`` finds them.
    """

    column_defs: ClassVar[Mapping[str, str]] = {}

    def __init__(self, **values: Any) -> None:
        """Make a row of these values; TypeError for a name that is no column."""
        for name, value in values.items():
            if not hasattr(type(self), name):
                raise TypeError(f"{type(self).__name__} has no column {name!r}.")
            setattr(self, name, value)


def read_columns(handle: str, model: type[ObjectType]) -> dict[str, ColumnDefinition]:
    """Return the columns that a class declares; LoadError with class, column and rule."""
    found = {}
    for name, definition in dict(model.column_defs).items():
        try:
            found[check_column_name(name)] = parse_column(definition)
        except BadValue as bad:
            raise LoadError(handle, f"{model.__name__}.column_defs, {name}: {bad}") from bad
    return found


def map_type(
    handle: str,
    name: str,
    model: type[ObjectType],
    columns: Mapping[str, ColumnDefinition],
    metadata: MetaData,
) -> OwnType:
    """Map ``model`` to the table of the type ``name``. Raises LoadError for columns that cannot stand."""
    if not columns:
        raise LoadError(handle, _("%(name)s declares no columns.", name=model.__name__))
    reserved = sorted(set(columns) & _TAKEN)
    if reserved:
        cause = _(
            "The type %(name)s: no column can be called %(columns)s.",
            name=name,
            columns=", ".join(reserved),
        )
        raise LoadError(handle, cause)
    try:
        primary_key_of(columns)
        table = table_of(handle, name, columns, metadata)
    except BadValue as bad:
        raise LoadError(handle, _("The type %(name)s: %(fault)s", name=name, fault=bad)) from bad
    registry(metadata=metadata).map_imperatively(model, table)
    return OwnType(name=name, model=model, table=table)
