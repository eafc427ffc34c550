"""The plugin list of site admin."""

from __future__ import annotations

from flask import render_template
from flask_babel import gettext as _

from portal.core.errors import NotFound
from portal.pluginengine.holders import leftovers
from portal.pluginengine.overview import (
    PluginStatus,
    plugin_overview,
    plugin_status,
    uninstalled_plugins,
)
from portal.siteadmin.menu import PLUGINS
from portal.siteadmin.pluginhealth import fares
from portal.siteadmin.queries import group_counts, user_counts
from portal.siteadmin.views.blueprint import bp


@bp.get("/plugins/")
def list_plugins() -> str:
    """Every plugin that the site knows or that lies in its plugin folders, and what others left behind."""
    plugins = plugin_overview()
    return render_template(
        "siteadmin/plugins.html",
        plugins=plugins,
        uses=uses_of(plugins),
        fares=fares(),
        uninstalled=uninstalled_plugins(),
        leftovers=leftovers(),
        active_section=PLUGINS,
    )


def require_plugin(code: str) -> PluginStatus:
    """Return the plugin of an address; NotFound when the site knows none of that code."""
    plugin = plugin_status(code)
    if plugin is None:
        raise NotFound(_("The site knows no plugin %(code)s.", code=code))
    return plugin


def uses_of(plugins: list[PluginStatus]) -> dict[int, tuple[int, int]]:
    """Return for each registered plugin how many groups and people use it."""
    groups, users = group_counts(), user_counts()
    return {
        plugin.plugin_id: (
            groups.using(plugin.plugin_id, plugin.group_policy),
            users.using(plugin.plugin_id, plugin.user_policy),
        )
        for plugin in plugins
        if plugin.plugin_id is not None
    }
