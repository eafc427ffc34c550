"""Who holds permissions: the roles that give them, on the site and in groups, and people directly."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from sqlalchemy import func, select

from portal.access.models import MemberPermission, Role, RolePermission, UserPermission
from portal.core.database import db


@dataclass(kw_only=True)
class Holders:
    """Who holds one permission, as stored.

    ``site_roles`` are (key, name); ``group_roles`` are (name, kind, in how many groups); ``people`` were
    given it on the site, ``members`` in a group, each counted directly, not through roles.
    """

    site_roles: list[tuple[int, str]] = field(default_factory=list)
    group_roles: list[tuple[str, str, int]] = field(default_factory=list)
    people: int = 0
    members: int = 0

    def __bool__(self) -> bool:
        """True when anybody holds it, or a role gives it."""
        return bool(self.site_roles or self.group_roles or self.people or self.members)


def holders_of(permissions: Collection[str]) -> Mapping[str, Holders]:
    """Return for each of the ids who holds it; four SELECTs, whatever their number."""
    found = {each: Holders() for each in permissions}
    if not found:
        return found
    is_asked = RolePermission.permission.in_(found)
    gives = select(RolePermission.permission).join(Role, Role.role_id == RolePermission.role_id)
    on_site = gives.add_columns(Role.role_id, Role.name).where(is_asked, Role.group_id.is_(None))
    for permission, role_id, name in db.session.execute(on_site.distinct().order_by(Role.name)):
        found[permission].site_roles.append((role_id, name))
    in_groups = (
        gives.add_columns(Role.name, Role.kind, func.count(Role.group_id.distinct()))
        .where(is_asked, Role.group_id.is_not(None))
        .group_by(RolePermission.permission, Role.name, Role.kind)
        .order_by(func.count(Role.group_id.distinct()).desc(), Role.name)
    )
    for permission, name, kind, count in db.session.execute(in_groups):
        found[permission].group_roles.append((name, kind, count))
    for permission, count in _counted(UserPermission, found):
        found[permission].people = count
    for permission, count in _counted(MemberPermission, found):
        found[permission].members = count
    return found


def _counted(
    grants: type[UserPermission] | type[MemberPermission], permissions: Collection[str]
) -> list[tuple[str, int]]:
    query = select(grants.permission, func.count(grants.user_id.distinct()))
    query = query.where(grants.permission.in_(permissions)).group_by(grants.permission)
    return [(permission, count) for permission, count in db.session.execute(query)]
