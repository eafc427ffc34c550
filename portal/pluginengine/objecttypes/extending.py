"""Fields that a plugin adds to a type of the core: its side table, and what such a field may be (3.3.3)."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any, Final

from flask_babel import gettext as _
from sqlalchemy import Column, ForeignKey, Index, Integer, MetaData, Table
from sqlalchemy.types import TypeEngine

from portal.core.ordering import ordered_text
from portal.pluginengine import naming
from portal.pluginengine.columns import STRING_SIZE, ColumnDefinition
from portal.pluginengine.errors import LoadError
from portal.pluginengine.manifest import FieldDeclaration, ObjectTypeDeclaration
from portal.pluginengine.objecttypes.attributes import ExtensionAttribute
from portal.pluginengine.objecttypes.tables import type_of
from portal.pluginengine.objecttypes.values import CoreType, Extension

OWNER: Final = "object_id"
"""The key of a side table: the core's row that the values belong to."""

LONGEST_INDEXED: Final = 500
"""Longer strings are not indexed, in characters: PostgreSQL takes about 2,700 bytes."""


def is_sortable(definition: ColumnDefinition) -> bool:
    """Tell whether lists can be sorted by a field: there is an index for it unless ``noindex`` says no."""
    is_short = definition.size is None or definition.size <= LONGEST_INDEXED
    return definition.is_sortable and is_short and not definition.noindex


def extension_of(
    handle: str, core: CoreType, declared: ObjectTypeDeclaration, metadata: MetaData
) -> Extension:
    """Return the fields of a declaration with their side table ``plugin_<handle>_x_<type>``.

    Each sortable field has an index together with the key, which makes sorting by it as quick as by a
    field of the core (engineering B5). Raises LoadError for what cannot be a field.
    """
    for fault in _faults(core, declared):
        raise LoadError(handle, fault)
    name = naming.table(handle, f"x_{core.name}")
    (key,) = core.table.primary_key.columns
    table = Table(
        name,
        metadata,
        Column(
            OWNER,
            Integer,
            ForeignKey(key, ondelete="CASCADE"),
            primary_key=True,
            autoincrement=False,
        ),
        *(Column(each.name, _type_of(each.column)) for each in declared.fields),
    )
    for each in declared.fields:
        if is_sortable(each.column):
            Index(f"{name}_{each.name}_ix"[:63], table.c[each.name], table.c[OWNER])
    return Extension(core=core, table=table, fields=declared.fields)


def _type_of(definition: ColumnDefinition) -> TypeEngine[Any]:
    """Return the type of a field; texts that lists are sorted by compare alike on both databases."""
    if definition.kind == "string" and is_sortable(definition):
        return ordered_text(definition.size or STRING_SIZE)
    return type_of(definition)


def _faults(core: CoreType, declared: ObjectTypeDeclaration) -> Iterator[str]:
    if not declared.fields:
        yield _("The type %(name)s is extended by no field.", name=declared.name)
    for field in declared.fields:
        place = f"{declared.name}.{field.name}"
        if _is_key(field) or field.name == OWNER:
            yield _("%(place)s cannot be a key, nor refer to one.", place=place)
        found = inspect.getattr_static(core.model, field.name, None)
        if found is not None and not isinstance(found, ExtensionAttribute):
            yield _(
                "%(place)s: the portal has a field of that name already. Choose another.",
                place=place,
            )


def _is_key(field: FieldDeclaration) -> bool:
    column = field.column
    return column.primary_key or column.auto_increment or column.references is not None
