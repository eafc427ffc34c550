"""What the personal pages show of groups."""

from __future__ import annotations

from collections.abc import Sequence

from portal.access.joinrequests import pending_counts
from portal.access.models import JoinRequest
from portal.access.queries import Membership, as_membership, memberships
from portal.accounts.models import User
from portal.core.database import db
from portal.groups.models import ACTIVE, Group
from portal.groups.queries import visible_groups


def groups_shown_to(viewer: User | None, person: User) -> list[tuple[Group, Membership]]:
    """Return the active groups of ``person`` that ``viewer`` may see, with roles, by full name.

    One SELECT.
    """
    held = memberships(person.user_id).subquery()
    query = (
        visible_groups(viewer)
        .join(held, held.c.group_id == Group.group_id)
        .add_columns(held)
        .where(Group.status == ACTIVE)
        .order_by(Group.full_name_ci)
    )
    return [(row.Group, as_membership(row)) for row in db.session.execute(query)]


def asked_groups(viewer: User) -> Sequence[Group]:
    """Return the groups that the viewer has asked to be taken into and still sees, by full name.

    One SELECT.
    """
    query = (
        visible_groups(viewer)
        .join(JoinRequest, JoinRequest.group_id == Group.group_id)
        .where(JoinRequest.user_id == viewer.user_id, Group.status == ACTIVE)
        .order_by(Group.full_name_ci)
    )
    return db.session.scalars(query).all()


def requests_to_answer(held: Sequence[tuple[Group, Membership]]) -> list[tuple[Group, int]]:
    """Return those of a person's groups in which requests to join wait for them, with how many.

    One SELECT for somebody who administers a group, else none.
    """
    administered = {group.group_id: group for group, each in held if each.is_admin}
    counts = pending_counts(administered) if administered else {}
    return [(group, counts[key]) for key, group in administered.items() if key in counts]
