"""The settings of a plugin for one person, on pages of their own (3.3.6)."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.accounts.guards import requires_login
from portal.accounts.menu import SETTINGS
from portal.accounts.views.blueprint import bp
from portal.core.errors import NotFound
from portal.pluginengine.engine import current_engine
from portal.pluginengine.masking import refuse_hidden
from portal.pluginengine.settings.declared import running_settings
from portal.web.current import current
from portal.web.settingsforms import settings_form


@bp.route("/my/settings/plugins/<handle>", methods=["GET", "POST"])
@requires_login
def edit_plugin_settings(handle: str) -> ResponseReturnValue:
    """Set what a plugin that the person uses lets people set."""
    viewer = current.user = current.viewer
    refuse_hidden(handle)
    declared = running_settings(handle, "user")
    if declared is None or not viewer.uses_plugin(handle):
        raise NotFound(_("You use no plugin %(handle)s with settings.", handle=handle))
    form = settings_form(declared, viewer)
    changed = form.save()
    if changed is not None:
        flash(
            _("Your settings were saved.") if changed else _("Nothing was changed."),
            "success" if changed else "info",
        )
        return redirect(url_for("accounts.edit_plugin_settings", handle=handle), 303)
    page = render_template(
        "accounts/plugin_settings.html",
        plugin_name=current_engine().plugins[handle].record.name,
        form=form,
        active_tab=SETTINGS,
    )
    return page, 422 if form.errors else 200
