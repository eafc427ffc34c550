"""What the personal pages show of groups."""

from __future__ import annotations

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
