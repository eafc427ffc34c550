"""Writes to accounts: make them, log in, change the password, the settings and the state."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from flask_babel import gettext as _
from sqlalchemy import select

from portal.accounts.actions import (
    USER_CREATE,
    USER_PASSWORD,
    USER_STATUS,
    USER_UPDATE,
    person,
)
from portal.accounts.choices import PAGE_SIZES, THEMES, is_language, is_time_zone
from portal.accounts.departures import erase, erase_from_plugins, leave_everything
from portal.accounts.events import (
    ask_creating,
    ask_deleting,
    tell_created,
    tell_deleted,
    tell_status,
    tell_updated,
)
from portal.accounts.loading import find_user
from portal.accounts.models import ACTIVE, DELETED, PENDING, SUSPENDED, User
from portal.accounts.names import (
    email_faults,
    password_faults,
    real_name_faults,
    user_name_faults,
)
from portal.accounts.passwords import current_passwords
from portal.accounts.safeguards import check_status_change
from portal.accounts.sessionstore import close_sessions
from portal.accounts.snapshots import snapshot
from portal.accounts.subjects import token_subject
from portal.config import current_settings
from portal.core.audit.recording import record
from portal.core.clock import now
from portal.core.database import db
from portal.core.errors import Conflict, Invalid
from portal.core.tokens import revoke_tokens
from portal.core.unit_of_work import after_commit, unit_of_work

logger = logging.getLogger(__name__)

MOVES: Final[Mapping[str, frozenset[str]]] = {
    PENDING: frozenset({ACTIVE, DELETED}),
    ACTIVE: frozenset({SUSPENDED, DELETED}),
    SUSPENDED: frozenset({ACTIVE, DELETED}),
    DELETED: frozenset(),
}
"""Where an account's status may go from each state; pending never comes again (forge 4.0).

Nothing leads back from "deleted": the person's data are gone.
"""


@dataclass(frozen=True, kw_only=True)
class PersonalSettings:
    """What a person sets for themselves. None means the site's."""

    real_name: str
    timezone: str | None = None
    language: str | None = None
    theme: str = "auto"
    page_size: int | None = None


def create_user(
    user_name: str, real_name: str, email: str, password: str, *, status: str = PENDING
) -> User:
    """Make an account for somebody whose address is known to be right.

    Raises ``Invalid`` naming each field that breaks a rule, is taken, or that a plugin objects to.
    People who make one for themselves ``register``.
    """
    real_name, email = " ".join(real_name.split()), email.strip()
    refuse(
        {
            "user_name": user_name_faults(user_name) or taken_name(user_name),
            "real_name": real_name_faults(real_name),
            "email": email_faults(email) or taken_email(email),
            "password": password_faults(password),
        }
    )
    user = User(
        user_name=user_name,
        real_name=real_name,
        email=email,
        email_ci=email.casefold(),
        password_hash=current_passwords().hash(password),
        status=status,
    )
    return add_account(user)


def add_account(user: User) -> User:
    """Store a new account whose values have been judged; plugins are asked before and told after."""
    facts = {
        "user_name": user.user_name,
        "real_name": user.real_name,
        "email": user.email,
        "status": user.status,
    }
    ask_creating(facts)
    user.confirmed_at = now() if user.is_active else None
    db.session.add(user)
    db.session.flush()
    record(USER_CREATE, person(user), new=facts)
    tell_created(user)
    return user


def authenticate(user_name: str, password: str) -> User:
    """Return the active person with that login name and password.

    Raises ``Invalid``: with one text for every wrong pair, and with the state's own text when the
    password was right and the account is not active (forge 4.2). A hash made with outdated
    parameters is renewed in a transaction of its own, so that logging in only reads.
    """
    user = owner_of(user_name, password)
    refuse_closed(user)
    stored = user.password_hash
    if current_passwords().is_outdated(stored):
        user_id = user.user_id
        after_commit(lambda: _renew_hash(user_id, stored, password))
    return user


def owner_of(user_name: str, password: str) -> User:
    """Return the person with that login name and password, whatever the account's state.

    Raises ``Invalid`` with one text for every wrong pair.
    """
    user = find_user(user_name.strip().lower())
    stored = "" if user is None else user.password_hash
    if not current_passwords().matches(stored, password) or user is None:
        raise Invalid({"log-in": [_("This login name and password do not go together.")]})
    return user


def refuse_closed(user: User) -> None:
    """Raise ``Invalid`` with the state's own text unless the account is active; for known owners only."""
    if not user.is_active:
        raise Invalid({"log-in": [_closed_text(user.status)]})


def change_password(user: User, old: str, new: str) -> None:
    """Set a new password for somebody who knows the old one; ends every session of theirs.

    Raises ``Invalid`` when the old one is wrong or the new one breaks a rule.
    """
    check_password(user, old, "old_password")
    set_password(user, new)


def check_password(user: User, password: str, field: str = "password") -> None:
    """Raise ``Invalid``, at ``field``, unless this is the person's password."""
    if not current_passwords().matches(user.password_hash, password):
        raise Invalid({field: [_("This is not your present password.")]})


