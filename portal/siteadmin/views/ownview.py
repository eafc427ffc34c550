"""Looking at the site without plugins: safe mode for one browser, and hiding single plugins from it.

Nothing is stored but a cookie of the browser that asks (``siteadmin.viewcookie``).
"""

from __future__ import annotations

from dataclasses import replace

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.accounts.destinations import destination
from portal.core.errors import NotFound
from portal.pluginengine.engine import current_engine
from portal.pluginengine.loader import LoadedPlugin
from portal.pluginengine.masking import PluginHidden
from portal.pluginengine.pagecode import begin_error_page
from portal.siteadmin.menu import PLUGINS
from portal.siteadmin.ownview import own_view
from portal.siteadmin.viewcookie import LIFETIME, OwnView, keep_view
from portal.siteadmin.views.blueprint import bp
from portal.web.transactions import transaction


@bp.get("/safe-mode")
def show_safe_mode() -> str:
    """How this browser sees the site; drawn without plugins, so that it works whatever they do."""
    return render_template(
        "siteadmin/safe_mode.html",
        hours=LIFETIME.seconds // 3600,
        active_section=PLUGINS,
        breadcrumbs=[{"title": _("Safe mode")}],
    )


@bp.post("/safe-mode")
@transaction("read")
def begin_safe_mode() -> Response:
    """Show this browser the site without plugins."""
    return look(OwnView(is_safe=True), url_for("siteadmin.show_safe_mode"))


@bp.post("/safe-mode/leave")
@transaction("read")
def leave_safe_mode() -> Response:
    """Show this browser everything again: safe mode, hidden plugins and a search end."""
    return look(OwnView(), url_for("siteadmin.show_safe_mode"))


@bp.post("/plugins/<code>/hide")
@transaction("read")
def hide_plugin(code: str) -> Response:
    """Show this browser the site without one plugin, and without those that need it."""
    plugin = _running(code)
    own = own_view()
    hidden = own.hidden | {plugin.record.plugin_id}
    return look(OwnView(is_safe=own.is_safe, hidden=hidden), _plugin_page(plugin))


@bp.post("/plugins/<code>/show")
@transaction("read")
def unhide_plugin(code: str) -> Response:
    """Show this browser one plugin again; where that was hidden along with others, everything."""
    plugin = _running(code)
    own, key = own_view(), plugin.record.plugin_id
    view = replace(own, hidden=own.hidden - {key}) if key in own.hidden else OwnView()
    return look(replace(view, is_safe=False), _plugin_page(plugin))


def look(view: OwnView, otherwise: str) -> Response:
    """Let the browser look so, and lead to the page that ``next`` names, else to ``otherwise``."""
    target = destination(request.form.get("next", ""), otherwise)
    return keep_view(redirect(target, 303), view)


def tell_hidden(refusal: PluginHidden) -> ResponseReturnValue:
    """Answer for a page of a plugin that this browser is not shown: what to do to see it."""
    begin_error_page()
    plugin = current_engine().plugins[refusal.handle]
    return render_template("siteadmin/plugin_hidden.html", plugin=plugin), 404


def _running(code: str) -> LoadedPlugin:
    for plugin in current_engine().plugins.values():
        if plugin.record.code.lower() == code.lower():
            return plugin
    raise NotFound(
        _("No plugin %(code)s runs here.", code=code), _("What does not run need not be hidden.")
    )


def _plugin_page(plugin: LoadedPlugin) -> str:
    return url_for("siteadmin.show_plugin", code=plugin.record.code)
