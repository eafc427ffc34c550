"""The states of a group and the ways between them (forge 4.0): I, P, A, H and D.

Deleting is the state D at once; the rows go later, see ``purging``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from flask_babel import gettext as _

from portal.access.joining import drop_requests
from portal.access.queries import role_overview
from portal.access.roles import create_stock_roles
from portal.access.services import add_member
from portal.access.stockroles import ADMIN
from portal.core.audit.actions import Action
from portal.core.audit.recording import record
from portal.core.clock import now
from portal.core.database import db
from portal.core.errors import Conflict
from portal.groups.actions import GROUP_APPROVE, GROUP_REJECT, GROUP_STATUS, group_subject
from portal.groups.events import tell_approved, tell_status
from portal.groups.mails import founder_of, mail_approved
from portal.groups.models import ACTIVE, DELETED, HOLD, INCOMPLETE, PENDING, Group
from portal.groups.snapshots import snapshot

MOVES: Final[Mapping[str, frozenset[str]]] = {
    INCOMPLETE: frozenset({PENDING}),
    PENDING: frozenset({ACTIVE, DELETED}),
    ACTIVE: frozenset({HOLD, DELETED}),
    HOLD: frozenset({ACTIVE, DELETED}),
    DELETED: frozenset({ACTIVE}),
}
"""Where a group may go from each state."""


def set_status(
    group: Group, status: str, *, reason: str = "", expected: str = "", is_mailed: bool = True
) -> None:
    """Move the group to another state, and open it when it becomes active for the first time.

    ``reason`` goes into the history. ``expected`` holds the letters of the states that the move is
    meant for, where that is less than what the table allows. Unless ``is_mailed`` is False, the
    founder of a group that opens gets a mail. Raises ``Conflict`` when there is no way from its
    present state to that one. Two people who move the same group at once are heard one after the
    other.
    """
    db.session.refresh(group, ["status"], with_for_update=True)
    if status not in MOVES[group.status] or (expected and group.status not in expected):
        raise Conflict(
            _(
                "The group %(name)s cannot go from state %(old)s to %(new)s.",
                name=group.name,
                old=group.status,
                new=status,
            ),
            _("Reload the page to see its present state."),
        )
    before = snapshot(group)
    is_opened = status == ACTIVE and before.approved_at is None and before.status != HOLD
    group.status = status
    group.deleted_at = now() if status == DELETED else None
    if is_opened:
        group.approved_at = now()
    if status == DELETED:
        drop_requests(group.group_id)
    db.session.flush()
    record(
        _action(before.status, status),
        group_subject(group),
        group=group,
        old={"status": before.status},
        new={"status": status, **({"reason": reason} if reason else {})},
    )
    if status == ACTIVE and not role_overview(group.group_id):
        _open(group)
    tell_status(group, before)
    if is_opened and is_mailed:
        mail_approved(group)
    if is_opened:
        tell_approved(group)


def hold_group(group: Group) -> None:
    """Close an active group for everybody but site admins; raises ``Conflict`` unless it is active."""
    set_status(group, HOLD)


def reactivate_group(group: Group) -> None:
    """Open a group that was held; raises ``Conflict`` unless it is on hold."""
    set_status(group, ACTIVE, expected=HOLD)


def delete_group(group: Group) -> None:
    """Delete an active or held group: its pages close at once, its rows go in a later purge."""
    set_status(group, DELETED, expected=ACTIVE + HOLD)


def restore_group(group: Group) -> None:
    """Open a deleted or rejected group that has not been purged; raises ``Conflict`` for others."""
    set_status(group, ACTIVE, expected=DELETED)


def _action(old: str, new: str) -> Action:
    return {
        (PENDING, ACTIVE): GROUP_APPROVE,
        (PENDING, DELETED): GROUP_REJECT,
    }.get((old, new), GROUP_STATUS)


def _open(group: Group) -> None:
    """Give a group its stock roles; whoever registered it becomes its first administrator."""
    create_stock_roles(group)
    founder = founder_of(group)
    if founder is not None:
        add_member(group, founder, ADMIN)
    db.session.flush()
