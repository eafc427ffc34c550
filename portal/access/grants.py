"""What people hold: read once per unit of work, and with the person's own row where possible.

One SELECT per (person, group) at most; the site grants of the signed-in person cost none, because
the accounts package fetches them with the row (``SYSTEM_GRANTS``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select, union_all

from portal.access.models import Role, RolePermission, UserPermission, UserRole
from portal.access.permissions import GROUP_READ, current_permissions
from portal.accounts.loading import Extra
from portal.accounts.models import User
from portal.core.database import db
from portal.core.unit_of_work import current_unit


@dataclass(frozen=True)
class Grants:
    """What a person holds in one group through its roles, inheritance included."""

    is_member: bool
    permissions: frozenset[str]


def grants_in(user: User, group_id: int) -> Grants:
    """Return what the person holds in the group; every member may see it."""
    cache, key = current_unit().cache, _group_key(user, group_id)
    known: Grants | None = cache.get(key)
    if known is None:
        rows = db.session.scalars(_in_group(user.user_id, group_id)).all()
        held = set(rows) | {GROUP_READ} if rows else set()
        known = Grants(bool(rows), current_permissions().expand(held))
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


def _in_group(user_id: int, group_id: int) -> Select[str]:
    """One row per permission, and one with an empty text for a role that gives none."""
    return (
        select(func.coalesce(RolePermission.permission, ""))
        .select_from(UserRole)
        .join(Role, Role.role_id == UserRole.role_id)
        .outerjoin(RolePermission, RolePermission.role_id == Role.role_id)
        .where(UserRole.user_id == user_id, Role.group_id == group_id)
    )
