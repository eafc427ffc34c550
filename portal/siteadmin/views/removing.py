"""Uninstalling a plugin, which keeps what it holds, and purging it, which does not; each with a page before."""

from __future__ import annotations

from dataclasses import dataclass

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.core.errors import Conflict, NotFound
from portal.pluginengine import lifecycle
from portal.pluginengine.belongings import Belongings, belongings_of
from portal.pluginengine.errors import Refused
from portal.pluginengine.holders import find_holder
from portal.pluginengine.lifecycle import Outcome
from portal.pluginengine.overview import PluginStatus
from portal.siteadmin.menu import PLUGINS
from portal.siteadmin.pluginforms import PurgeForm, UninstallForm
from portal.siteadmin.queries import group_counts, user_counts
from portal.siteadmin.views.blueprint import bp
from portal.siteadmin.views.outcomes import is_rehearsal, told
from portal.siteadmin.views.plugins import require_plugin
from portal.web.transactions import transaction


@dataclass(frozen=True, kw_only=True)
class Remains:
    """What an uninstalled plugin has left: its row, if there is one, and what carries its handle."""

    code: str
    name: str
    handle: str
    plugin_id: int | None
    belongings: Belongings


@bp.get("/plugins/<code>/uninstall")
def confirm_uninstall(code: str) -> ResponseReturnValue:
    """Show what a plugin holds, who needs it, and ask what is to become of it."""
    return _uninstall_page(_installed(code), UninstallForm())


@bp.post("/plugins/<code>/uninstall")
@transaction("read")
def uninstall_plugin(code: str) -> ResponseReturnValue:
    """Uninstall a plugin, or try it."""
    plugin, form = _installed(code), UninstallForm()
    if not form.validate_on_submit():
        return _uninstall_page(plugin, form), 422
    try:
        outcome = lifecycle.uninstall(
            plugin.code,
            purge=bool(form.purge.data),
            force=bool(form.force.data),
            dry_run=is_rehearsal(),
        )
    except Refused as refusal:
        return _uninstall_page(_installed(code), form, refusal=str(refusal)), 409
    if is_rehearsal():
        return _uninstall_page(_installed(code), form, outcome=outcome)
    return told(outcome, url_for("siteadmin.list_plugins"))


@bp.get("/plugins/<code>/purge")
def confirm_purge(code: str) -> ResponseReturnValue:
    """Show what an uninstalled plugin has left, and ask for its code."""
    remains = _remains(code)
    return _purge_page(remains, PurgeForm(remains.code))


@bp.post("/plugins/<code>/purge")
@transaction("read")
def purge_plugin(code: str) -> ResponseReturnValue:
    """Delete everything that an uninstalled plugin has left."""
    remains = _remains(code)
    form = PurgeForm(remains.code)
    if not form.validate_on_submit():
        return _purge_page(remains, form), 422
    try:
        outcome = lifecycle.purge(remains.code)
    except Refused as refusal:
        return _purge_page(_remains(code), form, refusal=str(refusal)), 409
    return told(outcome, url_for("siteadmin.list_plugins"))


def choices_of(plugin_id: int | None) -> tuple[int, int]:
    """Return how many groups and how many people have chosen something about a plugin."""
    if plugin_id is None:
        return 0, 0
    return group_counts().chosen(plugin_id), user_counts().chosen(plugin_id)


def _installed(code: str) -> PluginStatus:
    plugin = require_plugin(code)
    if plugin.plugin_id is None:
        raise Conflict(
            _("The plugin %(name)s is not installed.", name=plugin.name),
            _("There is nothing to uninstall."),
        )
    return plugin


def _remains(code: str) -> Remains:
    """Return what is left under a code; ``NotFound`` for nothing, ``Conflict`` for an installed plugin."""
    holder = find_holder(code)
    if holder is None:
        raise NotFound(_("No plugin %(code)s has left anything on this site.", code=code))
    if holder.is_installed:
        raise Conflict(
            _("The plugin %(name)s is installed.", name=holder.name),
            _("Uninstall it first; the page of that offers to purge it, too."),
        )
    return Remains(
        code=holder.code,
        name=holder.name,
        handle=holder.handle,
        plugin_id=holder.row.plugin_id if holder.row is not None else None,
        belongings=belongings_of(holder.handle),
    )


def _uninstall_page(
    plugin: PluginStatus, form: UninstallForm, outcome: Outcome | None = None, refusal: str = ""
) -> str:
    return render_template(
        "siteadmin/plugin_uninstall.html",
        plugin=plugin,
        belongings=belongings_of(plugin.handle),
        choices=choices_of(plugin.plugin_id),
        form=form,
        outcome=outcome,
        refusal=refusal,
        active_section=PLUGINS,
    )


def _purge_page(remains: Remains, form: PurgeForm, refusal: str = "") -> str:
    return render_template(
        "siteadmin/plugin_purge.html",
        remains=remains,
        choices=choices_of(remains.plugin_id),
        form=form,
        refusal=refusal,
        active_section=PLUGINS,
    )
