"""What the audit log calls the things that happen to roles, memberships and grants."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from portal.access.models import Role
from portal.core.audit.actions import Action
from portal.core.audit.recording import Subject

GRANT_ADD = Action(name="grant.add", label=_l("Permission granted"))
GRANT_REMOVE = Action(name="grant.remove", label=_l("Permission taken back"))
ROLE_CREATE = Action(name="role.create", label=_l("Role made"))
ROLE_UPDATE = Action(name="role.update", label=_l("Role changed"))
ROLE_DELETE = Action(name="role.delete", label=_l("Role deleted"))
MEMBER_ADD = Action(name="member.add", label=_l("Member added"))
MEMBER_UPDATE = Action(name="member.update", label=_l("Member's roles changed"))
MEMBER_REMOVE = Action(name="member.remove", label=_l("Member removed"))
JOIN_REQUEST = Action(name="join.request", label=_l("Asked to join"))
JOIN_WITHDRAW = Action(name="join.withdraw", label=_l("Request to join withdrawn"))
JOIN_ACCEPT = Action(name="join.accept", label=_l("Request to join accepted"))
JOIN_REJECT = Action(name="join.reject", label=_l("Request to join rejected"))

ACTIONS = (
    GRANT_ADD,
    GRANT_REMOVE,
    ROLE_CREATE,
    ROLE_UPDATE,
    ROLE_DELETE,
    MEMBER_ADD,
    MEMBER_UPDATE,
    MEMBER_REMOVE,
    JOIN_REQUEST,
    JOIN_WITHDRAW,
    JOIN_ACCEPT,
    JOIN_REJECT,
)


def role_subject(role: Role) -> Subject:
    """Return the role as the subject of an entry."""
    return Subject(kind="role", id=role.role_id, name=role.name)
