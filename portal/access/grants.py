"""What people hold: read once per unit of work, and with the person's own row where possible.

One SELECT per (person, group) at most; the site grants of the signed-in person cost none, because
the accounts package fetches them with the row (``SYSTEM_GRANTS``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Select, false, func, select, true, union_all

from portal.access.held import Grant, Held, hold
from portal.access.models import (
    MemberPermission,
    Role,
    RolePermission,
    UserPermission,
    UserRole,
)
from portal.access.permissions import GROUP_READ, current_permissions
from portal.accounts.loading import Extra
from portal.accounts.models import User
from portal.core.database import db
from portal.core.unit_of_work import current_unit


@dataclass(frozen=True)
class Grants:
    """What a person holds in one group: through its roles, and directly."""

    is_member: bool
    held: Held


def grants_in(user: User, group_id: int) -> Grants:
    """Return what the person holds in the group; every member may see it."""
    cache, key = current_unit().cache, _group_key(user, group_id)
    known: Grants | None = cache.get(key)
    if known is None:
        rows = db.session.execute(_in_group(user.user_id, group_id)).all()
        is_member = any(row.by_role for row in rows)
        membership: Grant = (GROUP_READ, "", 0)
        grants = [(row.permission, row.object_kind, row.object_id) for row in rows]
        known = Grants(is_member, hold([membership, *grants] if is_member else ()))
        cache[key] = known
    return known


def system_grants(user: User) -> frozenset[str]:
    """Return what the person holds on the whole site: direct grants and system roles."""
    cache, key = current_unit().cache, _system_key(user)
    known: frozenset[str] | None = cache.get(key)
    if known is None:
        statement = union_all(*_on_site(user.user_id))
        known = current_permissions().expand(set(db.session.scalars(statement)))
        cache[key] = known
    return known


def forget_grants(user: User, group_id: int | None = None) -> None:
    """Make the next question read again; for the services that change grants."""
    key = _system_key(user) if group_id is None else _group_key(user, group_id)
    current_unit().cache.pop(key, None)


def forget_all_grants() -> None:
    """Make every question read again; for the services that change what a role gives."""
    cache = current_unit().cache
    for key in [each for each in cache if isinstance(each, tuple) and each[0] in _CACHED]:
        del cache[key]


def _packed_system_grants() -> ColumnElement[str]:
    direct, through_roles = (
        each.with_only_columns(func.aggregate_strings(each.selected_columns[0], " "))
        .correlate(User.__table__)
        .scalar_subquery()
        for each in _on_site(User.user_id)
    )
    return func.coalesce(direct, "").concat(" ").concat(func.coalesce(through_roles, ""))


def _remember_system_grants(user: User, text: str | None) -> None:
    held = current_permissions().expand(set((text or "").split()))
    current_unit().cache[_system_key(user)] = held


SYSTEM_GRANTS = Extra(column=_packed_system_grants, remember=_remember_system_grants)
"""Brings the site grants along with every row of ``users`` that accounts loads."""


_CACHED = ("access.system", "access.group", "access.visitors")


def _system_key(user: User) -> tuple[str, int]:
    return ("access.system", user.user_id)


def _group_key(user: User, group_id: int) -> tuple[str, int, int]:
    return ("access.group", user.user_id, group_id)


def _on_site(user_id: Any) -> tuple[Select[str], Select[str]]:
    direct = select(UserPermission.permission).where(UserPermission.user_id == user_id)
    through_roles = (
        select(RolePermission.permission)
        .join(UserRole, UserRole.role_id == RolePermission.role_id)
        .join(Role, Role.role_id == UserRole.role_id)
        .where(Role.scope == "system", UserRole.user_id == user_id)
    )
    return direct, through_roles


def _in_group(user_id: int, group_id: int) -> CompoundSelect[Any]:
    """One row per grant, and one with an empty permission for a role that gives none."""
    through_roles = (
        select(
            func.coalesce(RolePermission.permission, "").label("permission"),
            func.coalesce(RolePermission.object_kind, "").label("object_kind"),
            func.coalesce(RolePermission.object_id, 0).label("object_id"),
            true().label("by_role"),
        )
        .select_from(UserRole)
        .join(Role, Role.role_id == UserRole.role_id)
        .outerjoin(RolePermission, RolePermission.role_id == Role.role_id)
        .where(UserRole.user_id == user_id, Role.group_id == group_id)
    )
    directly = select(
        MemberPermission.permission,
        MemberPermission.object_kind,
        MemberPermission.object_id,
        false(),
    ).where(MemberPermission.user_id == user_id, MemberPermission.group_id == group_id)
    return union_all(through_roles, directly)
