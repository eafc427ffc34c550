"""What the audit log calls the things that happen to accounts."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from portal.accounts.models import User
from portal.core.audit.actions import Action
from portal.core.audit.recording import Subject

USER_CREATE = Action(name="user.create", label=_l("Account made"))
USER_UPDATE = Action(name="user.update", label=_l("Settings changed"))
USER_STATUS = Action(name="user.status", label=_l("Account's state changed"))
USER_PASSWORD = Action(name="user.password", label=_l("Password changed"))
USER_EMAIL = Action(name="user.email", label=_l("Address changed"))
USER_SESSIONS = Action(name="user.sessions", label=_l("Sessions ended"))
USER_ERASE = Action(name="user.erase", label=_l("Personal data in plugins deleted"))
USER_EXPORT = Action(name="user.export", label=_l("Personal data exported"))
USER_EXPIRE = Action(name="user.expire", label=_l("Unconfirmed account ran out"))

ACTIONS = (
    USER_CREATE,
    USER_UPDATE,
    USER_STATUS,
    USER_PASSWORD,
    USER_EMAIL,
    USER_SESSIONS,
    USER_ERASE,
    USER_EXPORT,
    USER_EXPIRE,
)


def person(user: User) -> Subject:
    """Return the person as the subject of an entry."""
    return Subject(kind="user", id=user.user_id, name=user.user_name)
