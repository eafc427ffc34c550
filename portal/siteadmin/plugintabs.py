"""The tabs of a plugin's page in site admin."""

from __future__ import annotations

from typing import Final

from flask import url_for
from flask_babel import gettext as _

from portal.web.navigation import MenuItem

OVERVIEW: Final = "overview"
ACTIVATION: Final = "activation"
HOOKS: Final = "hooks"
DATA: Final = "data"
JOBS: Final = "jobs"
PERMISSIONS: Final = "permissions"
FILES: Final = "files"
LOG: Final = "log"


def plugin_tabs(code: str) -> list[MenuItem]:
    """Return the tabs in their order."""
    titles = {
        OVERVIEW: (_("Overview"), "siteadmin.show_plugin", "list-ul"),
        ACTIVATION: (_("Activation"), "siteadmin.show_activation", "toggles"),
        HOOKS: (_("Hooks"), "siteadmin.show_plugin_hooks", "diagram-3"),
        DATA: (_("Data"), "siteadmin.show_plugin_data", "hdd-stack"),
        JOBS: (_("Jobs"), "siteadmin.show_plugin_jobs", "list-check"),
        PERMISSIONS: (_("Permissions"), "siteadmin.show_plugin_permissions", "key"),
        FILES: (_("Files"), "siteadmin.show_plugin_files", "code-slash"),
        LOG: (_("Log"), "siteadmin.show_plugin_log", "clock-history"),
    }
    return [
        MenuItem(key=key, title=title, url=url_for(endpoint, code=code), icon=icon)
        for key, (title, endpoint, icon) in titles.items()
    ]
