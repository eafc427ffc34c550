"""The plugin list of site admin and the page of one plugin."""

from __future__ import annotations

from collections.abc import Iterator

from flask import render_template
from flask_babel import gettext as _

from portal.core.errors import NotFound
from portal.pluginengine.engine import current_engine
from portal.pluginengine.handlers import Handler
from portal.pluginengine.health import Incident
from portal.pluginengine.overview import PluginStatus, plugin_overview, plugin_status
from portal.siteadmin.menu import PLUGINS
from portal.siteadmin.queries import group_counts, user_counts
from portal.siteadmin.views.blueprint import bp


@bp.get("/plugins/")
def list_plugins() -> str:
    """Every plugin that the site knows or that lies in its plugin folders, with state and cause."""
    plugins = plugin_overview()
    return render_template(
        "siteadmin/plugins.html",
        plugins=plugins,
        uses=_uses(plugins),
        active_section=PLUGINS,
    )


@bp.get("/plugins/<code>/")
def show_plugin(code: str) -> str:
    """One plugin: its facts, the hooks that it answers and in which place, and what went wrong."""
    plugin = require_plugin(code)
    return render_template(
        "siteadmin/plugin.html",
        plugin=plugin,
        facts=_facts(plugin),
        handlers=_handlers(plugin.handle),
        incidents=_incidents(plugin.handle),
        active_section=PLUGINS,
    )


def require_plugin(code: str) -> PluginStatus:
    """Return the plugin of an address; NotFound when the site knows none of that code."""
    plugin = plugin_status(code)
    if plugin is None:
        raise NotFound(_("The site knows no plugin %(code)s.", code=code))
    return plugin


def _uses(plugins: list[PluginStatus]) -> dict[int, tuple[int, int]]:
    """Return for each registered plugin how many groups and people use it."""
    groups, users = group_counts(), user_counts()
    return {
        plugin.plugin_id: (
            groups.using(plugin.plugin_id, plugin.group_policy),
            users.using(plugin.plugin_id, plugin.user_policy),
        )
        for plugin in plugins
        if plugin.plugin_id is not None
    }


def _facts(plugin: PluginStatus) -> list[tuple[str, str]]:
    manifest = plugin.manifest
    facts = [
        (_("Code"), plugin.code),
        (_("Handle"), plugin.handle),
        (_("Version"), plugin.version),
        (
            _("Version on disk"),
            plugin.version_on_disk if plugin.version_on_disk != plugin.version else "",
        ),
        (_("Author"), plugin.author),
    ]
    if manifest is not None:
        facts += [
            (_("Release"), manifest.release),
            (_("License"), manifest.license),
            (_("Home page"), manifest.homepage),
            (_("Switches"), ", ".join(_switches(plugin.handle))),
            (_("Permissions"), ", ".join(each.permission for each in manifest.permissions)),
        ]
    if plugin.plugin_id is not None:
        groups, people = _uses([plugin])[plugin.plugin_id]
        facts += [
            (_("Policy for groups"), _policy(plugin.group_policy)),
            (_("Policy for people"), _policy(plugin.user_policy)),
            (_("Groups that use it"), str(groups)),
            (_("People who use it"), str(people)),
        ]
    return facts


def _switches(handle: str) -> list[str]:
    switch = current_engine().activation.switch(handle)
    names = {"site": _("site"), "group": _("group"), "user": _("person")}
    return [names[scope] for scope in names if switch is not None and scope in switch.scopes]


def _policy(policy: str) -> str:
    names = {
        "forced": _("Always on"),
        "default_on": _("On unless switched off"),
        "allowed": _("Off unless switched on"),
        "forbidden": _("Not available"),
    }
    return names.get(policy, policy)


def _handlers(handle: str) -> list[tuple[Handler, int]]:
    """Return the plugin's connected handlers, each with its place among all that answer the hook."""
    return list(_places(handle))


def _places(handle: str) -> Iterator[tuple[Handler, int]]:
    engine = current_engine()
    for spec in engine.catalogue:
        for place, handler in enumerate(engine.hooks.listeners(spec.name), start=1):
            if handler.plugin == handle:
                yield handler, place


def _incidents(handle: str) -> list[Incident]:
    return [each for each in current_engine().health.incidents() if each.plugin == handle]
