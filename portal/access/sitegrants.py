"""Writes to what people hold on the whole site: direct grants, and the site's roles.

The last site admin stays one: that is checked here, under a lock, whatever the way by which the
right would go.
"""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import gettext as _
from sqlalchemy import delete, select

from portal.access.actions import (
    GRANT_ADD,
    GRANT_REMOVE,
    MEMBER_ADD,
    MEMBER_REMOVE,
    role_subject,
)
from portal.access.grants import forget_grants
from portal.access.lastadmins import site_admin_kept
from portal.access.models import Role, RolePermission, UserPermission, UserRole
from portal.access.permissions import (
    SYSTEM_ADMINISTER,
    check_permissions,
    current_permissions,
)
from portal.access.queries import permissions_of_person
from portal.accounts.actions import person
from portal.accounts.models import User
from portal.core.audit.recording import record
from portal.core.database import db
from portal.core.errors import Conflict, Invalid


def grant_system(user: User, permission: str) -> bool:
    """Give the person a site permission; False when they hold that grant already.

    Raises ``Invalid`` when no such site permission is registered.
    """
    check_permissions([permission], "system")
    if permission in permissions_of_person(user.user_id):
        return False
    db.session.add(UserPermission(user_id=user.user_id, permission=permission))
    db.session.flush()
    forget_grants(user)
    record(GRANT_ADD, person(user), new={"permission": permission})
    return True


def revoke_system(user: User, permission: str) -> bool:
    """Take a direct grant back; False when there was none.

    Raises ``Conflict`` when the person is the last site admin and would not stay one.
    """
    if permission not in permissions_of_person(user.user_id):
        return False
    with site_admin_kept(user):
        db.session.execute(
            delete(UserPermission).where(
                UserPermission.user_id == user.user_id, UserPermission.permission == permission
            )
        )
    forget_grants(user)
    record(GRANT_REMOVE, person(user), old={"permission": permission})
    return True


def set_system_permissions(user: User, permissions: Iterable[str]) -> bool:
    """Make these the site permissions that the person holds directly; False when nothing differs.

    What another of them implies is not stored beside it; ids that nobody declares at the moment, and
    those that are not displayed, are kept. Raises ``Invalid`` for ids that are not registered site
    permissions, ``Conflict`` when the person is the last site admin and would not stay one.
    """
    wanted = set(permissions)
    check_permissions(wanted, "system")
    known = current_permissions()
    stored = set(permissions_of_person(user.user_id))
    now = known.without_implied(wanted) | known.not_offered(stored)
    with site_admin_kept(user):
        for permission in sorted(stored - now):
            revoke_system(user, permission)
        for permission in sorted(now - stored):
            grant_system(user, permission)
    return now != stored


def make_site_admin(user: User) -> bool:
    """Make the person a site admin; False when they were one. Raises ``Conflict`` unless active."""
    if not user.is_active:
        raise Conflict(
            _("%(user)s has no active account.", user=user.user_name), _("Activate it first.")
        )
    return grant_system(user, SYSTEM_ADMINISTER)


def unmake_site_admin(user: User) -> bool:
    """Take site administration from the person, granted directly or by roles of the site.

    False when they were no site admin. Raises ``Conflict`` when they are the last one.
    """
    giving = select(Role).where(
        Role.scope == "system",
        Role.role_id.in_(
            select(RolePermission.role_id).where(RolePermission.permission == SYSTEM_ADMINISTER)
        ),
        Role.role_id.in_(select(UserRole.role_id).where(UserRole.user_id == user.user_id)),
    )
    with site_admin_kept(user):
        is_changed = revoke_system(user, SYSTEM_ADMINISTER)
        for role in db.session.scalars(giving).all():
            is_changed = take_site_role(role, user) or is_changed
    return is_changed


def give_site_role(role: Role, user: User) -> None:
    """Give the person a role of the site.

    Raises ``Invalid`` for a role of a group and an account that is not active, ``Conflict`` when the
    person holds the role already.
    """
    _check_of_site(role)
    if not user.is_active:
        text = _("%(user)s has no active account.", user=user.user_name)
        raise Invalid({"user_name": [text]})
    if _membership(role, user) is not None:
        raise Conflict(
            _("%(user)s has the role %(role)s already.", user=user.user_name, role=role.name)
        )
    db.session.add(UserRole(user_id=user.user_id, role_id=role.role_id))
    db.session.flush()
    forget_grants(user)
    record(MEMBER_ADD, role_subject(role), new={"person": user.user_name})


def take_site_role(role: Role, user: User) -> bool:
    """Take a role of the site from the person; False when they do not hold it.

    Raises ``Invalid`` for a role of a group, ``Conflict`` when the person is the last site admin and
    would not stay one.
    """
    _check_of_site(role)
    membership = _membership(role, user)
    if membership is None:
        return False
    with site_admin_kept(user):
        db.session.delete(membership)
    forget_grants(user)
    record(MEMBER_REMOVE, role_subject(role), old={"person": user.user_name})
    return True


def _check_of_site(role: Role) -> None:
    if role.scope != "system" or role.group_id is not None:
        raise Invalid({"role": [_("This role belongs elsewhere.")]})


def _membership(role: Role, user: User) -> UserRole | None:
    return db.session.scalars(
        select(UserRole).where(UserRole.role_id == role.role_id, UserRole.user_id == user.user_id)
    ).one_or_none()
