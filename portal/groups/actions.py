"""What the audit log calls the things that happen to groups."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from portal.core.audit.actions import Action
from portal.core.audit.recording import Subject
from portal.groups.models import Group

GROUP_CREATE = Action(name="group.create", label=_l("Group registered"))
GROUP_APPROVE = Action(name="group.approve", label=_l("Group approved"))
GROUP_UPDATE = Action(name="group.update", label=_l("Information changed"))
GROUP_STATUS = Action(name="group.status", label=_l("Group's state changed"))

ACTIONS = (GROUP_CREATE, GROUP_APPROVE, GROUP_UPDATE, GROUP_STATUS)


def group_subject(group: Group) -> Subject:
    """Return the group as the subject of an entry."""
    return Subject(kind="group", id=group.group_id, name=group.name)
