"""What the pages share on which somebody signed in gives the password before something is changed."""

from __future__ import annotations

from flask_babel import gettext as _

from portal.accounts.loading import load_user
from portal.accounts.models import User
from portal.accounts.services import check_password
from portal.accounts.throttling import count_attempt, forgive
from portal.core.errors import LoginRequired


def prove_password(user: User, password: str, field: str = "password") -> None:
    """Judge the person's password, counted and slowed down like a log-in.

    Raises ``Invalid`` at ``field`` when it is wrong, and TooManyRequests. Not for writing units of work,
    see ``count_attempt``.
    """
    count_attempt(user.user_name)
    check_password(user, password, field)
    forgive(user.user_name)


def active_person(user_id: int) -> User:
    """Return the person's row as the running unit of work has it.

    Raises LoginRequired when the account has been closed since the request came in.
    """
    user = load_user(user_id)
    if user is None or not user.is_active:
        raise LoginRequired(_("Please log in to see this page."))
    return user
