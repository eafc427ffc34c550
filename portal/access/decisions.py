"""The one question of the portal: may this person do this here? (spec 3.3.5)"""

from __future__ import annotations

from collections.abc import Iterator, Set
from typing import Protocol

from portal.access.grants import grants_in, system_grants
from portal.access.held import GrantObject, Held
from portal.access.permissions import CORE, GROUP_READ, SYSTEM_ADMINISTER, current_permissions
from portal.access.verdicts import is_known_action, verdict
from portal.access.visitors import visitor_grants
from portal.accounts.models import User
from portal.pluginengine.activation import Owner
from portal.pluginengine.engine import current_engine


class AccessGroup(Owner, Protocol):
    """What a decision needs to know of a group; the package ``groups`` stands above this one."""

    @property
    def group_id(self) -> int:
        """The group's key."""
        ...

    @property
    def name(self) -> str:
        """The group's name in addresses."""
        ...

    @property
    def is_public(self) -> bool:
        """True when everybody may see the group."""
        ...

    @property
    def is_active(self) -> bool:
        """True when the group has been approved and is neither held nor deleted."""
        ...


def can(
    user: User | None,
    permission: str,
    group: AccessGroup | None = None,
    on: GrantObject | None = None,
) -> bool:
    """Tell whether ``user`` (None: anonymous) holds ``permission``, in ``group`` when one is given.

    A site admin may do everything. An account that is not active holds what anonymous visitors
    hold. A group that is not active is closed to all but site admins. ``on`` names the object that
    is asked about (one tracker, one repository): it takes the permission in the whole group, or for
    that object. Everything adds up; nothing takes a permission away.

    A permission of a plugin is held by nobody, site admins included, where the plugin is not active: on
    the site, and in the group that is asked about. Instead of a permission an action may be named; what
    ``permitted_action`` says of it then counts.
    """
    is_action = permission not in current_permissions()
    if not _is_offered(permission, group):
        return False
    if is_site_admin(user):
        return True
    person = user if user is not None and user.is_active else None
    if is_action:
        return _may_act(person, permission, group, on)
    if group is not None and permission.startswith("group."):
        return group.is_active and _can_in_group(person, permission, group, on)
    return person is not None and permission in system_grants(person)


def is_site_admin(user: User | None) -> bool:
    """Tell whether the person is an active site admin."""
    return user is not None and user.is_active and SYSTEM_ADMINISTER in system_grants(user)


def is_member(user: User | None, group: AccessGroup) -> bool:
    """Tell whether the person holds a role of the group."""
    return user is not None and grants_in(user, group.group_id).is_member


def _is_offered(permission: str, group: AccessGroup | None) -> bool:
    """Tell whether anybody at all could hold the permission, or do the action, here."""
    registry = current_permissions()
    if permission not in registry:
        return is_known_action(registry, permission, _active_in(group))
    if registry.owner(permission) == CORE or not permission.startswith("group."):
        return True
    return registry.is_active(permission, _active_in(group))


def _active_in(group: AccessGroup | None) -> Set[str] | None:
    return None if group is None else current_engine().activation.active_for(group)


def _can_in_group(
    person: User | None, permission: str, group: AccessGroup, on: GrantObject | None
) -> bool:
    if group.is_public and permission == GROUP_READ:
        return True
    if any(held.includes(permission, group, on) for held in _held_in(person, group)):
        return True
    return person is not None and permission in system_grants(person)


def _held_in(person: User | None, group: AccessGroup) -> Iterator[Held]:
    """Yield what the person holds in an active group: as a visitor, then as a member."""
    if group.is_public:
        visitors = visitor_grants(group.group_id)
        yield visitors.anonymous if person is None else visitors.logged_in
    if person is not None:
        yield grants_in(person, group.group_id).held


def _may_act(
    person: User | None, action: str, group: AccessGroup | None, on: GrantObject | None
) -> bool:
    """Let the permissions of the group speak first, then those of the site; nobody: no (spec 3.3.5)."""
    registry, active = current_permissions(), _active_in(group)
    if group is not None:
        if not group.is_active:
            return False
        held = [each.amounts_to(group, on) for each in _held_in(person, group)]
        said = verdict(registry, frozenset().union(*held), action, active)
        if said is not None:
            return said
    return person is not None and bool(verdict(registry, system_grants(person), action, active))
