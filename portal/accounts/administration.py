"""What site admins do to other people's accounts, beside moving their state (forge 4.1, 4.13)."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import select

from portal.accounts.actions import USER_EMAIL, person
from portal.accounts.events import tell_address
from portal.accounts.models import DELETED, PENDING, User, claimed_address
from portal.accounts.names import email_faults
from portal.accounts.recovery import mail_reset_link
from portal.accounts.registration import Registration, activate, add_pending, ends_at, mail_link
from portal.accounts.services import (
    PersonalSettings,
    refuse,
    set_password,
    taken_email,
    update_settings,
)
from portal.accounts.snapshots import snapshot
from portal.accounts.subjects import token_subject
from portal.core.audit.recording import record
from portal.core.clock import now
from portal.core.database import db
from portal.core.errors import Conflict
from portal.core.tokens import revoke_tokens


def register_person(wish: Registration, *, at_once: bool) -> User:
    """Make an account for somebody: active at once and without a mail, or confirmed by the mailed link.

    Works where registration is closed to visitors. Raises ``Invalid`` naming each faulty field.
    """
    if at_once:
        refuse({"email": taken_email(wish.email.strip())})
    user = add_pending(wish)
    if at_once:
        activate(user)
    else:
        mail_link(user)
    return user


def edit_person(user: User, real_name: str, email: str) -> bool:
    """Change name and address; False when both are as they were.

    The address counts at once; a pending account gets its link there. Links that were mailed before
    are useless. Raises ``Invalid`` at the faulty field, ``Conflict`` for a deleted account.
    """
    _refuse_deleted(user)
    before = snapshot(user)
    settings = PersonalSettings(
        real_name=real_name,
        timezone=user.timezone,
        language=user.language,
        theme=user.theme,
        page_size=user.page_size,
    )
    update_settings(user, settings)
    _change_address(user, email.strip())
    return (before.real_name, before.email) != (user.real_name, user.email)


def set_new_password(user: User, password: str) -> None:
    """Set a password that the person is told in another way; their sessions and links end.

    Raises ``Invalid`` for one that breaks a rule, ``Conflict`` for a deleted account.
    """
    _refuse_deleted(user)
    set_password(user, password)


def send_reset_link(user: User) -> None:
    """Mail the person a link behind which they set a password; raises ``Conflict`` unless active."""
    if not user.is_active:
        raise Conflict(_("%(user)s has no active account.", user=user.user_name))
    mail_reset_link(user)


def send_confirmation(user: User) -> None:
    """Mail the link that confirms the account again; raises ``Conflict`` unless it waits for that."""
    if user.status != PENDING or ends_at(user) <= now():
        raise Conflict(_("%(user)s does not wait for a confirmation.", user=user.user_name))
    mail_link(user)


def _change_address(user: User, email: str) -> None:
    if email == user.email:
        return
    folded = email.casefold()
    owner = db.session.scalar(
        select(User.user_id).where(User.email_ci == folded, User.user_id != user.user_id)
    )
    taken = [_("This address belongs to another account.")] if owner is not None else []
    refuse({"email": email_faults(email) or taken})
    before = snapshot(user)
    is_pending = user.status == PENDING
    user.email = email
    user.email_ci = claimed_address(email, user.user_name) if is_pending else folded
    revoke_tokens(token_subject(user))
    db.session.flush()
    record(USER_EMAIL, person(user), old={"email": before.email}, new={"email": email})
    tell_address(user, before)
    if is_pending:
        mail_link(user)


def _refuse_deleted(user: User) -> None:
    if user.status == DELETED:
        raise Conflict(_("The account %(user)s was deleted.", user=user.user_name))
