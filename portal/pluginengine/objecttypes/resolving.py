"""From the declarations of a manifest to tables and mapped classes (M-16, M-24, M-25; 3.3.2).

What was made stands on the plugin's package: generations share it as they share its modules
(engineering A6), and it goes when the package goes.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Table
from sqlalchemy.orm import DeclarativeBase

from portal.core.database import OwnTables
from portal.pluginengine.errors import LoadError
from portal.pluginengine.manifest import CodePath, Manifest, ObjectTypeDeclaration
from portal.pluginengine.objecttypes.declared import ObjectType, map_type, read_columns
from portal.pluginengine.objecttypes.extending import extension_of
from portal.pluginengine.objecttypes.tables import new_metadata
from portal.pluginengine.objecttypes.values import CoreTypes, Extension, OwnType, PluginTypes

Importer = Callable[[str], ModuleType | None]

_TYPES = "__portal_types__"


def types_of(
    handle: str, package: str, manifest: Manifest, load: Importer, core: CoreTypes
) -> PluginTypes:
    """Return the types of a plugin whose package is imported; raises LoadError for what cannot be made.

    ``load`` imports a module of the package.
    """
    if not manifest.object_types:
        return PluginTypes()
    load("models")
    module = sys.modules[package]
    made: PluginTypes | LoadError | None = vars(module).get(_TYPES)
    if made is None:
        try:
            made = _make(handle, manifest, load, core)
        except LoadError as error:
            made = error  # a class that is mapped cannot be tried again
        setattr(module, _TYPES, made)
    if isinstance(made, LoadError):
        raise made
    return made


def _make(handle: str, manifest: Manifest, load: Importer, core: CoreTypes) -> PluginTypes:
    metadata = new_metadata()
    own: dict[str, OwnType] = {}
    extensions: dict[str, Extension] = {}
    for declared in manifest.object_types:
        extended = core.find(declared.name)
        if declared.name in own or (extended is not None and extended.name in extensions):
            raise LoadError(handle, _("The type %(name)s is declared twice.", name=declared.name))
        if extended is not None:
            _refuse_class(handle, declared)
            extensions[extended.name] = extension_of(handle, extended, declared, metadata)
            continue
        _refuse_second_name(handle, declared, manifest)
        own[declared.name] = _own_type(handle, declared, load, metadata)
    return PluginTypes(own=own, extensions=tuple(extensions.values()))


def _own_type(
    handle: str, declared: ObjectTypeDeclaration, load: Importer, metadata: Any
) -> OwnType:
    columns = {each.name: each.column for each in declared.fields}
    if declared.class_path is None:
        model = type(_class_name(declared.name), (ObjectType,), {"__doc__": None})
        return map_type(handle, declared.name, model, columns, metadata)
    found = _class_at(handle, declared.class_path, load)
    if issubclass(found, ObjectType):
        both = {**read_columns(handle, found), **columns}
        return map_type(handle, declared.name, found, both, metadata)
    if columns:
        cause = _(
            "%(name)s is a model; declare its columns there, not in config.yml.",
            name=found.__name__,
        )
        raise LoadError(handle, cause)
    return OwnType(name=declared.name, model=found, table=_table_of_model(handle, found))


def _class_at(handle: str, path: CodePath, load: Importer) -> type[Any]:
    found = vars(load(path.module) or ModuleType(path.module)).get(path.name)
    is_ours = isinstance(found, type) and issubclass(found, (ObjectType, DeclarativeBase))
    if not isinstance(found, type) or not is_ours or issubclass(found, OwnTables):
        cause = _(
            "%(file)s has no class %(name)s that extends ObjectType or a plugin_model().",
            file=path.module.replace(".", "/") + ".py",
            name=path.name,
        )
        raise LoadError(handle, cause)
    return found


def _table_of_model(handle: str, model: type[Any]) -> Table:
    table = getattr(model, "__table__", None)
    if not isinstance(table, Table):
        raise LoadError(handle, _("The class %(name)s is mapped to no table.", name=model.__name__))
    return table


def _refuse_second_name(handle: str, declared: ObjectTypeDeclaration, manifest: Manifest) -> None:
    paths = [each.class_path for each in manifest.object_types]
    if declared.class_path is not None and paths.count(declared.class_path) > 1:
        cause = _(
            "A class can be one type only; two types name %(path)s.", path=str(declared.class_path)
        )
        raise LoadError(handle, cause)


def _refuse_class(handle: str, declared: ObjectTypeDeclaration) -> None:
    if declared.class_path is not None:
        cause = _(
            "The type %(name)s exists already; declare fields to extend it, not a class.",
            name=declared.name,
        )
        raise LoadError(handle, cause)


def _class_name(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))
