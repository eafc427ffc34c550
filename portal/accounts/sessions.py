"""Who is signed in: Flask-Login's session, bound to the epoch of the person's row.

Changing the password or suspending the account raises the epoch, and with it ends every session
(engineering 2p). The person is loaded once a request, and never for static files and probes. Plugins
are told when a session is known and when one has ended (forge 1.2, 1 and 3).
"""

from __future__ import annotations

import re

from flask import Flask, Response, current_app, request, session
from flask_login import LoginManager, current_user, login_user, logout_user
from werkzeug.datastructures import Headers

from portal.accounts.loading import load_user
from portal.accounts.models import User
from portal.pluginengine.engine import current_engine
from portal.web import probes
from portal.web.current import current

_SESSION_ID = re.compile(r"(?P<user_id>[0-9]{1,9})\.[0-9]{1,9}")
STATIC = frozenset({"static", "bootstrap.static", "plugin_static"})
SET_COOKIE = "Set-Cookie"


def install_sessions(app: Flask) -> None:
    """Let the app know its viewers."""
    manager = LoginManager()
    manager.session_protection = None  # the epoch ends sessions; addresses of honest people change
    manager.user_loader(_user_of_session)
    manager.init_app(app, add_context_processor=False)
    app.before_request(_find_viewer)


def begin_session(user: User) -> None:
    """Sign the person in, in a session that holds nothing of an earlier one."""
    session.clear()
    login_user(user)
    current.viewer = user


def end_session() -> None:
    """Sign the viewer out and forget what the session held."""
    logout_user()
    session.clear()
    current.viewer = None


def bid_farewell(user: User, response: Response) -> None:
    """Tell the plugins that ``user`` has left, and let them set and delete cookies on the answer.

    They work on a copy, so that nothing else of the answer can be changed or broken.
    """
    headers = Headers(response.headers)
    headers.remove(SET_COOKIE)
    offered = current_app.response_class(response.get_data(), response.status, headers)
    current_engine().hooks.notify("close_auth_session", user=user, response=offered)
    current_engine().hooks.notify("before_logout_redirect", user=user, response=offered)
    for cookie in headers.getlist(SET_COOKIE):
        response.headers.add(SET_COOKIE, cookie)


def _user_of_session(session_id: str) -> User | None:
    parts = _SESSION_ID.fullmatch(session_id)
    user = load_user(int(parts["user_id"])) if parts else None
    if user is None or not user.is_active or user.get_id() != session_id:
        return None
    return user


def _find_viewer() -> None:
    if request.endpoint in STATIC or request.blueprint == probes.bp.name:
        return
    current.viewer = current_user._get_current_object() if current_user.is_authenticated else None
    current_engine().hooks.notify("after_session_set", session=dict(session))
