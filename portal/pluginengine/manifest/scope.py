"""Judges `scope` and `policy`, and derives the scope of a plugin that gives none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, cast, get_args

from flask_babel import gettext as _

from portal.pluginengine.manifest.entry import Entry
from portal.pluginengine.manifest.values import Manifest, Policy, PolicyWord, Scope

SCOPES: Final[tuple[str, ...]] = get_args(Scope)
SWITCHES: Final = ("group", "user")
POLICY_WORDS: Final[tuple[str, ...]] = get_args(PolicyWord)


def scope(entry: Entry) -> tuple[Scope, ...] | None:
    """The switches of the plugin; None when they follow from its hooks."""
    if entry.is_absent:
        return None

    def one(item: Entry) -> Scope | None:
        return cast(Scope | None, item.one_of(SCOPES))

    found: tuple[Scope, ...] = entry.distinct(one)
    if entry.value == []:
        entry.fault(_("Name at least one of site, group and user, or leave the key out."))
    return found


def policy(entry: Entry, given: tuple[Scope, ...] | None) -> Policy:
    """The default policy of each switch; a switch that the plugin does not have is a warning."""
    at = entry.fields(SWITCHES)
    words: dict[str, PolicyWord] = {}
    for switch, place in at.items():
        word = place.one_of(POLICY_WORDS)
        words[switch] = "allowed" if word is None else cast(PolicyWord, word)
        if not place.is_absent and given is not None and switch not in given:
            place.warn(_("The plugin has no such switch: scope does not name it."))
    return Policy(**words)


def scopes_for(
    manifest: Manifest, hook_scopes: Mapping[str, str], answered: Iterable[str] = ()
) -> frozenset[Scope]:
    """The switches that the plugin has: those it names, else those that follow from its hooks.

    ``hook_scopes`` maps the catalogue's hook names to their scopes, ``answered`` adds hooks that
    the manifest does not know of (`get_hooks()`). A plugin that answers a hook of a group has the
    group's switch, one that answers a user's has the user's, one without either the site's.
    """
    if manifest.scope is not None:
        return frozenset(manifest.scope)
    hooks = [*(one.event for one in manifest.handlers), *(one.hook for one in manifest.links)]
    asked = {hook_scopes.get(hook) for hook in (*hooks, *answered)}
    derived = frozenset(cast(Scope, switch) for switch in SWITCHES if switch in asked)
    return derived or frozenset(("site",))
