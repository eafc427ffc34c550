"""The tabs of a plugin's page in site admin."""

from __future__ import annotations

from typing import Final

from flask import current_app, url_for
from flask_babel import gettext as _

from portal.web.navigation import MenuItem

OVERVIEW: Final = "overview"
ACTIVATION: Final = "activation"
SETTINGS: Final = "settings"
HEALTH: Final = "health"
HOOKS: Final = "hooks"
DATA: Final = "data"
JOBS: Final = "jobs"
PERMISSIONS: Final = "permissions"
FILES: Final = "files"
LOG: Final = "log"


def plugin_tabs(code: str) -> list[MenuItem]:
    """Return the tabs in their order; the settings of a plugin that runs and has some after the activation."""
    titles = {
        OVERVIEW: (_("Overview"), "siteadmin.show_plugin", "list-ul"),
        ACTIVATION: (_("Activation"), "siteadmin.show_activation", "toggles"),
        HEALTH: (_("Health"), "siteadmin.show_plugin_health", "activity"),
        HOOKS: (_("Hooks"), "siteadmin.show_plugin_hooks", "diagram-3"),
        DATA: (_("Data"), "siteadmin.show_plugin_data", "hdd-stack"),
        JOBS: (_("Jobs"), "siteadmin.show_plugin_jobs", "list-check"),
        PERMISSIONS: (_("Permissions"), "siteadmin.show_plugin_permissions", "key"),
        FILES: (_("Files"), "siteadmin.show_plugin_files", "code-slash"),
        LOG: (_("Log"), "siteadmin.show_plugin_log", "clock-history"),
    }
    tabs = [
        MenuItem(key=key, title=title, url=url_for(endpoint, code=code), icon=icon)
        for key, (title, endpoint, icon) in titles.items()
    ]
    address = config_url(code)
    if address is not None:
        tabs.insert(2, MenuItem(key=SETTINGS, title=_("Settings"), url=address, icon="sliders"))
    return tabs


def config_endpoint(code: str) -> str:
    """Return the name of a plugin's settings page (E-49)."""
    return f"plugin_{code}_config"


def config_url(code: str) -> str | None:
    """Return the address of a plugin's settings page; None when it has none, or does not run (E-47)."""
    endpoint = config_endpoint(code)
    return url_for(endpoint) if endpoint in current_app.view_functions else None
