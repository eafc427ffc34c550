"""Permissions as values, the registry that collects them, and the site's own (spec 3.3.5).

An id reads ``system.<what>`` or ``group.<what>``. The core's packages declare theirs while an app
is built, plugins theirs after them; the first to declare an id owns its label and its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from typing import Final, cast

from flask import Flask, current_app
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_babel.speaklater import LazyString

from portal.core.errors import Invalid

EXTENSION = "portal.permissions"
CORE = "core"
PERMISSION_ID = re.compile(r"(system|group)\.[a-z][a-z0-9_]*")

SYSTEM_ADMINISTER = "system.administer"
SYSTEM_APPROVE_GROUPS = "system.approve_groups"
GROUP_READ = "group.read"
"""See the group at all; a public group gives it to everybody, membership to members."""
GROUP_ADMINISTER = "group.administer"
"""Stands for every permission of its group."""
GROUP_SEE_MEMBERS = "group.see_members"
"""See who is in the group (forge 4.0, ``members``)."""

SECTIONS: Final[Mapping[str, LazyString]] = {
    "sys_admin": lazy_gettext("Site administration"),
    "blog_admin": lazy_gettext("Project administration"),
    "auth_pub": lazy_gettext("Authoring and publishing"),
    "blog_design": lazy_gettext("Appearance"),
    "blog_upload": lazy_gettext("Files"),
    "blog_comment": lazy_gettext("Discussion"),
    "other": lazy_gettext("Other"),
}
"""The sections of the role editor in their order: the six of M-31, and the rest (spec 3.3.5)."""


@dataclass(frozen=True, kw_only=True)
class Permission:
    """A boolean permission. ``section`` and ``order`` place it in the role editor.

    Who holds it also holds those named in ``inherit_from``. One that is ``members_only`` is never
    given to everybody who comes along.
    """

    id: str
    label: str | LazyString
    section: str = "other"
    order: int = 1000
    inherit_from: tuple[str, ...] = ()
    members_only: bool = False

    def __post_init__(self) -> None:
        """Refuse an id outside the grammar and an unknown section with ValueError."""
        if not PERMISSION_ID.fullmatch(self.id):
            raise ValueError(
                f"{self.id!r} cannot name a permission; write system.<what> or group.<what>, "
                "<what> being lower-case letters, digits and underscores."
            )
        if self.section not in SECTIONS:
            raise ValueError(
                f"{self.id} names the section {self.section!r}; there are {', '.join(SECTIONS)}."
            )

    @property
    def scope(self) -> str:
        """Return "system" or "group"."""
        return self.id.partition(".")[0]


class PermissionRegistry:
    """The permissions of one app generation, by id."""

    def __init__(self) -> None:
        self._permissions: dict[str, Permission] = {}
        self._owners: dict[str, str] = {}

    def declare(self, permissions: Iterable[Permission], owner: str = CORE) -> None:
        """Add permissions; ValueError when an id is known and means something different."""
        for permission in permissions:
            known = self._permissions.get(permission.id)
            if known is not None and known != permission:
                raise ValueError(
                    f"{owner} declares the permission {permission.id}, which "
                    f"{self._owners[permission.id]} owns. Name it after your own package."
                )
            self._permissions.setdefault(permission.id, permission)
            self._owners.setdefault(permission.id, owner)

    def __contains__(self, permission_id: object) -> bool:
        return permission_id in self._permissions

    def __iter__(self) -> Iterator[Permission]:
        """Yield the permissions by (order, id)."""
        return iter(sorted(self._permissions.values(), key=lambda each: (each.order, each.id)))

    def owner(self, permission_id: str) -> str:
        """Return who declared the id: ``core`` or a plugin's handle; KeyError when nobody did."""
        return self._owners[permission_id]

    def of_scope(self, scope: str) -> list[Permission]:
        """Return the permissions whose scope is "system" or "group"."""
        return [each for each in self if each.scope == scope]

    def implied_by(self, permission_id: str) -> frozenset[str]:
        """Return what else somebody holds who holds this one."""
        return self.expand({permission_id}) - {permission_id}

    def is_for_visitors(self, permission_id: str) -> bool:
        """Tell whether people who are no members may hold it: it amounts to nothing members-only."""
        amounts_to = self.expand({permission_id})
        return not any(self._permissions[each].members_only for each in amounts_to)

    def expand(self, held: Set[str]) -> frozenset[str]:
        """Return every registered id that ``held`` amounts to.

        Follows ``inherit_from`` (a circle does no harm), lets ``group.administer`` stand for all of
        its scope, and ignores ids that nobody declares at the moment (a disabled plugin's).
        """
        found: set[str] = set()
        waiting = list(held)
        while waiting:
            permission = self._permissions.get(waiting.pop())
            if permission is None or permission.id in found:
                continue
            found.add(permission.id)
            waiting.extend(permission.inherit_from)
            if permission.id == GROUP_ADMINISTER:
                waiting.extend(each.id for each in self.of_scope("group"))
        return frozenset(found)

    def without_implied(self, held: Set[str]) -> frozenset[str]:
        """Return the ids without those that others of them amount to; of a circle one is left."""
        kept = set(held)
        for permission_id in sorted(held):
            if permission_id in self.expand(kept - {permission_id}):
                kept.remove(permission_id)
        return frozenset(kept)


PERMISSIONS = (
    Permission(
        id=SYSTEM_ADMINISTER,
        label=lazy_gettext("Administer the site"),
        section="sys_admin",
        order=100,
    ),
    Permission(
        id=SYSTEM_APPROVE_GROUPS,
        label=lazy_gettext("Approve new groups"),
        section="sys_admin",
        order=200,
    ),
)


def install_registry(app: Flask) -> PermissionRegistry:
    """Give the app its registry, with the site's own permissions in it."""
    registry = PermissionRegistry()
    registry.declare(PERMISSIONS)
    app.extensions[EXTENSION] = registry
    return registry


def current_permissions() -> PermissionRegistry:
    """Return the registry of the running app."""
    return cast(PermissionRegistry, current_app.extensions[EXTENSION])


def check_permissions(permissions: Iterable[str], scope: str) -> None:
    """Raise ``Invalid`` at the field ``permissions`` unless all are registered ids of the scope."""
    known = {each.id for each in current_permissions().of_scope(scope)}
    unknown = sorted(each for each in permissions if each not in known)
    if unknown:
        text = _("There is no such permission: %(unknown)s.", unknown=", ".join(unknown))
        raise Invalid({"permissions": [text]})
