"""The settings of a plugin for one group, for its administrators (3.3.6)."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.access.guards import requires
from portal.core.errors import NotFound
from portal.groups.menu import ADMIN
from portal.groups.permissions import GROUP_ADMINISTER
from portal.groups.views.blueprint import bp
from portal.pluginengine.engine import current_engine
from portal.pluginengine.masking import refuse_hidden
from portal.pluginengine.settings.declared import running_settings
from portal.web.current import current
from portal.web.settingsforms import settings_form


@bp.route("/<name>/admin/plugins/<handle>/", methods=["GET", "POST"])
@requires(GROUP_ADMINISTER)
def edit_plugin_settings(handle: str) -> ResponseReturnValue:
    """Set what a plugin that the group uses lets groups set."""
    refuse_hidden(handle)
    declared = running_settings(handle, "group")
    if declared is None or not current.group.uses_plugin(handle):
        raise NotFound(_("This group uses no plugin %(handle)s with settings.", handle=handle))
    form = settings_form(declared, current.group)
    changed = form.save()
    if changed is not None:
        flash(
            _("The settings were saved.") if changed else _("Nothing was changed."),
            "success" if changed else "info",
        )
        address = url_for("groups.edit_plugin_settings", name=current.group.name, handle=handle)
        return redirect(address, 303)
    page = render_template(
        "groups/admin_plugin_settings.html",
        group=current.group,
        plugin_name=current_engine().plugins[handle].record.name,
        form=form,
        active_tab=ADMIN,
        active_item="plugins",
    )
    return page, 422 if form.errors else 200
