"""What was set of a plugin, for its export; of secrets, that they are set."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from sqlalchemy import select

from portal.core.database import db
from portal.pluginengine.manifest.settings import stored_settings
from portal.pluginengine.models import PluginRow
from portal.pluginengine.settings.models import SettingRow
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
        if each.name in declared and not is_secret(declared[each.name]):
            yield {**place, "value": json.loads(each.value)}
        else:
            yield {**place, "is_withheld": True}
