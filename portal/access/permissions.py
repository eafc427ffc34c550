"""Permissions as values, the registry that collects them, and the site's own (spec 3.3.5).

An id reads ``system.<what>`` or ``group.<what>``. The core's packages declare theirs while an app
is built, plugins theirs after them; the first to declare an id owns its label and its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from decimal import Decimal
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

    Who holds it also holds those named in ``inherit_from``; ``permitted_action`` says of actions whether
    its holder may do them. One that is ``members_only`` is never given to everybody who comes along; one
    that is not ``is_displayed`` cannot be ticked, and comes with others only.
    """

    id: str
    label: str | LazyString
    section: str = "other"
    order: int | Decimal = 1000
    inherit_from: tuple[str, ...] = ()
    permitted_action: tuple[tuple[str, bool], ...] = ()
    members_only: bool = False
    is_displayed: bool = True

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


@dataclass(frozen=True, kw_only=True)
class Addition:
    """What a plugin adds to a permission that somebody else owns (spec 3.3.5)."""

    owner: str
    inherit_from: tuple[str, ...] = ()
    permitted_action: tuple[tuple[str, bool], ...] = ()


class PermissionRegistry:
    """The permissions of one app generation, by id.

    Where a method takes ``active``, the handles of the plugins that are active in a group, permissions and
    additions of other plugins count for nothing; None stands for all that run.
    """

    def __init__(self) -> None:
        self._permissions: dict[str, Permission] = {}
        self._owners: dict[str, str] = {}
        self._additions: dict[str, list[Addition]] = {}

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

    def add(self, permission_id: str, addition: Addition) -> None:
        """Let a permission, known by now or later, inherit and allow more."""
        self._additions.setdefault(permission_id, []).append(addition)

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

    def is_active(self, permission_id: str, active: Set[str] | None = None) -> bool:
        """Tell whether the id is registered, by the core or by an active plugin."""
        owner = self._owners.get(permission_id)
        return owner is not None and (owner == CORE or active is None or owner in active)

    def not_offered(self, permission_ids: Iterable[str]) -> frozenset[str]:
        """Return those of the ids that nobody can tick at the moment: not registered, or not displayed."""
        return frozenset(
            each
            for each in permission_ids
            if each not in self._permissions or not self._permissions[each].is_displayed
        )

    def is_plain(self, permission_ids: Iterable[str]) -> bool:
        """Tell whether no plugin has a part in any of these permissions, nor in what they inherit from."""
        seen: set[str] = set()
        waiting = list(permission_ids)
        while waiting:
            each = waiting.pop()
            if self._owners.get(each, CORE) != CORE or each in self._additions:
                return False
            if each not in seen:
                seen.add(each)
                waiting += self.parents(each)
        return True

    def parents(self, permission_id: str, active: Set[str] | None = None) -> list[str]:
        """Return the ids that a permission inherits from, additions after its own.

        What a group gives is good in that group only: its permissions inherit none of the site's.
        """
        known = self._permissions.get(permission_id)
        found = [*known.inherit_from] if known is not None else []
        for each in self._added(permission_id, active):
            found += each.inherit_from
        if permission_id.startswith("group."):
            return [each for each in found if each.startswith("group.")]
        return found

    def actions(self, permission_id: str, active: Set[str] | None = None) -> dict[str, bool]:
        """Return what a registered permission says of actions; the first to say something wins."""
        found = dict(self._permissions[permission_id].permitted_action)
        for each in self._added(permission_id, active):
            found = {**dict(each.permitted_action), **found}
        return found

    def implied_by(self, permission_id: str) -> frozenset[str]:
        """Return what else somebody holds who holds this one."""
        return self.expand({permission_id}) - {permission_id}

    def is_for_visitors(self, permission_id: str) -> bool:
        """Tell whether people who are no members may hold it: it amounts to nothing members-only."""
        amounts_to = self.expand({permission_id})
        return not any(self._permissions[each].members_only for each in amounts_to)

    def expand(
        self, held: Set[str], active: Set[str] | None = None, *, for_visitors: bool = False
    ) -> frozenset[str]:
        """Return every registered id that ``held`` amounts to.

        Follows ``inherit_from`` (a circle does no harm), lets ``group.administer`` stand for all of
        its scope, and ignores ids that nobody declares at the moment (a disabled plugin's). What is
        ``members_only`` leads ``for_visitors`` nowhere, whatever a plugin lets inherit from it.
        """
        found: set[str] = set()
        waiting = list(held)
        while waiting:
            each = waiting.pop()
            if each in found or not self.is_active(each, active):
                continue
            if for_visitors and self._permissions[each].members_only:
                continue
            found.add(each)
            waiting.extend(self.parents(each, active))
            if each == GROUP_ADMINISTER:
                waiting.extend(other.id for other in self.of_scope("group"))
        return frozenset(found)

    def without_implied(self, held: Set[str], active: Set[str] | None = None) -> frozenset[str]:
        """Return the ids without those that others of them amount to; of a circle one is left."""
        kept = set(held)
        for permission_id in sorted(held):
            if permission_id in self.expand(kept - {permission_id}, active):
                kept.remove(permission_id)
        return frozenset(kept)

    def _added(self, permission_id: str, active: Set[str] | None) -> Iterator[Addition]:
        for each in self._additions.get(permission_id, ()):
            if active is None or each.owner in active:
                yield each


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
