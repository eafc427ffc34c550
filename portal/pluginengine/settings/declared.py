"""The settings of a plugin of this site, as its config.yml declares them."""

from __future__ import annotations

from portal.core.database import db
from portal.pluginengine.activation import Owner
from portal.pluginengine.engine import current_engine
from portal.pluginengine.manifest.settings import stored_settings
from portal.pluginengine.models import PluginRow
from portal.pluginengine.settings.reading import Declared


def declared_settings(handle: str) -> Declared | None:
    """Return the settings of a plugin that runs; of one that does not, as it was last registered.

    None for a handle that the site does not know. Callbacks that take a plugin away run without it.
    """
    plugin = current_engine().plugins.get(handle)
    if plugin is not None:
        plugin_id, settings = plugin.record.plugin_id, plugin.manifest.settings
    else:
        record = current_engine().state.by_handle.get(handle)
        row = None if record is None else db.session.get(PluginRow, record.plugin_id)
        if row is None:
            return None
        plugin_id, settings = row.plugin_id, stored_settings(row.manifest)
    named = {each.name: each for each in settings}
    return Declared(plugin_id=plugin_id, handle=handle, settings=named)


def running_settings(handle: str, scope: str) -> Declared | None:
    """Return the settings of a running plugin that has some of the scope, else None."""
    if handle not in current_engine().plugins:
        return None
    declared = declared_settings(handle)
    return declared if declared is not None and declared.of_scope(scope) else None


def plugins_with_settings(owner: Owner) -> list[str]:
    """Return the handles of the plugins that the owner uses and can set something of."""
    engine, scope = current_engine(), owner.plugin_scope
    active = engine.activation.active_for(owner)
    return [
        handle
        for handle, plugin in engine.plugins.items()
        if handle in active and any(scope in each.scope for each in plugin.manifest.settings)
    ]
