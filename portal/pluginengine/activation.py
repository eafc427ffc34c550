"""The one predicate: is a plugin active for the site, for this group, for this user? (design 6)

Everything asks here: hooks, routes, menus, assets. A plugin is considered at all when it is enabled
on the site and healthy; then the switch of the asked scope decides, by policy and choice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from portal.pluginengine import masking


class Owner(Protocol):
    """Whoever has plugin switches: a group or a user.

    ``plugin_scope`` is "group" or "user"; ``plugin_choices`` maps a plugin's id to its explicit Yes or No.
    """

    @property
    def plugin_scope(self) -> str:
        """The scope of its switches."""
        ...

    @property
    def plugin_choices(self) -> Mapping[int, bool]:
        """The stored choices."""
        ...


@dataclass(frozen=True, kw_only=True)
class Switch:
    """What decides about one running plugin: its id, its scopes, its policy per scope."""

    handle: str
    plugin_id: int
    scopes: frozenset[str]
    policies: Mapping[str, str]

    def is_on(self, scope: str, choice: bool | None) -> bool:
        """Return the verdict for an owner of ``scope`` whose stored choice is ``choice``.

        A plugin without a switch of that scope is on when it works for the whole site.
        """
        if scope not in self.scopes:
            return "site" in self.scopes
        policy = self.policies[scope]
        if policy in ("forced", "forbidden"):
            return policy == "forced"
        return policy == "default_on" if choice is None else choice


class Activation:
    """Answers for one app generation; built once, asked at every hook and every request."""

    def __init__(self, switches: Iterable[Switch]) -> None:
        self._switches = {each.handle: each for each in switches}
        self.site: frozenset[str] = frozenset(self._switches)
        self._sets: dict[tuple[str, frozenset[tuple[int, bool]]], frozenset[str]] = {}

    def switch(self, handle: str) -> Switch | None:
        """Return the switch of a running plugin, or None."""
        return self._switches.get(handle)

    def with_switch(self, scope: str) -> list[Switch]:
        """Return the running plugins that have a switch of ``scope``, by handle."""
        found = [each for each in self._switches.values() if scope in each.scopes]
        return sorted(found, key=lambda each: each.handle)

    def active_for(self, owner: Owner | None) -> frozenset[str]:
        """Return the handles active for ``owner``; for the site when it is None.

        Equal choices give the same frozenset object, so that dispatch can cache by it.
        """
        if owner is None:
            return self.site
        key = (owner.plugin_scope, frozenset(owner.plugin_choices.items()))
        found = self._sets.get(key)
        if found is None:
            if len(self._sets) > 4096:
                self._sets.clear()
            choices = owner.plugin_choices
            found = frozenset(
                each.handle
                for each in self._switches.values()
                if each.is_on(owner.plugin_scope, choices.get(each.plugin_id))
            )
            self._sets[key] = found
        return found

    def is_active(self, handle: str, owner: Owner | None = None) -> bool:
        """The predicate: True when the plugin acts for ``owner`` (the site when None).

        Behind a mask the hidden ones act for nobody; what is stored never asks this.
        """
        if masking.is_hidden(handle):
            return False
        switch = self._switches.get(handle)
        if switch is None or owner is None:
            return switch is not None
        return switch.is_on(owner.plugin_scope, owner.plugin_choices.get(switch.plugin_id))
