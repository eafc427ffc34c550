"""Deleted groups go for good after some days, and with them what belongs to them (forge 4.8).

A plugin may object to the end of a group: then it stays deleted, and the next run asks again.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Flask
from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from portal.access.events import tell_removed
from portal.access.models import Role, UserRole
from portal.accounts.models import User
from portal.config import current_settings
from portal.core.audit.models import AuditEntry
from portal.core.audit.recording import record
from portal.core.clock import now
from portal.core.database import db
from portal.core.errors import Conflict
from portal.core.unit_of_work import unit_of_work
from portal.groups.actions import GROUP_KEPT, GROUP_PURGE, group_subject
from portal.groups.events import ask_deleting, tell_deleted
from portal.groups.models import DELETED, Group
from portal.groups.snapshots import snapshot
from portal.jobs.periodic import DAY, add_periodic
from portal.pluginengine.settings.writing import forget_owner

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Purge:
    """What a run did: names of groups that are gone, and (name, why) of those that had to stay."""

    gone: tuple[str, ...]
    kept: tuple[tuple[str, str], ...]


def init_app(app: Flask) -> None:
    """Offer the job that purges what is due, once a day."""
    add_periodic(app, "purge_groups", DAY, purge_due_groups)


def due_at(group: Group) -> datetime | None:
    """Return when a deleted group goes for good; None for others."""
    if group.status != DELETED:
        return None
    return (group.deleted_at or group.updated_at) + timedelta(
        days=current_settings().group_purge_days
    )


def purge_due_groups() -> Purge:
    """Purge the groups whose days have passed, each in a unit of work of its own."""
    with unit_of_work("read"):
        deleted = db.session.scalars(
            select(Group).where(Group.status == DELETED).order_by(Group.group_id)
        ).all()
        moment = now()
        due = [(each.group_id, each.name) for each in deleted if (due_at(each) or moment) <= moment]
    gone, kept = [], []
    for group_id, name in due:
        why = _attempt(group_id)
        if why is None:
            gone.append(name)
        else:
            kept.append((name, why))
    return Purge(gone=tuple(gone), kept=tuple(kept))


def purge_group(group: Group) -> None:
    """Remove a deleted group with its roles, members and choices, and what plugins keep for it.

    Plugins are asked before and told after, with the group as it was; they are told of each member,
    too. Raises ``Conflict`` when the group is not deleted (any more), and when a plugin objects.
    """
    db.session.refresh(group, ["status"], with_for_update=True)
    if group.status != DELETED:
        raise Conflict(
            _("The group %(name)s is not deleted.", name=group.name), _("Delete it first.")
        )
    ask_deleting(group)
    before = snapshot(group)
    _tell_members(group)
    record(GROUP_PURGE, group_subject(group), group=group, old={"full_name": group.full_name})
    forget_owner(group)
    db.session.delete(group)
    db.session.flush()
    tell_deleted(before)


def _tell_members(group: Group) -> None:
    """Tell that everybody leaves the group, who ends with it."""
    query = (
        select(User, func.aggregate_strings(Role.name, "\n"))
        .join(UserRole, UserRole.user_id == User.user_id)
        .join(Role, Role.role_id == UserRole.role_id)
        .where(Role.group_id == group.group_id)
        .group_by(User.user_id)
        .order_by(User.user_id)
    )
    for user, roles in db.session.execute(query):
        tell_removed(group, user, roles.split("\n"))


def _attempt(group_id: int) -> str | None:
    """Purge one group; return why it had to stay, or None when it is gone."""
    try:
        with unit_of_work():
            group = db.session.get(Group, group_id)
            if group is not None:
                purge_group(group)
    except Conflict as conflict:
        why = str(conflict)
    except SQLAlchemyError as error:  # a plugin's table may hold on to the row
        logger.exception("The group %s could not be purged", group_id)
        why = type(error).__name__
    else:
        return None
    _note_kept(group_id, why)
    return why


def _note_kept(group_id: int, why: str) -> None:
    """Write down why a group stays, unless the last run has written the same."""
    logger.warning("The group %s stays: %s", group_id, why)
    with unit_of_work():
        group = db.session.get(Group, group_id)
        if group is None or group.status != DELETED or _last_reason(group) == why:
            return
        record(GROUP_KEPT, group_subject(group), group=group, new={"reason": why})


def _last_reason(group: Group) -> object:
    entry = db.session.scalars(
        select(AuditEntry)
        .where(AuditEntry.group_id == group.group_id)
        .order_by(AuditEntry.happened_at.desc(), AuditEntry.audit_id.desc())
        .limit(1)
    ).one_or_none()
    is_note = entry is not None and entry.action == GROUP_KEPT.name
    return entry.new_values.get("reason") if entry is not None and is_note else None
