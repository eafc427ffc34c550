"""What site admin shows of people: how many are in which state, and where one of them belongs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Select, func, select

from portal.access.queries import Membership, as_membership, memberships
from portal.accounts.models import User, UserSession
from portal.core.clock import now
from portal.core.database import db
from portal.groups.models import Group


def people_by_state() -> Mapping[str, int]:
    """Return how many accounts are in each state, by its letter; one SELECT."""
    query = select(User.status, func.count()).group_by(User.status)
    return {row.status: row[1] for row in db.session.execute(query)}


def memberships_of_person(user: User) -> Sequence[tuple[Group, Membership]]:
    """Return the groups that the person belongs to, whatever their state, by full name; one SELECT."""
    held = memberships(user.user_id).subquery()
    query = (
        select(Group, held)
        .join(held, held.c.group_id == Group.group_id)
        .order_by(Group.full_name_ci)
    )
    return [(row.Group, as_membership(row)) for row in db.session.execute(query)]


def good_sessions() -> Select[*tuple[Any, ...]]:
    """Return a SELECT of all sessions that are good, with whose they are, as rows (UserSession, user_name)."""
    return (
        select(UserSession, User.user_name)
        .join(User, User.user_id == UserSession.user_id)
        .where(UserSession.expires_at > now())
    )
