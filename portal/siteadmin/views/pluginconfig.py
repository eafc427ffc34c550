"""/admin/plugin/<code>/config: a plugin's own ConfigController, else an automatic page (E-47 to E-50).

The rules are added when the plugins are loaded, one for each plugin that has something to set, so that a
link is shown where ``plugin_<code>_config`` exists.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, cast

from flask import Flask, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask.views import View
from flask_babel import gettext as _

from portal.access.guards import require
from portal.access.permissions import SYSTEM_ADMINISTER
from portal.config import Settings
from portal.pluginengine import pagecode
from portal.pluginengine.engine import Engine
from portal.pluginengine.loader import LoadedPlugin
from portal.pluginengine.masking import refuse_hidden
from portal.pluginengine.settings.declared import running_settings
from portal.pluginengine.settings.history import changes_on_site
from portal.siteadmin import plugintabs
from portal.siteadmin.menu import PLUGINS
from portal.siteadmin.views.plugins import require_plugin
from portal.web.plugin_pages import enter_plugin
from portal.web.settinghistory import latest_changes
from portal.web.settingsforms import settings_form

#: The class that an EC-CUBE author writes, found in views.py (E-48).
CONTROLLER = "ConfigController"


def mount_config_pages(app: Flask, engine: Engine) -> None:
    """Give every running plugin that has settings of the site, or a page of its own for them, its address."""
    settings: Settings = app.extensions["portal.settings"]
    for plugin in engine.plugins.values():
        code = plugin.record.code
        view = _view_of(plugin, engine)
        if view is not None:
            address = f"/{settings.admin_route}/plugin/{code}/config"
            endpoint = plugintabs.config_endpoint(code)
            app.add_url_rule(address, endpoint, view, methods=["GET", "POST"])


def _view_of(plugin: LoadedPlugin, engine: Engine) -> Callable[[], ResponseReturnValue] | None:
    module = engine.runtime.modules.load(plugin.package, "views", plugin.handle)
    controller = vars(module).get(CONTROLLER) if module is not None else None
    if inspect.isclass(controller):
        return _own_page(plugin, controller)
    if any("site" in each.scope for each in plugin.manifest.settings):
        return _automatic_page(plugin)
    return None


def _own_page(plugin: LoadedPlugin, controller: type[Any]) -> Callable[[], ResponseReturnValue]:
    """Return the plugin's own page: a view of Flask's, or a class with ``index()``; site admins only."""

    def answer() -> ResponseReturnValue:
        if issubclass(controller, View):
            endpoint = plugintabs.config_endpoint(plugin.record.code)
            return cast("ResponseReturnValue", controller.as_view(endpoint)())
        return cast("ResponseReturnValue", controller().index())

    run = pagecode.as_plugin(plugin.handle, answer)

    def show() -> ResponseReturnValue:
        require(SYSTEM_ADMINISTER)
        refuse_hidden(plugin.handle)
        enter_plugin(plugin.instance)
        pagecode.let_in(plugin.handle)
        return cast("ResponseReturnValue", run())

    return show


def _automatic_page(plugin: LoadedPlugin) -> Callable[[], ResponseReturnValue]:
    """Return the page that is made from what config.yml declares."""
    handle, code = plugin.handle, plugin.record.code

    def show() -> ResponseReturnValue:
        require(SYSTEM_ADMINISTER)
        declared = running_settings(handle, "site")
        if declared is None:
            abort(404)
        form = settings_form(declared, None)
        changed = form.save()
        if changed is not None:
            flash(
                _("The settings were saved.") if changed else _("Nothing was changed."),
                "success" if changed else "info",
            )
            return redirect(url_for(plugintabs.config_endpoint(code)), 303)
        page = render_template(
            "siteadmin/plugin_settings.html",
            plugin=require_plugin(code),
            plugin_tabs=plugintabs.plugin_tabs(code),
            active_tab=plugintabs.SETTINGS,
            active_section=PLUGINS,
            form=form,
            latest=latest_changes(changes_on_site(handle)),
            history_url=url_for("siteadmin.show_plugin_settings_history", code=code),
        )
        return page, 422 if form.errors else 200

    return show
