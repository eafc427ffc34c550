"""The page on which a group's administrators switch plugins on and off for their group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.access.guards import requires
from portal.core.errors import Invalid
from portal.groups.menu import ADMIN
from portal.groups.permissions import GROUP_ADMINISTER
from portal.groups.views.blueprint import bp
from portal.pluginengine.settings.declared import plugins_with_settings
from portal.pluginengine.toggles import change_toggles, toggles_for
from portal.web.current import current
from portal.web.forms import EmptyForm


@bp.get("/<name>/admin/plugins")
@requires(GROUP_ADMINISTER)
def edit_plugins() -> ResponseReturnValue:
    """Show a switch for each plugin that groups can use."""
    return _page({}, 200)


@bp.post("/<name>/admin/plugins")
@requires(GROUP_ADMINISTER)
def update_plugins() -> ResponseReturnValue:
    """Carry out what was switched; when one plugin refuses, nothing at all changes."""
    try:
        changed = change_toggles(current.group, request.form)
    except Invalid as refusal:
        return _page(refusal.errors, 422)
    flash(
        _("The plugins were saved.") if changed else _("Nothing was changed."),
        "success" if changed else "info",
    )
    return redirect(url_for("groups.edit_plugins", name=current.group.name), 303)


def _page(errors: Mapping[str, Sequence[str]], status: int) -> ResponseReturnValue:
    page = render_template(
        "groups/admin_plugins.html",
        group=current.group,
        form=EmptyForm(),
        toggles=toggles_for(current.group, request.form if errors else None, errors),
        settings={
            handle: url_for("groups.edit_plugin_settings", name=current.group.name, handle=handle)
            for handle in plugins_with_settings(current.group)
        },
        active_tab=ADMIN,
        active_item="plugins",
    )
    return page, status