def set_password(user: User, password: str) -> None:
    """Set the password that somebody chose, without asking for the old one.

    Every session of the person ends, and no link that was mailed before works any more.
    """
    refuse({"new_password": password_faults(password, current_settings().password_kinds)})
    user.password_hash = current_passwords().hash(password)
    _end_sessions(user)
    revoke_tokens(token_subject(user))
    db.session.flush()
    record(USER_PASSWORD, person(user))


def set_status(user: User, status: str) -> None:
    """Move the account to another state; leaving "active" ends every session and mailed link of the person.

    "Deleted" is what ``delete_user`` makes. Raises ``Conflict`` when there is no way from its present
    state to that one, and when a safeguard objects (the last site admin stays active).
    """
    if status == DELETED and user.status != DELETED:
        delete_user(user)
        return
    _check_move(user, status)
    _move(user, status)


def delete_user(user: User) -> tuple[str, ...]:
    """Delete an account: out of all groups, personal data erased, the login name kept (forge 4.0).

    The password's hash stays, so that whoever logs in with it learns that the account was deleted.
    What plugins hold about the person goes, too; returns, for site admins, what of it could not be
    looked at. Raises ``Conflict`` when a plugin, a group or the site cannot do without this person.
    """
    _check_move(user, DELETED)
    ask_deleting(user)
    before = snapshot(user)
    leave_everything(user)
    revoke_tokens(token_subject(user))
    _move(user, DELETED)
    erase(user)
    faults = erase_from_plugins(user)
    db.session.flush()
    tell_deleted(before)
    return faults


def _check_move(user: User, status: str) -> None:
    if status not in MOVES[user.status]:
        raise Conflict(
            _(
                "The account %(user)s cannot go from state %(old)s to %(new)s.",
                user=user.user_name,
                old=user.status,
                new=status,
            )
        )
    check_status_change(user, status)


def _move(user: User, status: str) -> None:
    before = snapshot(user)
    if user.is_active:
        _end_sessions(user)
        revoke_tokens(token_subject(user))
    user.status = status
    if user.is_active and user.confirmed_at is None:
        user.confirmed_at = now()
    db.session.flush()
    record(USER_STATUS, person(user), old={"status": before.status}, new={"status": status})
    tell_status(user, before)


def update_settings(user: User, settings: PersonalSettings) -> None:
    """Store what a person sets for themselves; raises ``Invalid`` naming each faulty field."""
    real_name = " ".join(settings.real_name.split())
    faults: dict[str, list[str]] = {"real_name": real_name_faults(real_name)}
    if settings.timezone is not None and not is_time_zone(settings.timezone):
        faults["timezone"] = [_("There is no such time zone.")]
    if settings.language is not None and not is_language(settings.language):
        faults["language"] = [_("The portal does not speak this language.")]
    if settings.theme not in THEMES:
        faults["theme"] = [_("There is no such theme.")]
    if settings.page_size is not None and settings.page_size not in PAGE_SIZES:
        faults["page_size"] = [_("Lists do not come in this length.")]
    refuse(faults)
    old, before = _settings_of(user), snapshot(user)
    user.real_name = real_name
    user.timezone = settings.timezone
    user.language = settings.language
    user.theme = settings.theme
    user.page_size = settings.page_size
    db.session.flush()
    new = _settings_of(user)
    if new != old:
        record(USER_UPDATE, person(user), old=old, new=new)
        tell_updated(user, before)


def note_fields(user: User, old: str, new: str) -> None:
    """Put a change of the fields that plugins add to the person into the audit log; nothing for no change."""
    if new != old:
        record(USER_UPDATE, person(user), old={"fields": old}, new={"fields": new})


def _settings_of(user: User) -> dict[str, str | int | None]:
    return {
        "real_name": user.real_name,
        "timezone": user.timezone,
        "language": user.language,
        "theme": user.theme,
        "page_size": user.page_size,
    }


def _end_sessions(user: User) -> None:
    user.session_epoch += 1
    close_sessions(user)


def _renew_hash(user_id: int, outdated: str, password: str) -> None:
    renewed = current_passwords().hash(password)
    with unit_of_work():
        user = db.session.get(User, user_id)
        if user is not None and user.password_hash == outdated:
            user.password_hash = renewed
    logger.info("The password hash of account %s was renewed", user_id)


def _closed_text(status: str) -> str:
    texts: dict[str, str] = {
        PENDING: _("This account is not confirmed yet. Follow the link in the mail you were sent."),
        SUSPENDED: _("This account is suspended. Ask the site's administrators."),
        DELETED: _("This account was deleted."),
    }
    return texts[status]


def taken_name(user_name: str) -> list[str]:
    """Return the fault of a login name that somebody has or had."""
    taken = db.session.scalar(select(User.user_id).where(User.user_name == user_name))
    if taken is None:
        return []
    return [_("The login name %(name)s is taken. Choose another.", name=user_name)]


def taken_email(email: str) -> list[str]:
    """Return the fault of an address that is another account's; never for visitors to read."""
    taken = db.session.scalar(select(User.user_id).where(User.email_ci == email.casefold()))
    return [] if taken is None else [_("This address belongs to another account.")]


def refuse(faults: Mapping[str, Sequence[str]]) -> None:
    """Raise ``Invalid`` when there is a fault."""
    errors = {field: texts for field, texts in faults.items() if texts}
    if errors:
        raise Invalid(errors)
