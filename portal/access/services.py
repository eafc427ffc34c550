"""Writes to roles, memberships and grants; whoever calls has asked ``can()`` before."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

from flask_babel import gettext as _
from sqlalchemy import delete, func, select

from portal.access.actions import (
    GRANT_ADD,
    GRANT_REMOVE,
    MEMBER_ADD,
    MEMBER_REMOVE,
    MEMBER_UPDATE,
    ROLE_CREATE,
    role_subject,
)
from portal.access.decisions import AccessGroup
from portal.access.grants import forget_grants
from portal.access.models import Role, RolePermission, UserPermission, UserRole
from portal.access.permissions import GROUP_ADMINISTER, current_permissions
from portal.access.queries import is_administrator, other_administrator_exists, role_named
from portal.access.stockroles import STOCK_ROLES
from portal.accounts.actions import person
from portal.accounts.models import User
from portal.core.audit.recording import record
from portal.core.database import db
from portal.core.errors import Conflict, Invalid

LONGEST_ROLE_NAME = 64


class MemberGroup(AccessGroup, Protocol):
    """A group whose kept counter of members these services move."""

    member_count: Any


def grant_system(user: User, permission: str) -> bool:
    """Give the person a site permission; False when they hold that grant already.

    Raises ``Invalid`` when no such site permission is registered.
    """
    _check_permissions([permission], "system")
    if _direct_grant(user, permission) is not None:
        return False
    db.session.add(UserPermission(user_id=user.user_id, permission=permission))
    db.session.flush()
    record(GRANT_ADD, person(user), new={"permission": permission})
    forget_grants(user)
    return True


def revoke_system(user: User, permission: str) -> bool:
    """Take a direct grant back; False when there was none."""
    grant = _direct_grant(user, permission)
    if grant is None:
        return False
    db.session.delete(grant)
    db.session.flush()
    record(GRANT_REMOVE, person(user), old={"permission": permission})
    forget_grants(user)
    return True


def create_role(
    group: AccessGroup, name: str, permissions: Iterable[str], description: str = ""
) -> Role:
    """Add a role to the group.

    Raises ``Invalid`` for an empty, too long or taken name, for no permission at all and for ids
    that are not registered group permissions.
    """
    name = " ".join(name.split())
    wanted = sorted(set(permissions))
    if not 0 < len(name) <= LONGEST_ROLE_NAME:
        rule = _("A role's name has 1 to %(most)d characters.", most=LONGEST_ROLE_NAME)
        raise Invalid({"name": [rule]})
    if role_named(group.group_id, name) is not None:
        raise Invalid({"name": [_("This group has a role %(name)s already.", name=name)]})
    if not wanted:
        raise Invalid({"permissions": [_("A role gives at least one permission.")]})
    _check_permissions(wanted, "group")
    role = Role(scope="group", group_id=group.group_id, name=name, description=description)
    db.session.add(role)
    db.session.flush()
    db.session.add_all(RolePermission(role_id=role.role_id, permission=each) for each in wanted)
    db.session.flush()
    record(ROLE_CREATE, role_subject(role), group=group, new={"permissions": wanted})
    return role


def create_stock_roles(group: AccessGroup) -> dict[str, Role]:
    """Give a new group its first roles; returns them by name."""
    return {
        stock.name: create_role(group, stock.name, stock.permissions, stock.description)
        for stock in STOCK_ROLES
    }


def add_member(group: MemberGroup, user: User, role: Role | str) -> UserRole:
    """Give the person a role of the group (itself or its name), which makes them a member.

    Raises ``Invalid`` when the account is not active or the group has no such role, ``Conflict``
    when the person holds the role already.
    """
    role = _role_of(group, role)
    if not user.is_active:
        text = _("%(user)s has no active account.", user=user.user_name)
        raise Invalid({"user_name": [text]})
    held = _roles_held(group, user)
    if any(each.role_id == role.role_id for each in held):
        raise Conflict(
            _("%(user)s has the role %(role)s already.", user=user.user_name, role=role.name)
        )
    membership = UserRole(user_id=user.user_id, role_id=role.role_id)
    db.session.add(membership)
    if not held:
        _count(group, 1)
    db.session.flush()
    forget_grants(user, group.group_id)
    record(
        MEMBER_UPDATE if held else MEMBER_ADD, person(user), group=group, new={"role": role.name}
    )
    return membership


def change_role(group: MemberGroup, user: User, role: Role | str) -> None:
    """Make ``role`` the only role of a member.

    Raises ``Conflict`` when the person is no member, or is the group's last administrator and
    would not stay one; ``Invalid`` when the group has no such role.
    """
    role = _role_of(group, role)
    held = _roles_held(group, user)
    _check_member(held, user)
    names = _names(held)
    if not _gives_administration(role):
        _check_not_last_administrator(group, user)
    if all(each.role_id != role.role_id for each in held):
        db.session.add(UserRole(user_id=user.user_id, role_id=role.role_id))
    for each in held:
        if each.role_id != role.role_id:
            db.session.delete(each)
    db.session.flush()
    forget_grants(user, group.group_id)
    old, new = {"roles": names}, {"roles": [role.name]}
    record(MEMBER_UPDATE, person(user), group=group, old=old, new=new)


def remove_member(group: MemberGroup, user: User) -> None:
    """Take all roles of the group from the person.

    Raises ``Conflict`` when the person is no member or is the group's last administrator.
    """
    held = _roles_held(group, user)
    _check_member(held, user)
    _check_not_last_administrator(group, user)
    names = _names(held)
    db.session.execute(
        delete(UserRole).where(UserRole.user_role_id.in_([each.user_role_id for each in held]))
    )
    _count(group, -1)
    db.session.flush()
    forget_grants(user, group.group_id)
    record(MEMBER_REMOVE, person(user), group=group, old={"roles": names})


def _check_permissions(permissions: Iterable[str], scope: str) -> None:
    known = {each.id for each in current_permissions().of_scope(scope)}
    unknown = [each for each in permissions if each not in known]
    if unknown:
        text = _("There is no such permission: %(unknown)s.", unknown=", ".join(unknown))
        raise Invalid({"permissions": [text]})


def _direct_grant(user: User, permission: str) -> UserPermission | None:
    return db.session.scalars(
        select(UserPermission).where(
            UserPermission.user_id == user.user_id, UserPermission.permission == permission
        )
    ).one_or_none()


def _role_of(group: AccessGroup, role: Role | str) -> Role:
    found = role_named(group.group_id, role) if isinstance(role, str) else role
    if found is None or found.group_id != group.group_id:
        name = role if isinstance(role, str) else role.name
        raise Invalid({"role": [_("This group has no role %(name)s.", name=name)]})
    return found


def _roles_held(group: AccessGroup, user: User) -> list[UserRole]:
    return list(
        db.session.scalars(
            select(UserRole)
            .join(Role, Role.role_id == UserRole.role_id)
            .where(Role.group_id == group.group_id, UserRole.user_id == user.user_id)
        )
    )


def _names(held: Iterable[UserRole]) -> list[str]:
    """Return the names of the roles held, in alphabetical order."""
    keys = [each.role_id for each in held]
    return sorted(db.session.scalars(select(Role.name).where(Role.role_id.in_(keys))))


def _gives_administration(role: Role) -> bool:
    return bool(
        db.session.scalar(
            select(func.count())
            .select_from(RolePermission)
            .where(
                RolePermission.role_id == role.role_id,
                RolePermission.permission == GROUP_ADMINISTER,
            )
        )
    )


def _check_member(held: list[UserRole], user: User) -> None:
    if not held:
        raise Conflict(_("%(user)s is not a member of this group.", user=user.user_name))


def _check_not_last_administrator(group: AccessGroup, user: User) -> None:
    if is_administrator(group.group_id, user.user_id) and not other_administrator_exists(
        group.group_id, user.user_id
    ):
        raise Conflict(
            _("%(user)s is the last administrator of this group.", user=user.user_name),
            _("Make somebody else administrator first."),
        )


def _count(group: MemberGroup, step: int) -> None:
    """Move the kept counter in the database, so that two requests at once both count."""
    group.member_count = type(group).member_count + step
