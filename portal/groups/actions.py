"""What the audit log calls the things that happen to groups."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from portal.core.audit.actions import Action
from portal.core.audit.recording import Subject
from portal.groups.models import Group

GROUP_CREATE = Action(name="group.create", label=_l("Group registered"))
GROUP_APPROVE = Action(name="group.approve", label=_l("Group approved"))
GROUP_REJECT = Action(name="group.reject", label=_l("Group rejected"))
GROUP_UPDATE = Action(name="group.update", label=_l("Information changed"))
GROUP_STATUS = Action(name="group.status", label=_l("Group's state changed"))
GROUP_PURGE = Action(name="group.purge", label=_l("Group purged"))
GROUP_KEPT = Action(name="group.kept", label=_l("Group not purged"))
REASON_ADD = Action(name="reason.add", label=_l("Reason for rejecting saved"))
REASON_REMOVE = Action(name="reason.remove", label=_l("Reason for rejecting removed"))

ACTIONS = (
    GROUP_CREATE,
    GROUP_APPROVE,
    GROUP_REJECT,
    GROUP_UPDATE,
    GROUP_STATUS,
    GROUP_PURGE,
    GROUP_KEPT,
    REASON_ADD,
    REASON_REMOVE,
)


def group_subject(group: Group) -> Subject:
    """Return the group as the subject of an entry."""
    return Subject(kind="group", id=group.group_id, name=group.name)
