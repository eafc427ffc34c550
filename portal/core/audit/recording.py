"""Writing to the audit log, in the transaction of the change that it tells of."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from flask import current_app

from portal.core.audit.actions import Action
from portal.core.audit.models import AuditEntry
from portal.core.audit.origins import current_origin
from portal.core.audit.values import SensitiveField, changed_values, cut
from portal.core.database import db

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What something happened to: its kind ("user", "role"), key (None: it has none) and name."""

    kind: str
    id: int | None = None
    name: str = ""


class AuditedGroup(Protocol):
    """What the log needs to know of a group; the package ``groups`` stands far above."""

    @property
    def group_id(self) -> int:
        """The group's key."""
        ...

    @property
    def name(self) -> str:
        """The group's name in addresses."""
        ...


class AuditedPerson(Protocol):
    """What the log needs to know of a person; the package ``accounts`` stands far above."""

    @property
    def user_id(self) -> int:
        """The person's key."""
        ...

    @property
    def user_name(self) -> str:
        """The person's login name."""
        ...


def record(
    action: Action,
    subject: Subject,
    *,
    group: AuditedGroup | None = None,
    user: AuditedPerson | None = None,
    old: Mapping[str, Any] | None = None,
    new: Mapping[str, Any] | None = None,
) -> None:
    """Add an entry: ``old`` and ``new`` are fields with their values, of which those that differ are kept.

    ``group`` puts it into that group's history too, ``user`` into that person's. Flushes, as services do;
    a plugin's code must be left before (``running_as(None)``). A field on the deny list raises
    ``SensitiveField`` in tests and development; on a live site the change goes through, the entry says
    nothing of values, and the fault is logged.
    """
    try:
        before, after = changed_values(old or {}, new or {})
    except SensitiveField:
        if current_app.testing or current_app.debug:
            raise
        logger.exception("The audit entry of %s was written without values", action.name)
        before, after = {}, {}
    origin = current_origin()
    db.session.add(
        AuditEntry(
            actor_id=origin.actor_id,
            actor_name=cut(origin.actor_name, 32),
            action=action.name,
            object_kind=cut(subject.kind, 32),
            object_id=subject.id,
            object_name=cut(subject.name, 255),
            group_id=group.group_id if group else None,
            group_name=cut(group.name, 32) if group else "",
            user_id=user.user_id if user else None,
            user_name=cut(user.user_name, 32) if user else "",
            old_values=before,
            new_values=after,
            address=cut(origin.address, 64),
            request_id=cut(origin.request_id, 64),
        )
    )
    db.session.flush()
