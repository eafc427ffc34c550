"""The one question of the portal: may this person do this here? (spec 3.3.5)"""

from __future__ import annotations

from typing import Protocol

from portal.access.grants import grants_in, system_grants
from portal.access.held import GrantObject
from portal.access.permissions import GROUP_READ, SYSTEM_ADMINISTER
from portal.access.visitors import visitor_grants
from portal.accounts.models import User


class AccessGroup(Protocol):
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
    """
    if is_site_admin(user):
        return True
    person = user if user is not None and user.is_active else None
    if group is not None and permission.startswith("group."):
        return group.is_active and _can_in_group(person, permission, group, on)
    return person is not None and permission in system_grants(person)


def is_site_admin(user: User | None) -> bool:
    """Tell whether the person is an active site admin."""
    return user is not None and user.is_active and SYSTEM_ADMINISTER in system_grants(user)


def is_member(user: User | None, group: AccessGroup) -> bool:
    """Tell whether the person holds a role of the group."""
    return user is not None and grants_in(user, group.group_id).is_member


def _can_in_group(
    person: User | None, permission: str, group: AccessGroup, on: GrantObject | None
) -> bool:
    if group.is_public:
        if permission == GROUP_READ:
            return True
        visitors = visitor_grants(group.group_id)
        held = visitors.anonymous if person is None else visitors.logged_in
        if held.includes(permission, on):
            return True
    if person is None:
        return False
    return permission in system_grants(person) or (
        grants_in(person, group.group_id).held.includes(permission, on)
    )
