"""Another address: it takes effect when the link that was mailed to it has been followed (forge 4.3)."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from flask_babel import gettext as _
from sqlalchemy import select

from portal.accounts.actions import USER_EMAIL, person
from portal.accounts.events import tell_address
from portal.accounts.models import User
from portal.accounts.names import email_faults
from portal.accounts.services import check_password, refuse, taken_email
from portal.accounts.snapshots import snapshot
from portal.accounts.subjects import token_subject
from portal.core.audit.recording import record
from portal.core.database import db
from portal.core.errors import Conflict
from portal.core.tokens import issue_token, peek_token, redeem_token, revoke_tokens
from portal.web.mails import compose, compose_for

EMAIL: Final = "email"
LIFETIME: Final = timedelta(days=1)


def request_address(user: User, email: str, password: str) -> None:
    """Mail a link to the new address, and a notice to the present one.

    To an address that is another account's goes a mail that says so, and no link; the answer is the
    same. Raises ``Invalid`` for a wrong password and for what is no address or is theirs already.
    """
    check_password(user, password)
    email = email.strip()
    faults = email_faults(email)
    if email.casefold() == user.email_ci:
        faults = [_("This is your address already.")]
    refuse({"email": faults})
    revoke_tokens(token_subject(user), EMAIL)
    owner = db.session.scalars(select(User).where(User.email_ci == email.casefold())).one_or_none()
    if owner is None:
        token = issue_token(EMAIL, token_subject(user), LIFETIME.total_seconds(), {"email": email})
        compose(
            "accounts/confirm_address",
            email,
            language=user.language,
            timezone=user.timezone,
            user=user,
            token=token,
        )
    else:
        compose_for(owner, "accounts/address_known", user=owner, asked_for=user.user_name)
    compose_for(user, "accounts/address_change", user=user, email=email)


def address_in(user: User, token: str) -> str | None:
    """Return the address that a link makes this person's; None when it is not theirs or not good."""
    grant = peek_token(EMAIL, token)
    return str(grant.payload["email"]) if grant and grant.subject == token_subject(user) else None


def change_address(user: User, token: str) -> None:
    """Make the confirmed address the person's, and every other link that was mailed useless.

    Raises ``Conflict`` when the link is not theirs or not good any more, and when the address has
    become another account's meanwhile.
    """
    grant = redeem_token(EMAIL, token)
    if grant is None or grant.subject != token_subject(user):
        raise Conflict(_("This link is not good any more."), _("Ask for another one."))
    email = str(grant.payload["email"])
    refused = taken_email(email)
    if refused:
        raise Conflict(refused[0], _("Use another address."))
    before = snapshot(user)
    user.email, user.email_ci = email, email.casefold()
    revoke_tokens(token_subject(user))
    db.session.flush()
    record(USER_EMAIL, person(user), old={"email": before.email}, new={"email": email})
    tell_address(user, before)
