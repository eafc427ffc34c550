"""Reads of requests to join: who asks to be taken into a group, where somebody asked (forge 4.7, 4.8)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Select, func, select

from portal.access.decisions import AccessGroup, is_member
from portal.access.models import JoinRequest
from portal.accounts.models import ACTIVE, User
from portal.core.database import db
from portal.core.units import current_unit


class JoinableGroup(AccessGroup, Protocol):
    """A group that people may ask to be taken into."""

    @property
    def full_name(self) -> str:
        """The name that people read."""
        ...

    @property
    def accepts_requests(self) -> bool:
        """True when people may ask to join."""
        ...


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What a person and a group are to each other; ``request`` waits for an answer."""

    is_member: bool = False
    can_request: bool = False
    request: JoinRequest | None = None


def standing(viewer: User | None, group: JoinableGroup) -> Standing:
    """Return how the person, whom the group is visible to, stands to it.

    One SELECT beyond what ``can`` has read, for somebody signed in who is no member; else none.
    """
    if viewer is None or is_member(viewer, group):
        return Standing(is_member=viewer is not None)
    request = pending_request(group.group_id, viewer.user_id)
    is_open = viewer.is_active and group.is_active and group.accepts_requests
    return Standing(can_request=is_open and request is None, request=request)


def pending_request(group_id: int, user_id: int) -> JoinRequest | None:
    """Return what the person has asked the group, or None."""
    return db.session.scalars(
        select(JoinRequest).where(JoinRequest.group_id == group_id, JoinRequest.user_id == user_id)
    ).one_or_none()


def pending_requests(group_id: int, *, limit: int) -> list[tuple[JoinRequest, User]]:
    """Return the requests that wait for an answer with who asks, the oldest first.

    Those of people whose account is not active at the moment are left out.
    """
    query = (
        _answerable()
        .with_only_columns(JoinRequest, User)
        .where(JoinRequest.group_id == group_id)
        .order_by(JoinRequest.request_id)
        .limit(limit)
    )
    return [(request, user) for request, user in db.session.execute(query)]


def find_asking(group_id: int, user_name: str) -> tuple[JoinRequest, User] | None:
    """Return the request of the person of that login name with the person; None when there is none."""
    row = db.session.execute(
        _answerable()
        .with_only_columns(JoinRequest, User)
        .where(JoinRequest.group_id == group_id, User.user_name == user_name)
    ).one_or_none()
    return (row[0], row[1]) if row else None


def pending_count(group_id: int) -> int:
    """Return how many requests wait for an answer; one SELECT unless it came with the group's row."""
    known: int | None = current_unit().cache.get(_key(group_id))
    if known is None:
        known = remember_pending_count(group_id, pending_counts([group_id]).get(group_id))
    return known


def pending_count_column(group_id: Any) -> ColumnElement[int]:
    """Return a column that brings the number of waiting requests along with the row of their group."""
    return (
        _answerable()
        .with_only_columns(func.count())
        .where(JoinRequest.group_id == group_id)
        .correlate(group_id.class_.__table__)
        .scalar_subquery()
    )


def remember_pending_count(group_id: int, count: int | None) -> int:
    """Keep what came along as ``pending_count_column`` for the rest of the unit of work."""
    known: int = current_unit().cache.setdefault(_key(group_id), count or 0)
    return known


def pending_counts(group_ids: Iterable[int]) -> Mapping[int, int]:
    """Return how many requests wait for an answer, by group; groups without one are left out."""
    query = (
        _answerable()
        .with_only_columns(JoinRequest.group_id, func.count())
        .where(JoinRequest.group_id.in_(list(group_ids)))
        .group_by(JoinRequest.group_id)
    )
    return {row[0]: row[1] for row in db.session.execute(query)}


def requests_of(user_id: int) -> Sequence[JoinRequest]:
    """Return what the person has asked and nobody has answered, the oldest first."""
    return db.session.scalars(
        select(JoinRequest).where(JoinRequest.user_id == user_id).order_by(JoinRequest.request_id)
    ).all()


def _key(group_id: int) -> tuple[str, int]:
    return ("access.joinrequests", group_id)


def _answerable() -> Select[JoinRequest]:
    return (
        select(JoinRequest)
        .join(User, User.user_id == JoinRequest.user_id)
        .where(User.status == ACTIVE)
    )
