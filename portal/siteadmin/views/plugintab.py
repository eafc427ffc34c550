"""What the pages of one plugin share: its name and state, its buttons, its tabs."""

from __future__ import annotations

from typing import Any

from flask import render_template

from portal.pluginengine.overview import PluginStatus
from portal.siteadmin import plugintabs
from portal.siteadmin.menu import PLUGINS


def tab_page(template: str, plugin: PluginStatus, tab: str, **values: Any) -> str:
    """Return the page of a tab: ``siteadmin/<template>.html`` with the values it wants."""
    return render_template(
        f"siteadmin/{template}.html",
        plugin=plugin,
        plugin_tabs=plugintabs.plugin_tabs(plugin.code),
        active_tab=tab,
        active_section=PLUGINS,
        **values,
    )
