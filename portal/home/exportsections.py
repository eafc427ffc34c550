"""What a person has to do with groups, for the export; it takes somebody who knows both."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sqlalchemy import select

from portal.access.models import JoinRequest, MemberPermission, Role, UserRole
from portal.accounts.models import User
from portal.core.database import db
from portal.groups.models import Group


def groups(user: User) -> list[Mapping[str, object]]:
    """Return the groups that the person belongs to, in any state, with roles and direct grants, by name."""
    held = (
        select(Group, Role.name.label("role"), UserRole.granted_at)
        .join(Role, Role.group_id == Group.group_id)
        .join(UserRole, UserRole.role_id == Role.role_id)
        .where(UserRole.user_id == user.user_id)
        .order_by(Group.name, Role.name)
    )
    granted: dict[int, list[dict[str, object]]] = {}
    own = select(MemberPermission).where(MemberPermission.user_id == user.user_id)
    for each in db.session.scalars(own.order_by(MemberPermission.member_permission_id)):
        grant: dict[str, object] = {"permission": each.permission}
        if each.object_kind:
            grant |= {"object_kind": each.object_kind, "object_id": each.object_id}
        granted.setdefault(each.group_id, []).append(grant)
    found: dict[int, dict[str, object]] = {}
    roles: dict[int, list[dict[str, object]]] = {}
    for row in db.session.execute(held):
        key = row.Group.group_id
        roles.setdefault(key, []).append({"role": row.role, "granted_at": row.granted_at})
        found[key] = {
            "group": row.Group.name,
            "full_name": row.Group.full_name,
            "roles": roles[key],
            "permissions": granted.get(key, []),
        }
    return list(found.values())


def join_requests(user: User) -> Iterator[Mapping[str, object]]:
    """Yield what the person has asked groups and nobody has answered, the oldest first."""
    query = (
        select(Group.name, JoinRequest.comment, JoinRequest.created_at)
        .join(Group, Group.group_id == JoinRequest.group_id)
        .where(JoinRequest.user_id == user.user_id)
        .order_by(JoinRequest.request_id)
    )
    for each in db.session.execute(query):
        yield {"group": each.name, "comment": each.comment, "created_at": each.created_at}


def groups_registered(user: User) -> Iterator[str]:
    """Yield the names of the groups that the person has registered."""
    query = select(Group.name).where(Group.registered_by == user.user_id)
    yield from db.session.scalars(query.order_by(Group.name))
