"""What was set of a plugin, for its export, and what an owner has set; of secrets, that they are set."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from sqlalchemy import select

from portal.core.database import db
from portal.pluginengine.manifest import SettingDeclaration
from portal.pluginengine.manifest.settings import stored_settings
from portal.pluginengine.models import PluginRow
from portal.pluginengine.settings.models import SettingRow
from portal.pluginengine.settings.reading import SettingOwner, place_of
from portal.pluginengine.settings.secrets import is_secret


def exported_settings(plugin_id: int) -> Iterator[Mapping[str, object]]:
    """Yield what was set, with the scope and the owner's key (0: the site).

    A value stands there when the plugin declares the setting and it is no secret; of one that is not
    declared any more nobody knows.
    """
    row = db.session.get(PluginRow, plugin_id)
    declared = {each.name: each for each in stored_settings(row.manifest if row else None)}
    query = select(SettingRow).where(SettingRow.plugin_id == plugin_id)
    order = (SettingRow.scope, SettingRow.scope_id, SettingRow.name)
    for each in db.session.scalars(query.order_by(*order)):
        place = {"scope": each.scope, "key": each.scope_id, "name": each.name}
        yield {**place, **_told(each, declared)}


def settings_of_owner(owner: SettingOwner) -> Iterator[Mapping[str, object]]:
    """Yield what was set for a group or a person, by plugin; values as ``exported_settings`` tells them."""
    scope, key = place_of(owner)
    query = (
        select(SettingRow, PluginRow)
        .join(PluginRow, PluginRow.plugin_id == SettingRow.plugin_id)
        .where(SettingRow.scope == scope, SettingRow.scope_id == key)
        .order_by(PluginRow.plugin_name, SettingRow.name)
    )
    for each, plugin in db.session.execute(query):
        declared = {setting.name: setting for setting in stored_settings(plugin.manifest)}
        yield {"plugin": plugin.plugin_name, "name": each.name, **_told(each, declared)}


def _told(row: SettingRow, declared: Mapping[str, SettingDeclaration]) -> dict[str, object]:
    if row.name in declared and not is_secret(declared[row.name]):
        return {"value": json.loads(row.value)}
    return {"is_withheld": True}
