"""Judges `requires`: the portal and the other plugins that a plugin needs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, cast

from flask_babel import gettext as _

from portal.pluginengine.errors import BadValue
from portal.pluginengine.manifest.entry import Entry, Findings
from portal.pluginengine.manifest.identity import version_text
from portal.pluginengine.manifest.values import PluginRequirement, Requirements
from portal.pluginengine.manifest.yamltext import Node
from portal.pluginengine.naming import check_code
from portal.pluginengine.versions import is_newer

CONFIG_FILE: Final = "config.yml"
REQUIRES_KEYS: Final = ("portal", "plugins")
PORTAL_KEYS: Final = ("min", "tested")
ITEM_KEYS: Final = ("code", "version")


def requires(entry: Entry, code: str | None) -> Requirements:
    """What is needed: a mapping of portal and plugins, or a list of {code, version}."""
    if isinstance(entry.value, list):
        return Requirements(plugins=_plugins(entry, code))
    at = entry.fields(REQUIRES_KEYS)
    portal = at["portal"].fields(PORTAL_KEYS)
    least = version_text(portal["min"])
    tested = version_text(portal["tested"])
    if least is not None and tested is not None and is_newer(least, tested):
        portal["tested"].fault(_("It was tried with a portal older than the least one it needs."))
    return Requirements(
        portal_min=least, portal_tested=tested, plugins=_plugins(at["plugins"], code)
    )


def stored_requirements(raw: Mapping[str, object] | None, code: str) -> Requirements:
    """Return what a manifest that was judged before, as `plugins.manifest` keeps it, says is needed."""
    value = cast("Node", (raw or {}).get("requires"))
    return requires(Entry(CONFIG_FILE, "requires", value, Findings()), code)


def _plugins(entry: Entry, own: str | None) -> tuple[PluginRequirement, ...]:
    found: dict[str, PluginRequirement] = {}
    for place, requirement in _listed(entry):
        key = requirement.code.lower()
        if own is not None and key == own.lower():
            place.fault(_("A plugin does not require itself."), requirement.code)
        elif key in found:
            place.fault(_("This plugin is required already."), requirement.code)
        found.setdefault(key, requirement)
    return tuple(found.values())


def _listed(entry: Entry) -> list[tuple[Entry, PluginRequirement]]:
    found = []
    if isinstance(entry.value, list):
        for item in entry.items():
            at = item.fields(ITEM_KEYS)
            code = at["code"].checked(check_code, required=True)
            version = version_text(at["version"])
            if code is not None:
                found.append((item, PluginRequirement(code=code, version=version)))
        return found
    for name, place in entry.entries():
        version = version_text(place)
        try:
            found.append((place, PluginRequirement(code=check_code(name), version=version)))
        except BadValue as bad:
            place.fault(bad.rule, bad.value)
    return found
