"""The settings of a plugin for one person and their history, on pages of their own (3.3.6)."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.accounts.guards import requires_login
from portal.accounts.lists import SETTING_LIST
from portal.accounts.menu import SETTINGS
from portal.accounts.models import User
from portal.accounts.views.blueprint import bp
from portal.core.errors import NotFound
from portal.pluginengine.engine import current_engine
from portal.pluginengine.masking import refuse_hidden
from portal.pluginengine.settings.declared import running_settings
from portal.pluginengine.settings.history import changes_of
from portal.pluginengine.settings.reading import Declared
from portal.web.current import current
from portal.web.settinghistory import answer_history, latest_changes
from portal.web.settingsforms import settings_form


@bp.route("/my/settings/plugins/<handle>", methods=["GET", "POST"])
@requires_login
def edit_plugin_settings(handle: str) -> ResponseReturnValue:
    """Set what a plugin that the person uses lets people set."""
    viewer, declared = _require_settings(handle)
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
        latest=latest_changes(changes_of(handle, viewer)),
        history_url=url_for("accounts.show_plugin_settings_history", handle=handle),
        active_tab=SETTINGS,
    )
    return page, 422 if form.errors else 200


@bp.get("/my/settings/plugins/<handle>/history")
@requires_login
def show_plugin_settings_history(handle: str) -> ResponseReturnValue:
    """What was changed of a plugin's settings for the person who looks; nothing of anybody else's."""
    viewer, _declared = _require_settings(handle)
    return answer_history(
        SETTING_LIST.name,
        handle,
        changes_of(handle, viewer),
        "accounts/plugin_history.html",
        plugin_name=current_engine().plugins[handle].record.name,
        settings_url=url_for("accounts.edit_plugin_settings", handle=handle),
        active_tab=SETTINGS,
    )


def _require_settings(handle: str) -> tuple[User, Declared]:
    viewer: User = current.viewer
    current.user = viewer
    refuse_hidden(handle)
    declared = running_settings(handle, "user")
    if declared is None or not viewer.uses_plugin(handle):
        raise NotFound(_("You use no plugin %(handle)s with settings.", handle=handle))
    return viewer, declared
