"""The settings of plugins: what was set where, what is in force, changing it (3.3.6, engineering 2 (bb))."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from flask import Flask

from portal.core.audit.actions import declare_actions
from portal.pluginengine.holdings import offer_holding
from portal.pluginengine.hosting import offer_choices
from portal.pluginengine.settings.actions import SETTING_CHANGE
from portal.pluginengine.settings.exporting import exported_settings
from portal.pluginengine.settings.holdings import SETTINGS
from portal.pluginengine.settings.models import SettingRow
from portal.pluginengine.settings.reading import EXTENSION, PluginSettings, SettingOwner


def init_app(app: Flask, var: Path, around: Callable[[], Iterable[SettingOwner]]) -> None:
    """Let plugins of ``app`` read their settings; ``around`` returns the owners of the running page.

    The operator's files lie in var/plugin-config.
    """
    app.extensions[EXTENSION] = PluginSettings(var, around)
    declare_actions(app, (SETTING_CHANGE,))
    offer_holding(app, SETTINGS)
    offer_choices(app, SettingRow.__tablename__, exported_settings)
