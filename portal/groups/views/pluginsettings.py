"""The settings of a plugin for one group and their history, for its administrators (3.3.6)."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.access.guards import requires
from portal.core.errors import NotFound
from portal.groups.lists import SETTING_LIST
from portal.groups.menu import ADMIN
from portal.groups.permissions import GROUP_ADMINISTER
from portal.groups.views.blueprint import bp
from portal.pluginengine.engine import current_engine
from portal.pluginengine.masking import refuse_hidden
from portal.pluginengine.settings.declared import running_settings
from portal.pluginengine.settings.history import changes_of
from portal.pluginengine.settings.reading import Declared
from portal.web.current import current
from portal.web.settinghistory import answer_history, latest_changes
from portal.web.settingsforms import settings_form


@bp.route("/<name>/admin/plugins/<handle>/", methods=["GET", "POST"])
@requires(GROUP_ADMINISTER)
def edit_plugin_settings(handle: str) -> ResponseReturnValue:
    """Set what a plugin that the group uses lets groups set."""
    declared = _require_settings(handle)
    form = settings_form(declared, current.group)
    changed = form.save()
    if changed is not None:
        flash(
            _("The settings were saved.") if changed else _("Nothing was changed."),
            "success" if changed else "info",
        )
        return redirect(_address("edit_plugin_settings", handle), 303)
    page = render_template(
        "groups/admin_plugin_settings.html",
        group=current.group,
        plugin_name=current_engine().plugins[handle].record.name,
        form=form,
        latest=latest_changes(changes_of(handle, current.group)),
        history_url=_address("show_plugin_settings_history", handle),
        active_tab=ADMIN,
        active_item="plugins",
    )
    return page, 422 if form.errors else 200


@bp.get("/<name>/admin/plugins/<handle>/history")
@requires(GROUP_ADMINISTER)
def show_plugin_settings_history(handle: str) -> ResponseReturnValue:
    """What was changed of a plugin's settings for this group; nothing of the site's or of other groups."""
    _require_settings(handle)
    return answer_history(
        SETTING_LIST.name,
        handle,
        changes_of(handle, current.group),
        "groups/admin_plugin_history.html",
        group=current.group,
        plugin_name=current_engine().plugins[handle].record.name,
        settings_url=_address("edit_plugin_settings", handle),
        active_tab=ADMIN,
        active_item="plugins",
    )


def _require_settings(handle: str) -> Declared:
    refuse_hidden(handle)
    declared = running_settings(handle, "group")
    if declared is None or not current.group.uses_plugin(handle):
        raise NotFound(_("This group uses no plugin %(handle)s with settings.", handle=handle))
    return declared


def _address(view: str, handle: str) -> str:
    return url_for(f"groups.{view}", name=current.group.name, handle=handle)
