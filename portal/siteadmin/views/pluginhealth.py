"""How a plugin fares: calls, time and failures at each hook within a day, of all workers and hosts."""

from __future__ import annotations

from portal.pluginengine.healthfigures import incidents
from portal.siteadmin import plugintabs
from portal.siteadmin.pluginhealth import fares, hooks_of
from portal.siteadmin.views.blueprint import bp
from portal.siteadmin.views.plugins import require_plugin
from portal.siteadmin.views.plugintab import tab_page

MOST_FAILURES = 20


@bp.get("/plugins/<code>/health")
def show_plugin_health(code: str) -> str:
    """The hooks that the plugin answers and what else it runs, each with its figures; its last failures."""
    plugin = require_plugin(code)
    return tab_page(
        "plugin_health",
        plugin,
        plugintabs.HEALTH,
        fare=fares().get(plugin.handle) if plugin.handle else None,
        lines=hooks_of(plugin.handle) if plugin.handle else [],
        failures=incidents(plugin.handle)[:MOST_FAILURES] if plugin.handle else [],
    )
