"""The mails about a group's approval: to those who approve, and to whoever registered it (forge 4.6)."""

from __future__ import annotations

from portal.access.queries import members_of
from portal.accounts.models import User
from portal.config import current_settings
from portal.core.database import db
from portal.groups.approvers import approvers
from portal.groups.models import Group
from portal.web.mails import compose_for

#: An approval mail that is sent again goes to so many administrators at most.
MOST_ADMINISTRATORS = 50


def founder_of(group: Group) -> User | None:
    """Return who registered the group; None when that account is gone or not active."""
    found = db.session.get(User, group.registered_by) if group.registered_by else None
    return found if found is not None and found.is_active else None


def mail_registered(group: Group) -> None:
    """Tell those who approve that a group awaits them, and its founder that it was received."""
    founder = founder_of(group)
    for person in approvers():
        if person is not founder:
            compose_for(person, "groups/awaiting", reader=person, group=group, founder=founder)
    if founder is not None:
        compose_for(founder, "groups/registered", reader=founder, group=group)


def mail_approved(group: Group) -> None:
    """Tell the founder that the group is open."""
    founder = founder_of(group)
    if founder is not None:
        _approved(founder, group)


def mail_rejected(group: Group, reason: str) -> None:
    """Tell the founder that the group was rejected, and why."""
    founder = founder_of(group)
    if founder is not None:
        compose_for(
            founder,
            "groups/rejected",
            reader=founder,
            group=group,
            reason=reason,
            days=current_settings().group_purge_days,
        )


def mail_approved_again(group: Group) -> int:
    """Send the approval mail again, to all administrators; return how many it went to."""
    people = [
        member.user
        for member in members_of(group.group_id, limit=MOST_ADMINISTRATORS)
        if member.is_admin
    ]
    for person in people:
        _approved(person, group)
    return len(people)


def _approved(person: User, group: Group) -> None:
    compose_for(person, "groups/approved", reader=person, group=group)
