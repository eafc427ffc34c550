"""Bringing the database up to what a plugin declares: its migrations, its types, its notes (3.3.4)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from types import ModuleType

from flask import Flask
from flask_babel import gettext as _
from sqlalchemy import update

from portal.core.database import db
from portal.pluginengine import migrator
from portal.pluginengine.engine import EXTENSION, Engine
from portal.pluginengine.errors import Refused
from portal.pluginengine.loader import LoadedPlugin
from portal.pluginengine.manifest import Manifest, UpgradeFunction
from portal.pluginengine.models import PluginRow
from portal.pluginengine.objecttypes.metadata import write_versions
from portal.pluginengine.objecttypes.upgrading import Holder, SchemaUpgrade, bring_up
from portal.pluginengine.personalrecord import write_declarations
from portal.pluginengine.schemarules import kept_to_own_names
from portal.pluginengine.versions import is_newer_schema


def keeps_data(plugin: LoadedPlugin) -> bool:
    """Tell whether the plugin declares anything that the database is to hold."""
    manifest = plugin.manifest
    return bool(manifest.migration_paths or manifest.object_types or manifest.schema_version)


def wants_schema(row: PluginRow, manifest: Manifest) -> bool:
    """Tell whether the code declares a later schema than the plugin's tables have (M-10, M-11)."""
    declared, recorded = manifest.schema_version, row.schema_version
    return declared is not None and (recorded is None or is_newer_schema(declared, recorded))


def bring_up_schema(app: Flask, plugin: LoadedPlugin) -> None:
    """Run migrations that have not run yet, then bring the declared types up to date; commits nothing.

    Raises ``Refused`` for what a plugin may not have in the database, and whatever its code raises.
    """
    if not keeps_data(plugin):
        return
    connection, manifest = db.session.connection(), plugin.manifest
    migrator.upgrade(connection, plugin.handle, plugin.folder, manifest.migration_paths)
    if not manifest.object_types and manifest.schema_version is None:
        return
    holder = Holder(
        handle=plugin.handle,
        manifest=manifest,
        types=plugin.types,
        find=partial(_find, app, plugin),
    )
    with kept_to_own_names(connection, plugin.handle):
        bring_up(db.session(), holder, plugin.record.schema_version)


def note_versions(plugin: LoadedPlugin) -> None:
    """Write the versions that now hold into the plugin's row and its meta-data table (seed 004).

    What its code declares of personal data now goes into the record.
    """
    write_declarations(plugin.handle, plugin.manifest.personal_data)
    schema_version = plugin.manifest.schema_version
    own = update(PluginRow).where(PluginRow.plugin_id == plugin.record.plugin_id)
    db.session.execute(own.values(schema_version=schema_version))
    if keeps_data(plugin):
        write_versions(
            db.session.connection(),
            plugin.handle,
            version=plugin.manifest.version,
            schema_version=schema_version,
        )


def _find(
    app: Flask, plugin: LoadedPlugin, function: UpgradeFunction
) -> Callable[[SchemaUpgrade], object]:
    """Return the code of an upgrade function: of a module, or a method of the plugin's class."""
    engine: Engine = app.extensions[EXTENSION]
    path = function.handler
    place: ModuleType | object | None = plugin.instance
    if path.module:
        place = engine.runtime.modules.load(plugin.package, path.module, plugin=plugin.handle)
    found = getattr(place, path.name, None)
    if not callable(found):
        raise Refused(
            _(
                "The upgrade function %(name)s of %(plugin)s is not there: %(path)s.",
                name=function.name,
                plugin=plugin.handle,
                path=str(path),
            )
        )
    return found
