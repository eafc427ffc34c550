"""Who approves groups: site admins, and whoever holds the site permission for it (forge 4.6)."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select, union

from portal.access.decisions import can
from portal.access.models import ANYWHERE, Role, RolePermission, UserPermission, UserRole
from portal.access.permissions import (
    SYSTEM_ADMINISTER,
    SYSTEM_APPROVE_GROUPS,
    current_permissions,
)
from portal.accounts.models import ACTIVE, User
from portal.config import current_settings
from portal.core.database import db


def may_approve(viewer: User | None) -> bool:
    """Tell whether the person may approve and reject groups."""
    return can(viewer, SYSTEM_APPROVE_GROUPS)


def may_register(viewer: User | None) -> bool:
    """Tell whether the person may register a group: signed in, and an approver where that is set."""
    if viewer is None or not viewer.is_active:
        return False
    return current_settings().group_registration == "open" or may_approve(viewer)


def is_approved_at_once(viewer: User | None) -> bool:
    """Tell whether what the person registers need not wait: by the setting, or as an approver."""
    return current_settings().group_auto_approval or may_approve(viewer)


def approvers() -> Sequence[User]:
    """Return the active people who may approve groups, by login name. One SELECT."""
    known = current_permissions()
    sufficient = {SYSTEM_ADMINISTER} | {
        each.id
        for each in known.of_scope("system")
        if SYSTEM_APPROVE_GROUPS in known.expand({each.id})
    }
    directly = select(UserPermission.user_id).where(UserPermission.permission.in_(sufficient))
    by_role = (
        select(UserRole.user_id)
        .join(Role, Role.role_id == UserRole.role_id)
        .join(RolePermission, RolePermission.role_id == Role.role_id)
        .where(
            Role.scope == "system",
            RolePermission.permission.in_(sufficient),
            RolePermission.object_kind == ANYWHERE,
        )
    )
    return db.session.scalars(
        select(User)
        .where(User.user_id.in_(union(directly, by_role)), User.status == ACTIVE)
        .order_by(User.user_name)
    ).all()
