"""Who is signed in: a cookie with a token whose row says whose session it is, and that it has not ended.

Logging out deletes the row, so that a copied cookie is nobody's. Changing the password or suspending the
account raises the epoch of the person's row, too, and with it ends every session (engineering 2p). The
person and the session are loaded once a request, in one SELECT, and never for static files and probes.
Plugins are told when a session is known and when one has ended (forge 1.2, 1 and 3).
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Final

from flask import Flask, Response, after_this_request, current_app, g, request, session
from flask_login import LoginManager, current_user, login_user, logout_user
from werkzeug.datastructures import Headers

from portal.accounts.loading import OpenSession, load_session
from portal.accounts.models import User
from portal.accounts.sessionstore import (
    SEEN_EVERY,
    Visit,
    close_session,
    keep_session,
    open_session,
    token_hash,
)
from portal.config import Settings
from portal.core.clock import now
from portal.core.unit_of_work import current_unit, unit_of_work
from portal.pluginengine.engine import current_engine
from portal.pluginengine.masking import put_on
from portal.web import probes
from portal.web.current import current

STATIC = frozenset({"static", "bootstrap.static", "plugin_static"})
SET_COOKIE = "Set-Cookie"
#: Under this name the cookie carries the session's token; plugins are not shown it.
TOKEN: Final = "_token"  # noqa: S105 - a name

logger = logging.getLogger(__name__)


def install_sessions(app: Flask) -> None:
    """Let the app know its viewers."""
    settings: Settings = app.extensions["portal.settings"]
    # The row decides; the cookie's own signature must not run out before.
    app.config["PERMANENT_SESSION_LIFETIME"] = timedelta(hours=settings.session_hours)
    manager = LoginManager()
    manager.session_protection = None  # the row ends sessions; addresses of honest people change
    manager.user_loader(_user_of_session)
    manager.init_app(app, add_context_processor=False)
    app.before_request(_find_viewer)


def begin_session(user: User) -> None:
    """Sign the person in, in a session that holds nothing of an earlier one; that one ends.

    Its row is written in the running unit of work, or, where that only reads, in one of its own.
    """
    visit = Visit(
        user_agent=request.headers.get("User-Agent", ""), address=request.remote_addr or ""
    )
    _close_present()
    if current_unit().mode == "write":
        token = open_session(user, visit)
    else:
        with unit_of_work():
            token = open_session(user, visit)
    session.clear()
    login_user(user)
    session[TOKEN] = token
    g.portal_session = None  # what this request came with is gone; the next one knows the new one
    current.viewer = user


def end_session() -> None:
    """Sign the viewer out: the row goes, and what the session held is forgotten."""
    _close_present()
    logout_user()
    session.clear()
    g.portal_session = None
    current.viewer = None


def present_session() -> OpenSession | None:
    """Return the session that the request came with; None for anonymous visitors."""
    return g.get("portal_session")


def session_mark() -> str:
    """Return what names the session of this request and tells nothing of its token; "" where there is none.

    Another session of the same person has another mark.
    """
    token = session.get(TOKEN) if present_session() is not None else None
    return token_hash(f"mark {token}")[:24] if isinstance(token, str) else ""


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


def _close_present() -> None:
    present = present_session()
    if present is None:
        return
    if current_unit().mode == "write":
        close_session(present.session_id)
    else:
        with unit_of_work():
            close_session(present.session_id)


def _user_of_session(session_id: str) -> User | None:
    """Return whose session it is; ``session_id`` names the person and the epoch that it belongs to."""
    token = session.get(TOKEN)
    found = load_session(token_hash(token)) if isinstance(token, str) else None
    if found is None or not found[0].is_active or found[0].get_id() != session_id:
        return None
    user, g.portal_session = found
    return user


def _find_viewer() -> None:
    if request.endpoint in STATIC or request.blueprint == probes.bp.name:
        return
    current.viewer = current_user._get_current_object() if current_user.is_authenticated else None
    put_on()
    present = present_session()
    if present is not None and present.last_seen_at <= now() - SEEN_EVERY:
        _keep(present)
    shown = {name: value for name, value in session.items() if name != TOKEN}
    current_engine().hooks.notify("after_session_set", session=shown)


def _keep(present: OpenSession) -> None:
    """Let the session last anew: its cookie with the answer, its row when the answer is out (design 8)."""
    session.modified = True
    app, moment = current_app._get_current_object(), now()  # type: ignore[attr-defined]
    address = request.remote_addr or ""

    @after_this_request
    def write_down(response: Response) -> Response:
        response.call_on_close(lambda: _write_down(app, present.session_id, address, moment))
        return response


def _write_down(app: Flask, session_id: int, address: str, moment: datetime) -> None:
    try:
        with app.app_context(), unit_of_work():
            keep_session(session_id, address, moment)
    except Exception:  # the answer is out; the next request tries again
        logger.exception("That the session %d is in use was not written down", session_id)
