"""What access knows about a person, for the export: what they may do on the whole site."""

from __future__ import annotations

from sqlalchemy import select

from portal.access.models import Role, UserRole
from portal.access.queries import permissions_of_person
from portal.accounts.models import User
from portal.core.database import db


def site_grants(user: User) -> dict[str, object]:
    """Return the roles of the site that the person holds, and what they were granted directly."""
    query = (
        select(Role.name, UserRole.granted_at)
        .join(UserRole, UserRole.role_id == Role.role_id)
        .where(UserRole.user_id == user.user_id, Role.group_id.is_(None))
        .order_by(Role.name)
    )
    roles = [
        {"role": each.name, "granted_at": each.granted_at} for each in db.session.execute(query)
    ]
    return {"roles": roles, "permissions": permissions_of_person(user.user_id)}
