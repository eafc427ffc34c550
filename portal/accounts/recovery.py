"""Lost passwords: a mailed link, good for an hour and once, behind which a new one is set (forge 4.2)."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from flask_babel import gettext as _
from sqlalchemy import or_, select

from portal.accounts.decoys import compose_decoy
from portal.accounts.models import ACTIVE, User
from portal.accounts.services import set_password
from portal.accounts.subjects import subject_user, token_subject
from portal.core.database import db
from portal.core.errors import Conflict
from portal.core.tokens import issue_token, peek_token, redeem_token
from portal.web.mails import compose_for

PASSWORD: Final = "password"  # noqa: S105 - the purpose of a token
LIFETIME: Final = timedelta(hours=1)


def send_reset_link(name_or_address: str) -> None:
    """Mail the link to whom it may concern; does as much for nobody, and says nothing."""
    user = _active_of(name_or_address.strip())
    if user is None:
        compose_decoy("accounts/reset_password")
        return
    mail_reset_link(user)


def mail_reset_link(user: User) -> None:
    """Mail the link to an active person; links mailed before stay good for their hour."""
    token = issue_token(PASSWORD, token_subject(user), LIFETIME.total_seconds())
    compose_for(user, "accounts/reset_password", user=user, token=token)


def find_forgetful(token: str) -> User | None:
    """Return who may set a new password by that link; None when it is not good any more."""
    grant = peek_token(PASSWORD, token)
    user = subject_user(grant.subject) if grant else None
    return user if user is not None and user.is_active else None


def reset_password(token: str, password: str) -> User:
    """Set a new password and use the link up; sessions end, and so do all other links of the person.

    Raises ``Conflict`` for a link that is not good any more, ``Invalid`` for a password that breaks a
    rule, in which case the link stays good.
    """
    user = find_forgetful(token)
    if user is None or redeem_token(PASSWORD, token) is None:
        raise Conflict(_("This link is not good any more."), _("Ask for another one."))
    set_password(user, password)
    return user


def _active_of(text: str) -> User | None:
    if "\0" in text:
        return None
    query = select(User).where(
        User.status == ACTIVE,
        or_(User.user_name == text.lower(), User.email_ci == text.casefold()),
    )
    return db.session.scalars(query).one_or_none()
