"""The buttons of the plugin pages: each is one operation of the engine, in a transaction of its own."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response, flash, make_response, redirect, render_template
from flask_babel import gettext as _

from portal.core.errors import Conflict
from portal.pluginengine import lifecycle
from portal.pluginengine.errors import Refused
from portal.pluginengine.lifecycle import Outcome
from portal.siteadmin.menu import PLUGINS
from portal.siteadmin.queries import group_counts, user_counts
from portal.siteadmin.views.blueprint import bp
from portal.siteadmin.views.outcomes import after, told
from portal.siteadmin.views.plugins import require_plugin
from portal.web.transactions import transaction


@bp.post("/plugins/<code>/register")
@transaction("read")
def register_plugin(code: str) -> Response:
    """Make the site know a plugin that lies in a plugin folder; it stays disabled."""
    return _operate(code, lambda: lifecycle.register(code))


@bp.post("/plugins/<code>/enable")
@transaction("read")
def enable_plugin(code: str) -> Response:
    """Switch a plugin on for the site, installing it when that has not happened yet."""
    return _operate(code, lambda: lifecycle.enable(code))


@bp.post("/plugins/<code>/disable")
@transaction("read")
def disable_plugin(code: str) -> Response:
    """Switch a plugin off for the site; data and choices are kept."""
    return _operate(code, lambda: lifecycle.disable(code))


@bp.post("/plugins/<code>/retry")
@transaction("read")
def retry_plugin(code: str) -> Response:
    """Lift a quarantine: the plugin runs again, and its failures up to now do not count any more."""
    return _operate(code, lambda: lifecycle.retry(code))


@bp.get("/plugins/<code>/unregister")
def confirm_unregister(code: str) -> str:
    """Ask before a plugin is unregistered: the choices of groups and people go with it."""
    plugin = require_plugin(code)
    if plugin.plugin_id is None:
        raise Conflict(
            _("The plugin %(name)s is not registered.", name=plugin.name),
            _("There is nothing to remove."),
        )
    return render_template(
        "siteadmin/unregister.html",
        plugin=plugin,
        groups=group_counts().using(plugin.plugin_id, plugin.group_policy),
        people=user_counts().using(plugin.plugin_id, plugin.user_policy),
        active_section=PLUGINS,
    )


@bp.post("/plugins/<code>/unregister")
@transaction("read")
def unregister_plugin(code: str) -> Response:
    """Forget a plugin: its row and everything that refers to it; its own tables stay."""
    return _operate(code, lambda: lifecycle.unregister(code))


@bp.post("/plugins/<code>/update")
@transaction("read")
def update_plugin(code: str) -> Response:
    """Run the update of a plugin whose folder holds another version than the site runs."""
    return _operate(code, lambda: lifecycle.update(code))


@bp.post("/plugins/<code>/revert")
@transaction("read")
def revert_plugin(code: str) -> Response:
    """Put the version before the last update back."""
    return _operate(code, lambda: lifecycle.revert(code))


def _operate(code: str, operate: Callable[[], Outcome]) -> Response:
    """Carry out an operation on a plugin that exists, and go back to the page of the button."""
    require_plugin(code)
    try:
        outcome = operate()
    except Refused as refusal:
        flash(str(refusal), "danger")
        return make_response(redirect(after(code), 303))
    return told(outcome, after(code))
