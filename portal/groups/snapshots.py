"""A group's data at one moment, frozen: what plugins get of a group as it was (engineering 2t)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from portal.groups.models import Group


@dataclass(frozen=True, kw_only=True)
class GroupSnapshot:
    """What is known of a group; ``status`` is a letter of forge 4.0, times are aware UTC."""

    group_id: int
    name: str
    full_name: str
    description: str
    homepage: str
    is_public: bool
    accepts_requests: bool
    status: str
    member_count: int
    created_at: datetime
    approved_at: datetime | None


def snapshot(group: Group) -> GroupSnapshot:
    """Return the group as it is now; later changes of the row leave it alone."""
    return GroupSnapshot(
        group_id=group.group_id,
        name=group.name,
        full_name=group.full_name,
        description=group.description,
        homepage=group.homepage,
        is_public=group.is_public,
        accepts_requests=group.accepts_requests,
        status=group.status,
        member_count=group.member_count,
        created_at=group.created_at,
        approved_at=group.approved_at,
    )
