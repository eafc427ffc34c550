"""Asking somebody who is logged in for the password again, before what should not be done at a left desk.

What is granted holds ten minutes, in one session: its cookie is signed and carries the moment, the key of
the session and the person's epoch, so that it goes with a log-out, another log-in and a new password.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any, Final, ParamSpec, TypeVar

from flask import redirect, request, session, url_for
from flask_babel import gettext as _

from portal.accounts.authentication import log_in
from portal.accounts.models import User
from portal.accounts.sessions import present_session
from portal.accounts.throttling import count_attempt, forgive
from portal.core.clock import now
from portal.core.errors import Invalid
from portal.web.current import current

LIFETIME: Final = timedelta(minutes=10)
#: Under this name the session keeps what was granted.
GRANT: Final = "_confirmed"

P = ParamSpec("P")
R = TypeVar("R")


def confirm(user: User, password: str) -> None:
    """Grant the running session ten minutes, for the password; counted and slowed down like a log-in.

    Whoever logs in through a plugin is asked by that plugin. Raises ``Invalid``, at ``password``, when it
    is wrong, and TooManyRequests. Not for writing units of work, see ``count_attempt``.
    """
    count_attempt(user.user_name)
    try:
        found = log_in(user.user_name, password)
    except Invalid as refusal:
        raise Invalid({"password": [str(refusal)]}) from refusal
    if found.user_id != user.user_id:
        raise Invalid({"password": [_("This is not your present password.")]})
    forgive(user.user_name)
    session[GRANT] = [*_whose(), now().timestamp()]


def is_confirmed() -> bool:
    """Tell whether the viewer has given the password in this session less than ten minutes ago."""
    granted = session.get(GRANT)
    if not isinstance(granted, list) or len(granted) != 3 or granted[:2] != _whose():
        return False
    age = now() - datetime.fromtimestamp(granted[2], UTC)
    return timedelta(0) <= age < LIFETIME


def requires_confirmation(view: Callable[P, R]) -> Callable[P, R]:
    """Send the viewer to give the password first, unless that was done; for views that answer GETs, too."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        if is_confirmed():
            return view(*args, **kwargs)
        back = request.full_path.rstrip("?")
        answer: Any = redirect(url_for("accounts.confirm_password", next=back), 303)
        return answer

    return guarded


def _whose() -> list[Any]:
    present, viewer = present_session(), current.viewer
    key = None if present is None else present.session_id
    return [key, None if viewer is None else viewer.get_id()]
