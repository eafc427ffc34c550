"""What was changed of a plugin's settings: for the site, for groups and for people."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from portal.pluginengine.settings.history import changes_on_site
from portal.siteadmin import plugintabs
from portal.siteadmin.menu import PLUGINS
from portal.siteadmin.settinglist import SETTING_LIST
from portal.siteadmin.views.blueprint import bp
from portal.siteadmin.views.plugins import require_plugin
from portal.web.settinghistory import answer_history


@bp.get("/plugin/<code>/history")
def show_plugin_settings_history(code: str) -> ResponseReturnValue:
    """All changes of its settings; of a plugin that does not run, too."""
    plugin = require_plugin(code)
    has_page = plugintabs.config_url(plugin.code) is not None
    return answer_history(
        SETTING_LIST.name,
        plugin.handle,
        changes_on_site(plugin.handle),
        "siteadmin/plugin_settings_history.html",
        plugin=plugin,
        plugin_tabs=plugintabs.plugin_tabs(plugin.code),
        active_tab=plugintabs.SETTINGS if has_page else plugintabs.LOG,
        active_section=PLUGINS,
    )
