"""What was set of a plugin: kept while it is away, counted before a purge, gone with it."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, func, select

from portal.core.database import db
from portal.pluginengine.holdings import Holding
from portal.pluginengine.models import PluginRow
from portal.pluginengine.settings.models import SettingRow
from portal.pluginengine.settings.reading import forget_read


def _count(row: PluginRow) -> int:
    query = select(func.count()).select_from(SettingRow)
    return db.session.scalar(query.where(SettingRow.plugin_id == row.plugin_id)) or 0


def _drop(row: PluginRow) -> int:
    count = _count(row)
    db.session.execute(delete(SettingRow).where(SettingRow.plugin_id == row.plugin_id))
    forget_read(row.plugin_id)
    return count


SETTINGS = Holding(name="settings", title=_l("Settings that were set"), count=_count, drop=_drop)
