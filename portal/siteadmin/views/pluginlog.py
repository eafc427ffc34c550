"""What was done to a plugin and what went wrong in it, in time order."""

from __future__ import annotations

from flask.typing import ResponseReturnValue
from sqlalchemy import select

from portal.pluginengine.engine import current_engine
from portal.siteadmin import plugintabs
from portal.siteadmin.menu import PLUGINS
from portal.siteadmin.pluginlog import LOG, PLUGIN_LOG, log_params
from portal.siteadmin.views.blueprint import bp
from portal.siteadmin.views.plugins import require_plugin
from portal.web.lists.export import answer_list


@bp.get("/plugins/<code>/log")
def show_plugin_log(code: str) -> ResponseReturnValue:
    """Operations, changes and failures; those that this worker has yet to write stand above the list."""
    plugin = require_plugin(code)
    unwritten = current_engine().health.unwritten().incidents
    return answer_list(
        PLUGIN_LOG,
        select(LOG),
        "siteadmin/plugin_log.html",
        params=log_params(plugin.code, plugin.handle),
        plugin=plugin,
        plugin_tabs=plugintabs.plugin_tabs(plugin.code),
        active_tab=plugintabs.LOG,
        active_section=PLUGINS,
        unwritten=[each for each in unwritten if plugin.handle and each.plugin == plugin.handle],
    )
