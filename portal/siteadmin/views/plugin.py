"""The page of one plugin: its first tabs, overview, activation, hooks and data; others stand beside."""

from __future__ import annotations

from collections.abc import Iterator

from flask import url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.pluginengine import lifecycle
from portal.pluginengine.belongings import Belongings, belongings_of
from portal.pluginengine.engine import current_engine
from portal.pluginengine.errors import Refused
from portal.pluginengine.handlers import Handler
from portal.pluginengine.overview import PluginStatus
from portal.pluginengine.tablesizes import sizes_of
from portal.siteadmin import plugintabs
from portal.siteadmin.declarations import declarations_of
from portal.siteadmin.pluginforms import PolicyForm, policies
from portal.siteadmin.plugintypes import permissions_of, types_of
from portal.siteadmin.queries import group_counts, user_counts
from portal.siteadmin.views.blueprint import bp
from portal.siteadmin.views.outcomes import told
from portal.siteadmin.views.plugins import require_plugin, uses_of
from portal.siteadmin.views.plugintab import tab_page
from portal.siteadmin.views.removing import choices_of
from portal.web.transactions import transaction


@bp.get("/plugins/<code>/")
def show_plugin(code: str) -> str:
    """The plugin's facts, its state and what can be done with it."""
    plugin = require_plugin(code)
    return tab_page("plugin", plugin, plugintabs.OVERVIEW, facts=_facts(plugin))


@bp.get("/plugins/<code>/activation")
def show_activation(code: str) -> str:
    """Who may use the plugin: its policies, each with how many would use it."""
    plugin = require_plugin(code)
    return _activation_page(plugin, _policy_form(plugin))


@bp.post("/plugins/<code>/activation")
@transaction("read")
def set_plugin_policy(code: str) -> ResponseReturnValue:
    """Set the policies for groups and for people."""
    plugin = require_plugin(code)
    form = _policy_form(plugin)
    if form is None:
        return _activation_page(plugin, form), 409
    if not form.validate_on_submit():
        return _activation_page(plugin, form), 422
    try:
        outcome = lifecycle.set_policy(
            plugin.code, group=form.chosen("group"), user=form.chosen("user")
        )
    except Refused as refusal:
        form.form_errors.append(str(refusal))
        return _activation_page(require_plugin(code), form), 409
    return told(outcome, url_for("siteadmin.show_activation", code=plugin.code))


@bp.get("/plugins/<code>/hooks")
def show_plugin_hooks(code: str) -> str:
    """Which hooks the plugin answers, each with its place among all that answer it."""
    plugin = require_plugin(code)
    handlers = list(_places(plugin.handle))
    return tab_page("plugin_hooks", plugin, plugintabs.HOOKS, handlers=handlers)


@bp.get("/plugins/<code>/data")
def show_plugin_data(code: str) -> str:
    """What the plugin holds: types, tables with rows and bytes, files, the choices made for it."""
    plugin = require_plugin(code)
    belongings = belongings_of(plugin.handle) if plugin.handle else Belongings()
    return tab_page(
        "plugin_data",
        plugin,
        plugintabs.DATA,
        belongings=belongings,
        sizes=sizes_of([name for name, _rows in belongings.tables]),
        declarations=declarations_of(plugin),
        choices=choices_of(plugin.plugin_id),
        types=types_of(plugin, dict(belongings.tables)),
    )


def _activation_page(plugin: PluginStatus, form: PolicyForm | None) -> str:
    switches = list(_switches(plugin.handle))
    return tab_page(
        "plugin_activation", plugin, plugintabs.ACTIVATION, form=form, switches=switches
    )


def _policy_form(plugin: PluginStatus) -> PolicyForm | None:
    """Return the form with the switches that the plugin has, both while nobody knows; None for neither."""
    if plugin.plugin_id is None:
        return None
    switch = current_engine().activation.switch(plugin.handle)
    scopes = {"group", "user"} if switch is None else switch.scopes
    if not scopes & {"group", "user"}:
        return None
    return PolicyForm(
        plugin.plugin_id,
        group_counts() if "group" in scopes else None,
        user_counts() if "user" in scopes else None,
        data={"group": plugin.group_policy, "user": plugin.user_policy},
    )


def _facts(plugin: PluginStatus) -> list[tuple[str, str]]:
    manifest = plugin.manifest
    sources = {
        "bundled": _("bundled with the portal"),
        "path": _("a plugin folder"),
        "pip": _("a package of pip"),
        "archive": _("an uploaded archive"),
    }
    facts = [
        (_("Code"), plugin.code),
        (_("Handle"), plugin.handle),
        (_("Version"), plugin.version),
        (_("Version on disk"), plugin.version_on_disk if plugin.waits_for_update else ""),
        (_("Author"), plugin.author),
        (_("Comes from"), sources.get(plugin.source or "", "")),
    ]
    if manifest is not None:
        facts += [
            (_("Release"), manifest.release),
            (_("License"), manifest.license),
            (_("Home page"), manifest.homepage),
            (_("Switches"), ", ".join(_switches(plugin.handle))),
            (_("Permissions"), ", ".join(each.permission for each in permissions_of(plugin))),
        ]
    if plugin.plugin_id is not None:
        groups, people = uses_of([plugin])[plugin.plugin_id]
        titles = policies()
        facts += [
            (_("Policy for groups"), titles.get(plugin.group_policy, "")),
            (_("Policy for people"), titles.get(plugin.user_policy, "")),
            (_("Groups that use it"), str(groups)),
            (_("People who use it"), str(people)),
            (_("Plugins that need it"), ", ".join(plugin.dependents)),
        ]
    return facts


def _switches(handle: str) -> Iterator[str]:
    switch = current_engine().activation.switch(handle)
    names = {"site": _("site"), "group": _("group"), "user": _("person")}
    return (names[scope] for scope in names if switch is not None and scope in switch.scopes)


def _places(handle: str) -> Iterator[tuple[Handler, int]]:
    """Yield the plugin's connected handlers, each with its place among all that answer the hook."""
    engine = current_engine()
    for spec in engine.catalogue:
        for place, handler in enumerate(engine.hooks.listeners(spec.name), start=1):
            if handler.plugin == handle:
                yield handler, place
