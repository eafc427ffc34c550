"""Reads of groups, each as the viewer sees it: what is hidden from a person does not exist for them."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Select, false, func, or_, select

from portal.access.decisions import can, is_site_admin
from portal.access.joinrequests import pending_count_column, remember_pending_count
from portal.access.models import Role, UserRole
from portal.access.permissions import GROUP_READ
from portal.access.queries import Membership, as_membership, memberships
from portal.access.visitors import remember_visitor_grants, visitor_grants_text
from portal.accounts.models import User
from portal.core.database import db
from portal.core.errors import NotFound
from portal.groups.models import ACTIVE, PENDING, Group, GroupPlugin
from portal.groups.naming import name_key
from portal.pluginengine.usage import choices_text, remember_choices


def find_group(name: str, viewer: User | None) -> Group:
    """Return the group of that name with its plugin choices and visitors' grants, in one SELECT.

    Raises ``NotFound``, always with the same text, when there is none or ``viewer`` may not see it.
    """
    return _find(Group.name == name, viewer)


def find_group_by_id(group_id: int, viewer: User | None) -> Group:
    """Return the group with that key, like ``find_group``."""
    return _find(Group.group_id == group_id, viewer)


def named_group(name: str) -> Group | None:
    """Return the group of that name, whoever asks and whatever its state; for commands and jobs."""
    return db.session.scalars(select(Group).where(Group.name == name)).one_or_none()


def visible_groups(viewer: User | None) -> Select[Group]:
    """Return a SELECT of the groups that ``viewer`` may see; order and limits are the caller's.

    Active public groups, the viewer's own active ones, and every group for a site admin.
    """
    query = select(Group)
    if is_site_admin(viewer):
        return query
    return query.where(Group.status == ACTIVE, or_(Group.is_public, _is_own(viewer)))


def has_word(word: str) -> ColumnElement[bool]:
    """Return the condition that the word stands in one of a group's names or in its description."""
    return or_(
        Group.full_name_ci.contains(name_key(word), autoescape=True),
        Group.name.contains(word.lower(), autoescape=True),
        Group.description.icontains(word, autoescape=True),
    )


def newest_public_groups(limit: int) -> list[Group]:
    """Return the active public groups, the last approved first; for the front page."""
    query = (
        select(Group)
        .where(Group.status == ACTIVE, Group.is_public)
        .order_by(Group.approved_at.desc(), Group.group_id.desc())
        .limit(limit)
    )
    return list(db.session.scalars(query))


def groups_of(user: User) -> list[tuple[Group, Membership]]:
    """Return the active groups in which ``user`` holds a role, with the roles, by full name.

    One SELECT; for My page and the profile, which show to others only what ``can`` lets them see.
    """
    held = memberships(user.user_id).subquery()
    query = (
        select(Group, held)
        .join(held, held.c.group_id == Group.group_id)
        .where(Group.status == ACTIVE)
        .order_by(Group.full_name_ci)
    )
    return [(row.Group, as_membership(row)) for row in db.session.execute(query)]


def pending_groups(limit: int) -> list[tuple[Group, User | None]]:
    """Return the groups that await approval with who registered each, the oldest first. One SELECT."""
    query = (
        select(Group, User)
        .outerjoin(User, User.user_id == Group.registered_by)
        .where(Group.status == PENDING)
        .order_by(Group.group_id)
        .limit(limit)
    )
    return [(row.Group, row.User) for row in db.session.execute(query)]


def count_pending() -> int:
    """Count the groups that await approval."""
    return db.session.scalar(select(func.count(Group.group_id)).where(Group.status == PENDING)) or 0


def pending_of(user: User) -> list[Group]:
    """Return the groups that ``user`` registered and that await approval, the latest first."""
    query = (
        select(Group)
        .where(Group.registered_by == user.user_id, Group.status == PENDING)
        .order_by(Group.group_id.desc())
    )
    return list(db.session.scalars(query))


def _find(condition: ColumnElement[bool], viewer: User | None) -> Group:
    along = (
        choices_text(GroupPlugin, Group.group_id),
        visitor_grants_text(Group.group_id),
        pending_count_column(Group.group_id),
    )
    row = db.session.execute(select(Group, *along).where(condition)).one_or_none()
    if row is not None:
        remember_visitor_grants(row[0].group_id, row[2])
        remember_pending_count(row[0].group_id, row[3])
    if row is None or not can(viewer, GROUP_READ, row[0]):
        raise NotFound(
            _("There is no such group here."),
            _("Check the address. If the group is private, log in as one of its members."),
        )
    group, packed = row[0], row[1]
    remember_choices(group, packed)
    return group


def _is_own(viewer: User | None) -> ColumnElement[bool]:
    if viewer is None:
        return false()
    own = (
        select(Role.group_id)
        .join(UserRole, UserRole.role_id == Role.role_id)
        .where(UserRole.user_id == viewer.user_id, Role.group_id.is_not(None))
    )
    return Group.group_id.in_(own)
