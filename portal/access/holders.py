"""Reads of what people hold on the whole site: who has a role of it, who has grants of their own."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from portal.access.models import Role, RolePermission, UserPermission, UserRole
from portal.access.permissions import current_permissions
from portal.accounts.models import User
from portal.core.database import db


def holders_of(role: Role) -> Sequence[User]:
    """Return who holds the role, in any state of the account, by login name."""
    return db.session.scalars(
        select(User)
        .join(UserRole, UserRole.user_id == User.user_id)
        .where(UserRole.role_id == role.role_id)
        .order_by(User.user_name)
    ).all()


def people_with_grants() -> list[tuple[User, tuple[str, ...]]]:
    """Return who was granted site permissions directly, with the ids, by login name."""
    found: dict[User, list[str]] = {}
    for user, permission in db.session.execute(
        select(User, UserPermission.permission)
        .join(UserPermission, UserPermission.user_id == User.user_id)
        .order_by(User.user_name, UserPermission.permission)
    ):
        found.setdefault(user, []).append(permission)
    return [(user, tuple(ids)) for user, ids in found.items()]


def site_roles_of(user: User) -> Sequence[Role]:
    """Return the site's roles that the person holds, by name."""
    return db.session.scalars(
        select(Role)
        .join(UserRole, UserRole.role_id == Role.role_id)
        .where(Role.scope == "system", UserRole.user_id == user.user_id)
        .order_by(Role.name)
    ).all()


def given_by(roles: Sequence[Role]) -> frozenset[str]:
    """Return what the roles give to those who hold them, inheritance included; objects left out."""
    ids = db.session.scalars(
        select(RolePermission.permission).where(
            RolePermission.role_id.in_([role.role_id for role in roles]),
            RolePermission.object_kind == "",
        )
    )
    return current_permissions().expand(set(ids))
