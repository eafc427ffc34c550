"""Accounts that people make for themselves: pending until the mailed link was followed, a week at most.

No answer tells whether an address is known (forge 4.1, engineering 1C 13): an account is made all the
same, and what differs is the mail. An address is an account's own only when it has been confirmed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from flask_babel import gettext as _
from sqlalchemy import and_, or_, select

from portal.accounts.actions import USER_EXPIRE, person
from portal.accounts.choices import is_language, is_time_zone
from portal.accounts.decoys import compose_decoy
from portal.accounts.departures import erase_from_plugins
from portal.accounts.events import tell_deleted
from portal.accounts.models import ACTIVE, PENDING, User, claimed_address
from portal.accounts.names import (
    email_faults,
    password_faults,
    real_name_faults,
    user_name_faults,
)
from portal.accounts.passwords import current_passwords
from portal.accounts.services import (
    add_account,
    refuse,
    set_status,
    taken_email,
    taken_name,
)
from portal.accounts.snapshots import snapshot
from portal.accounts.subjects import subject_user, token_subject
from portal.config import current_settings
from portal.core.audit.recording import record
from portal.core.clock import now
from portal.core.database import db
from portal.core.errors import Conflict, Forbidden
from portal.core.tokens import issue_token, peek_token, redeem_token, revoke_tokens
from portal.pluginengine.personaldata import places
from portal.web.mails import compose_for

CONFIRM: Final = "confirm"
LIFETIME: Final = timedelta(days=7)
#: Of several unconfirmed accounts with one address, so many get their mail again.
MOST_RESENT: Final = 3


@dataclass(frozen=True, kw_only=True)
class Registration:
    """What somebody says of themselves who wants an account. None means the site's."""

    user_name: str
    real_name: str
    email: str
    password: str
    timezone: str | None = None
    language: str | None = None


def register(wish: Registration) -> User:
    """Make a pending account and mail the link that confirms it.

    To an address that is another account's goes a mail that says so, and no link: the account runs
    out. Raises ``Invalid`` naming each faulty field, ``Forbidden`` where registration is closed.
    """
    if current_settings().registration != "open":
        raise registration_closed()
    user = add_pending(wish)
    mail_link(user)
    return user


def add_pending(wish: Registration) -> User:
    """Make a pending account, without any mail; raises ``Invalid`` naming each faulty field."""
    real_name, email = " ".join(wish.real_name.split()), wish.email.strip()
    refuse(_faults(wish, real_name, email))
    return add_account(
        User(
            user_name=wish.user_name,
            real_name=real_name,
            email=email,
            email_ci=claimed_address(email, wish.user_name),
            password_hash=current_passwords().hash(wish.password),
            status=PENDING,
            timezone=wish.timezone,
            language=wish.language,
            created_at=now(),
        )
    )


def registration_closed() -> Forbidden:
    """Return the refusal of a site that lets nobody register."""
    return Forbidden(
        _("This site does not let visitors make accounts."),
        _("Ask its administrators for one."),
    )


def resend(name_or_address: str) -> None:
    """Mail the link again to whom it may concern; does as much for nobody, and says nothing."""
    found = _pending_of(name_or_address.strip().lower())
    for user in found:
        mail_link(user)
    if not found:
        compose_decoy("accounts/confirm", until=now() + LIFETIME)


def find_pending(token: str) -> User | None:
    """Return whom a link confirms; None when it is not good any more."""
    grant = peek_token(CONFIRM, token)
    user = subject_user(grant.subject) if grant else None
    return user if user is not None and user.status == PENDING else None


def confirm(token: str, user: User) -> None:
    """Activate the account of somebody who has shown a password and follows the link.

    Raises ``Conflict`` when the link is not theirs or not good any more, and when the address has
    become another account's meanwhile.
    """
    grant = redeem_token(CONFIRM, token)
    if grant is None or grant.subject != token_subject(user) or user.status != PENDING:
        raise Conflict(
            _("This link does not confirm that account."),
            _("Ask for another mail, and follow the link in the newest one."),
        )
    activate(user)


def activate(user: User) -> None:
    """Make a pending or suspended account active; a pending one's address becomes its own.

    Raises ``Conflict`` when there is no way from its state, and when the address has become another
    account's meanwhile.
    """
    if user.status == PENDING:
        if user.email_ci != user.email.casefold():
            refused = taken_email(user.email)
            if refused:
                raise Conflict(refused[0], _("Give the account another address."))
            user.email_ci = user.email.casefold()
        revoke_tokens(token_subject(user), CONFIRM)
    set_status(user, ACTIVE)


def purge_unconfirmed() -> int:
    """Remove the accounts that nobody confirmed within a week; return how many."""
    query = select(User).where(User.status == PENDING, User.created_at <= now() - LIFETIME)
    expired = db.session.scalars(query).all()
    count, known = 0, places(db.session.connection()) if expired else []
    for user in expired:
        before = snapshot(user)
        try:
            erase_from_plugins(user, known)
        except Conflict:  # it is in the log; the account stays, the others go
            continue
        record(USER_EXPIRE, person(user))
        revoke_tokens(token_subject(user))
        db.session.delete(user)
        db.session.flush()
        tell_deleted(before)
        count += 1
    return count


def _faults(wish: Registration, real_name: str, email: str) -> dict[str, list[str]]:
    faults = {
        "user_name": user_name_faults(wish.user_name) or taken_name(wish.user_name),
        "real_name": real_name_faults(real_name),
        "email": email_faults(email),
        "password": password_faults(wish.password, current_settings().password_kinds),
    }
    if wish.timezone is not None and not is_time_zone(wish.timezone):
        faults["timezone"] = [_("There is no such time zone.")]
    if wish.language is not None and not is_language(wish.language):
        faults["language"] = [_("The portal does not speak this language.")]
    return faults


def mail_link(user: User) -> None:
    """Mail a new link, or tell the address's owner that it has an account; earlier links are useless."""
    revoke_tokens(token_subject(user), CONFIRM)
    owner = db.session.scalars(
        select(User).where(User.email_ci == user.email.casefold(), User.user_id != user.user_id)
    ).one_or_none()
    if owner is not None:
        compose_for(owner, "accounts/address_known", user=owner, asked_for=user.user_name)
        return
    until = ends_at(user)
    lifetime = (until - now()).total_seconds()
    token = issue_token(CONFIRM, token_subject(user), lifetime)
    compose_for(user, "accounts/confirm", user=user, token=token, until=until)


def ends_at(user: User) -> datetime:
    """Return when a pending account runs out."""
    return user.created_at + LIFETIME


def _pending_of(text: str) -> Sequence[User]:
    """Return the unconfirmed accounts of that login name or address that have time left."""
    claims = and_(User.email_ci > f"{text} ", User.email_ci < f"{text}!")  # "!" comes after " "
    query = (
        select(User)
        .where(
            User.status == PENDING,
            User.created_at > now() - LIFETIME,
            or_(User.user_name == text, User.email_ci == text, claims),
        )
        .order_by(User.user_id.desc())
        .limit(MOST_RESENT)
    )
    return db.session.scalars(query).all() if text and "\0" not in text else []
