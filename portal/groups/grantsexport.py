"""Who holds a plugin's permissions, by name, for its export: roles, members of groups, people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sqlalchemy import select

from portal.access.holdings import owned_permissions
from portal.access.models import MemberPermission, Role, RolePermission, UserPermission
from portal.accounts.models import User
from portal.core.database import db
from portal.groups.models import Group
from portal.pluginengine.models import PluginRow


def exported_grants(plugin_id: int) -> Iterator[Mapping[str, object]]:
    """Yield each grant: ``permission``, and of ``group``, ``role`` and ``user`` those that it has.

    A role without a group is a global one. A grant on one object alone names its kind and key.
    """
    row = db.session.get(PluginRow, plugin_id)
    own = owned_permissions(row) if row is not None else frozenset()
    if not own:
        return
    of_roles = (
        select(RolePermission, Group.name, Role.name)
        .join(Role, Role.role_id == RolePermission.role_id)
        .outerjoin(Group, Group.group_id == Role.group_id)
        .where(RolePermission.permission.in_(own))
        .order_by(Group.name, Role.name, RolePermission.permission)
    )
    for of_role, group, role in db.session.execute(of_roles):
        yield {"permission": of_role.permission, "group": group, "role": role, **_object(of_role)}
    of_members = (
        select(MemberPermission, Group.name, User.user_name)
        .join(Group, Group.group_id == MemberPermission.group_id)
        .join(User, User.user_id == MemberPermission.user_id)
        .where(MemberPermission.permission.in_(own))
        .order_by(Group.name, User.user_name, MemberPermission.permission)
    )
    for grant, group, user in db.session.execute(of_members):
        yield {"permission": grant.permission, "group": group, "user": user, **_object(grant)}
    of_people = (
        select(UserPermission.permission, User.user_name)
        .join(User, User.user_id == UserPermission.user_id)
        .where(UserPermission.permission.in_(own))
        .order_by(User.user_name, UserPermission.permission)
    )
    for permission, user in db.session.execute(of_people):
        yield {"permission": permission, "user": user}


def _object(grant: RolePermission | MemberPermission) -> dict[str, object]:
    if not grant.object_kind:
        return {}
    return {"object_kind": grant.object_kind, "object_id": grant.object_id}
