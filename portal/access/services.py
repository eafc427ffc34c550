"""Writes to memberships and to direct grants in a group; whoever calls has asked ``can()`` before.

A group's last administrator stays one: that is checked here, under a lock, whatever the way by
which the right would go.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from flask_babel import gettext as _
from sqlalchemy import delete, select

from portal.access.actions import (
    GRANT_ADD,
    GRANT_REMOVE,
    MEMBER_ADD,
    MEMBER_REMOVE,
    MEMBER_UPDATE,
)
from portal.access.decisions import AccessGroup
from portal.access.events import tell_added, tell_removed
from portal.access.grants import forget_grants
from portal.access.lastadmins import administrator_kept, hold_roles
from portal.access.models import (
    ANYWHERE,
    MEMBER,
    JoinRequest,
    MemberPermission,
    Role,
    UserRole,
)
from portal.access.permissions import check_permissions, current_permissions
from portal.access.queries import member_permissions, role_named
from portal.accounts.actions import person
from portal.accounts.models import User
from portal.core.audit.recording import record
from portal.core.database import db
from portal.core.errors import Conflict, Invalid


class MemberGroup(AccessGroup, Protocol):
    """A group whose kept counter of members these services move."""

    member_count: Any


def add_member(group: MemberGroup, user: User, role: Role | str) -> UserRole:
    """Give the person a role of the group (itself or its name), which makes them a member.

    Raises ``Invalid`` when the account is not active or the group has no such role, ``Conflict``
    when the person holds the role already.
    """
    role = _role_of(group, role)
    if not user.is_active:
        text = _("%(user)s has no active account.", user=user.user_name)
        raise Invalid({"user_name": [text]})
    hold_roles(group.group_id)
    held = _roles_held(group, user)
    if any(each.role_id == role.role_id for each in held):
        raise Conflict(
            _("%(user)s has the role %(role)s already.", user=user.user_name, role=role.name)
        )
    membership = UserRole(user_id=user.user_id, role_id=role.role_id)
    db.session.add(membership)
    if not held:
        _count(group, 1)
        _answer_request(group, user)
    db.session.flush()
    forget_grants(user, group.group_id)
    record(
        MEMBER_UPDATE if held else MEMBER_ADD, person(user), group=group, new={"role": role.name}
    )
    if not held:
        tell_added(group, user, [role.name])
    return membership


def change_role(group: MemberGroup, user: User, role: Role | str) -> None:
    """Make ``role`` the only role of a member; raises what ``set_roles`` raises."""
    set_roles(group, user, [role])


def set_roles(group: MemberGroup, user: User, roles: Iterable[Role | str]) -> bool:
    """Make these the roles of a member; False when they are already.

    Raises ``Conflict`` when the person is no member, or is the group's last administrator and
    would not stay one; ``Invalid`` when there is no role, or one that the group does not have.
    """
    wanted = {role.role_id: role for role in (_role_of(group, each) for each in roles)}
    if not wanted:
        text = _("A member has at least one role. Remove the person from the group instead.")
        raise Invalid({"role": [text]})
    with administrator_kept(group.group_id, user):
        held = _roles_held(group, user)
        _check_member(held, user)
        names = _names(each.role_id for each in held)
        for each in held:
            if each.role_id not in wanted:
                db.session.delete(each)
        for role_id in sorted(wanted.keys() - {each.role_id for each in held}):
            db.session.add(UserRole(user_id=user.user_id, role_id=role_id))
    forget_grants(user, group.group_id)
    new = sorted(role.name for role in wanted.values())
    if new == names:
        return False
    record(MEMBER_UPDATE, person(user), group=group, old={"roles": names}, new={"roles": new})
    return True


def remove_member(group: MemberGroup, user: User) -> None:
    """Take all roles of the group, and what was granted there directly, from the person.

    Raises ``Conflict`` when the person is no member or is the group's last administrator.
    """
    with administrator_kept(group.group_id, user):
        held = _roles_held(group, user)
        _check_member(held, user)
        names = _names(each.role_id for each in held)
        directly = member_permissions(group.group_id, user.user_id)
        keys = [each.user_role_id for each in held]
        db.session.execute(delete(UserRole).where(UserRole.user_role_id.in_(keys)))
        db.session.execute(_direct(delete(MemberPermission), group, user))
        _count(group, -1)
    forget_grants(user, group.group_id)
    old = {"roles": names, "permissions": directly} if directly else {"roles": names}
    record(MEMBER_REMOVE, person(user), group=group, old=old)
    tell_removed(group, user, names)


def set_member_permissions(group: AccessGroup, user: User, permissions: Iterable[str]) -> bool:
    """Make these what the member holds directly, beside the roles; False when nothing differs.

    What another of them implies is not stored beside it; ids that nobody declares at the moment, and
    those that are not displayed, are kept. Raises ``Invalid`` for ids that are not registered group
    permissions, ``Conflict`` when the person is no member, or is the group's last administrator and would
    not stay one.
    """
    wanted = set(permissions)
    check_permissions(wanted, "group")
    known = current_permissions()
    with administrator_kept(group.group_id, user):
        _check_member(_roles_held(group, user), user)
        stored = set(member_permissions(group.group_id, user.user_id))
        now = known.without_implied(wanted) | known.not_offered(stored)
        lost = _direct(delete(MemberPermission), group, user).where(
            MemberPermission.object_kind == ANYWHERE,
            MemberPermission.permission.in_(stored - now),
        )
        db.session.execute(lost)
        for permission in sorted(now - stored):
            grant = MemberPermission(
                group_id=group.group_id, user_id=user.user_id, permission=permission
            )
            db.session.add(grant)
    forget_grants(user, group.group_id)
    for permission in sorted(stored - now):
        record(GRANT_REMOVE, person(user), group=group, old={"permission": permission})
    for permission in sorted(now - stored):
        record(GRANT_ADD, person(user), group=group, new={"permission": permission})
    return stored != now


def _answer_request(group: AccessGroup, user: User) -> None:
    """Drop what the person has asked the group: whoever is in it waits for no answer."""
    db.session.execute(
        delete(JoinRequest).where(
            JoinRequest.group_id == group.group_id, JoinRequest.user_id == user.user_id
        )
    )


def _role_of(group: AccessGroup, role: Role | str) -> Role:
    found = role_named(group.group_id, role) if isinstance(role, str) else role
    if found is None or found.group_id != group.group_id or found.kind != MEMBER:
        name = role if isinstance(role, str) else role.name
        raise Invalid({"role": [_("This group has no role %(name)s.", name=name)]})
    return found


def _roles_held(group: AccessGroup, user: User) -> Sequence[UserRole]:
    return db.session.scalars(
        select(UserRole)
        .join(Role, Role.role_id == UserRole.role_id)
        .where(Role.group_id == group.group_id, UserRole.user_id == user.user_id)
    ).all()


def _direct(statement: Any, group: AccessGroup, user: User) -> Any:
    return statement.where(
        MemberPermission.group_id == group.group_id, MemberPermission.user_id == user.user_id
    )


def _names(role_ids: Iterable[int]) -> list[str]:
    """Return the names of the roles, in alphabetical order."""
    return sorted(db.session.scalars(select(Role.name).where(Role.role_id.in_(list(role_ids)))))


def _check_member(held: Sequence[UserRole], user: User) -> None:
    if not held:
        raise Conflict(_("%(user)s is not a member of this group.", user=user.user_name))


def _count(group: MemberGroup, step: int) -> None:
    """Move the kept counter in the database, so that two requests at once both count."""
    group.member_count = type(group).member_count + step
