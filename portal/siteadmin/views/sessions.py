"""The sessions of everybody: who is logged in, from where, and ending that (forge 4.13, recent sessions)."""

from __future__ import annotations

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from portal.accounts.loading import load_user
from portal.accounts.sessions import end_session, present_session
from portal.accounts.sessionstore import find_session, revoke_session, revoke_sessions
from portal.siteadmin.menu import SESSIONS
from portal.siteadmin.userlists import SESSION_LIST
from portal.siteadmin.userqueries import good_sessions
from portal.siteadmin.views.blueprint import bp
from portal.siteadmin.views.user import back, the_user
from portal.web.current import current
from portal.web.lists.export import answer_list


@bp.get("/sessions/")
def list_sessions() -> ResponseReturnValue:
    """Every session that is good, the one in use last first."""
    return answer_list(
        SESSION_LIST.name,
        good_sessions(),
        "siteadmin/sessions.html",
        present_id=_present_id(),
        active_section=SESSIONS,
    )


@bp.post("/sessions/<key:session_id>/end")
def end_one_session(session_id: int) -> Response:
    """End one session; one's own present one ends like a log-out."""
    found = find_session(session_id)
    user = load_user(found.user_id)
    assert user is not None, "a session goes with its person"
    is_present = found.session_id == _present_id()
    revoke_session(found, user)
    if is_present:
        end_session()
    flash(_("The session was ended."), "success")
    return redirect(url_for("home.index" if is_present else "siteadmin.list_sessions"), 303)


@bp.post("/users/<user_name>/sessions/end")
def end_user_sessions(user_name: str) -> Response:
    """End every session of a person; of one's own, all but the present one."""
    user = the_user(user_name)
    is_own = user.user_id == current.viewer.user_id
    count = revoke_sessions(user, but=_present_id() if is_own else None)
    return back(user, ngettext("%(num)d session was ended.", "%(num)d sessions were ended.", count))


def _present_id() -> int | None:
    present = present_session()
    return present.session_id if present else None
