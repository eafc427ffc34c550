"""What somebody holds in a group: permissions for all of it, and permissions for single objects."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from portal.access.models import ANYWHERE
from portal.access.permissions import current_permissions
from portal.pluginengine.activation import Owner
from portal.pluginengine.engine import current_engine

#: A stored grant: permission, kind and key of the object it is for ("" and 0: the whole group).
Grant = tuple[str, str, int]


class GrantObject(Protocol):
    """An object that permissions can be given for alone: one tracker, one repository."""

    @property
    def grant_kind(self) -> str:
        """What kind of object this is, in at most 32 lower-case letters ("tracker")."""
        ...

    @property
    def grant_id(self) -> int:
        """The object's key, above 0; unique in its kind over all groups."""
        ...


@dataclass(frozen=True)
class Held:
    """Permissions as stored, for the whole group and, beside them, for single objects.

    What ``for_visitors`` amounts to holds nothing that is for members only.
    """

    stored: frozenset[str]
    on_objects: Mapping[tuple[str, int], frozenset[str]]
    for_visitors: bool = False
    _amounts: dict[object, frozenset[str]] = field(default_factory=dict, compare=False, repr=False)

    def includes(self, permission: str, group: Owner, on: GrantObject | None = None) -> bool:
        """Tell whether the permission is held in the whole group, or for the object in question."""
        return permission in self.amounts_to(group, on)

    def amounts_to(self, group: Owner, on: GrantObject | None = None) -> frozenset[str]:
        """Return all that this is in the group, inheritance included: what its active plugins offer."""
        found = self._expanded(self.stored, group)
        if on is not None:
            place = (on.grant_kind, on.grant_id)
            if place in self.on_objects:
                found |= self._expanded(self.on_objects[place], group)
        return found

    def _expanded(self, ids: frozenset[str], group: Owner) -> frozenset[str]:
        """Work it out once; without plugins' permissions, the plugins of the group are not asked for."""
        registry = current_permissions()
        plain = registry.is_plain(ids)
        active = None if plain else current_engine().activation.active_for(group)
        key = (ids, active)
        found = self._amounts.get(key)
        if found is None:
            found = self._amounts[key] = registry.expand(
                ids, active, for_visitors=self.for_visitors
            )
        return found


def hold(grants: Iterable[Grant], *, for_visitors: bool = False) -> Held:
    """Collect stored grants."""
    everywhere: set[str] = set()
    objects: dict[tuple[str, int], set[str]] = {}
    for permission, kind, key in grants:
        place = everywhere if kind == ANYWHERE else objects.setdefault((kind, key), set())
        place.add(permission)
    on_objects = {place: frozenset(held) for place, held in objects.items()}
    return Held(frozenset(everywhere), on_objects, for_visitors)
