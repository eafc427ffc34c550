"""The states of a group and the ways between them (forge 4.0): I, P, A, H and D."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from flask_babel import gettext as _

from portal.access.queries import role_overview
from portal.access.roles import create_stock_roles
from portal.access.services import add_member
from portal.access.stockroles import ADMIN
from portal.accounts.models import User
from portal.core.audit.actions import Action
from portal.core.audit.recording import record
from portal.core.clock import now
from portal.core.database import db
from portal.core.errors import Conflict
from portal.groups.actions import GROUP_APPROVE, GROUP_STATUS, group_subject
from portal.groups.models import ACTIVE, DELETED, HOLD, INCOMPLETE, PENDING, Group

MOVES: Final[Mapping[str, frozenset[str]]] = {
    INCOMPLETE: frozenset({PENDING}),
    PENDING: frozenset({ACTIVE, DELETED}),
    ACTIVE: frozenset({HOLD, DELETED}),
    HOLD: frozenset({ACTIVE, DELETED}),
    DELETED: frozenset({ACTIVE}),
}
"""Where a group may go from each state."""


def set_status(group: Group, status: str) -> None:
    """Move the group to another state, and open it when it becomes active for the first time.

    Raises ``Conflict`` when there is no way from its present state to that one. Two people who move
    the same group at once are heard one after the other.
    """
    db.session.refresh(group, ["status"], with_for_update=True)
    if status not in MOVES[group.status]:
        raise Conflict(
            _(
                "The group %(name)s cannot go from state %(old)s to %(new)s.",
                name=group.name,
                old=group.status,
                new=status,
            ),
            _("Reload the page to see its present state."),
        )
    old, group.status = group.status, status
    if status == ACTIVE and group.approved_at is None:
        group.approved_at = now()
    db.session.flush()
    record(
        _action(old, status),
        group_subject(group),
        group=group,
        old={"status": old},
        new={"status": status},
    )
    if status == ACTIVE and not role_overview(group.group_id):
        _open(group)


def _action(old: str, new: str) -> Action:
    return GROUP_APPROVE if (old, new) == (PENDING, ACTIVE) else GROUP_STATUS


def _open(group: Group) -> None:
    """Give a group its stock roles; whoever registered it becomes its first administrator."""
    create_stock_roles(group)
    founder = db.session.get(User, group.registered_by) if group.registered_by else None
    if founder is not None and founder.is_active:
        add_member(group, founder, ADMIN)
    db.session.flush()
