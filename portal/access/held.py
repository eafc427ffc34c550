"""What somebody holds in a group: permissions for all of it, and permissions for single objects."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from portal.access.models import ANYWHERE
from portal.access.permissions import current_permissions

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
    """Permissions with everything they imply; those of an object are held beside the general ones."""

    permissions: frozenset[str]
    on_objects: Mapping[tuple[str, int], frozenset[str]]

    def includes(self, permission: str, on: GrantObject | None = None) -> bool:
        """Tell whether the permission is held in the whole group, or for the object in question."""
        if permission in self.permissions:
            return True
        return on is not None and permission in self.on_objects.get(
            (on.grant_kind, on.grant_id), frozenset()
        )


def hold(grants: Iterable[Grant]) -> Held:
    """Work out what stored grants amount to in the running app."""
    everywhere: set[str] = set()
    objects: dict[tuple[str, int], set[str]] = {}
    for permission, kind, key in grants:
        place = everywhere if kind == ANYWHERE else objects.setdefault((kind, key), set())
        place.add(permission)
    registry = current_permissions()
    return Held(
        registry.expand(everywhere),
        {place: registry.expand(held) for place, held in objects.items()},
    )
