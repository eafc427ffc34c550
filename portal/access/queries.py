"""Reads of roles and memberships: who is in a group, as what, and where a person belongs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Select, and_, case, func, literal, select

from portal.access.models import (
    ANONYMOUS,
    ANYWHERE,
    MEMBER,
    MemberPermission,
    Role,
    RolePermission,
    UserPermission,
    UserRole,
)
from portal.access.permissions import GROUP_ADMINISTER
from portal.accounts.models import ACTIVE, User
from portal.core.database import db
from portal.core.errors import NotFound


@dataclass(frozen=True, kw_only=True)
class Member:
    """A person in a group with the names of the roles they hold there, in alphabetical order."""

    user: User
    roles: tuple[str, ...]
    is_admin: bool


@dataclass(frozen=True, kw_only=True)
class Membership:
    """A group that a person belongs to, by its key, with the person's roles there."""

    group_id: int
    roles: tuple[str, ...]
    is_admin: bool


@dataclass(frozen=True, kw_only=True)
class RoleOverview:
    """A role with the number of people who hold it and the ids that it gives, as stored."""

    role: Role
    holders: int
    permissions: tuple[str, ...]


def members_of(group_id: int, *, limit: int) -> list[Member]:
    """Return the first ``limit`` active members, administrators first, then by login name. One SELECT."""
    is_admin = _is_admin(literal(group_id), User.user_id)
    statement = (
        select(User, _ROLE_NAMES, is_admin)
        .join(UserRole, UserRole.user_id == User.user_id)
        .join(Role, Role.role_id == UserRole.role_id)
        .outerjoin(RolePermission, _GIVES_ADMINISTRATION)
        .where(Role.group_id == group_id, User.status == ACTIVE)
        .group_by(User.user_id)
        .order_by(is_admin.desc(), User.user_name)
        .limit(limit)
    )
    return [
        Member(user=user, roles=_split(names), is_admin=bool(administers))
        for user, names, administers in db.session.execute(statement)
    ]


def memberships_of(user_id: int) -> dict[int, Membership]:
    """Return the groups that the person belongs to, in any state, by group id. One SELECT."""
    return {
        each.group_id: each for each in map(as_membership, db.session.execute(memberships(user_id)))
    }


def memberships(user_id: int) -> Select[int | None, str, int]:
    """Return a SELECT of the person's groups (group_id, role_names, is_admin), to be joined.

    ``as_membership`` reads a row of it.
    """
    is_admin = _is_admin(Role.group_id, literal(user_id))
    return (
        select(Role.group_id, _ROLE_NAMES.label("role_names"), is_admin.label("is_admin"))
        .join(UserRole, UserRole.role_id == Role.role_id)
        .outerjoin(RolePermission, _GIVES_ADMINISTRATION)
        .where(UserRole.user_id == user_id, Role.group_id.is_not(None))
        .group_by(Role.group_id)
    )


def as_membership(row: Any) -> Membership:
    """Make a value from a row that has the columns of ``memberships``."""
    return Membership(
        group_id=row.group_id, roles=_split(row.role_names), is_admin=bool(row.is_admin)
    )


def roles_of(group_id: int) -> Sequence[Role]:
    """Return the group's roles by name; the two of its visitors are not among them."""
    return db.session.scalars(
        select(Role).where(Role.group_id == group_id, Role.kind == MEMBER).order_by(Role.name)
    ).all()


def role_named(group_id: int, name: str) -> Role | None:
    """Return the group's role of that name, or None."""
    return db.session.scalars(
        select(Role).where(Role.group_id == group_id, Role.kind == MEMBER, Role.name == name)
    ).one_or_none()


def find_role(group_id: int | None, role_id: int) -> Role:
    """Return the role of the group (None: of the site) with that key, visitors' roles too.

    Raises ``NotFound`` for every other key, that of a role elsewhere included (forge 4.0).
    """
    role = db.session.get(Role, role_id)
    if role is None or role.group_id != group_id:
        raise NotFound(_("There is no such role here."))
    return role


def role_overview(group_id: int | None) -> list[RoleOverview]:
    """Return the roles of the group (None: of the site): named ones by name, then the visitors'."""
    holders = (
        select(func.count())
        .where(UserRole.role_id == Role.role_id)
        .correlate(Role)
        .scalar_subquery()
    )
    roles = db.session.execute(
        select(Role, holders)
        .where(Role.group_id.is_not_distinct_from(group_id))
        .order_by(case((Role.kind == MEMBER, 0), (Role.kind == ANONYMOUS, 1), else_=2), Role.name)
    ).all()
    given: dict[int, list[str]] = {}
    for role_id, permission in db.session.execute(
        select(RolePermission.role_id, RolePermission.permission)
        .where(
            RolePermission.role_id.in_([role.role_id for role, _holders in roles]),
            RolePermission.object_kind == ANYWHERE,
        )
        .order_by(RolePermission.permission)
    ):
        given.setdefault(role_id, []).append(permission)
    return [
        RoleOverview(role=role, holders=count, permissions=tuple(given.get(role.role_id, ())))
        for role, count in roles
    ]


def roles_held(group_id: int, user_id: int) -> Sequence[Role]:
    """Return the group's roles that the person holds, by name."""
    return db.session.scalars(
        select(Role)
        .join(UserRole, UserRole.role_id == Role.role_id)
        .where(Role.group_id == group_id, UserRole.user_id == user_id)
        .order_by(Role.name)
    ).all()


def permissions_of_role(role_id: int) -> list[str]:
    """Return what the role gives in all of its group or on the site, as stored, in order."""
    return sorted(
        db.session.scalars(
            select(RolePermission.permission).where(
                RolePermission.role_id == role_id, RolePermission.object_kind == ANYWHERE
            )
        )
    )


def member_permissions(group_id: int, user_id: int) -> list[str]:
    """Return what the person was granted in the group directly, as stored, in order."""
    return sorted(
        db.session.scalars(
            select(MemberPermission.permission).where(
                MemberPermission.group_id == group_id,
                MemberPermission.user_id == user_id,
                MemberPermission.object_kind == ANYWHERE,
            )
        )
    )


def permissions_of_person(user_id: int) -> list[str]:
    """Return what the person was granted on the site directly, as stored, in order."""
    return sorted(
        db.session.scalars(
            select(UserPermission.permission).where(UserPermission.user_id == user_id)
        )
    )


_SEPARATOR = "\n"
_ROLE_NAMES: ColumnElement[str] = func.aggregate_strings(Role.name, _SEPARATOR)
_GIVES_ADMINISTRATION = and_(
    RolePermission.role_id == Role.role_id,
    RolePermission.permission == GROUP_ADMINISTER,
    RolePermission.object_kind == ANYWHERE,
)


def _is_admin(group_id: Any, user_id: Any) -> ColumnElement[int]:
    """Return 1 where a role or a direct grant lets the person administer the group, else 0."""
    directly = select(MemberPermission.member_permission_id).where(
        MemberPermission.group_id == group_id,
        MemberPermission.user_id == user_id,
        MemberPermission.permission == GROUP_ADMINISTER,
        MemberPermission.object_kind == ANYWHERE,
    )
    through_role = func.max(case((RolePermission.permission == GROUP_ADMINISTER, 1), else_=0))
    return case((through_role == 1, 1), (directly.exists(), 1), else_=0)


def _split(names: str) -> tuple[str, ...]:
    return tuple(sorted(names.split(_SEPARATOR)))
