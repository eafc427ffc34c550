"""Whose account is deleted leaves all groups first (forge 4.0); it takes somebody who knows both."""

from __future__ import annotations

from sqlalchemy import delete, select

from portal.access.models import UserPermission, UserRole
from portal.access.queries import memberships_of
from portal.access.services import remove_member
from portal.accounts.models import User
from portal.core.database import db
from portal.core.errors import Conflict
from portal.groups.models import Group


def leave_groups(user: User) -> None:
    """Take the person out of every group, then all roles and grants on the site.

    Raises ``Conflict``, naming the group, where the person is the last administrator.
    """
    query = (
        select(Group)
        .where(Group.group_id.in_(memberships_of(user.user_id).keys()))
        .order_by(Group.group_id)
    )
    for group in db.session.scalars(query).all():
        try:
            remove_member(group, user)
        except Conflict as conflict:
            raise Conflict(f"{group.full_name}: {conflict.message}", conflict.remedy) from None
    db.session.execute(delete(UserRole).where(UserRole.user_id == user.user_id))
    db.session.execute(delete(UserPermission).where(UserPermission.user_id == user.user_id))
