"""Where one is logged in: the viewer's own sessions, to be looked at and ended (forge 4.2, 4.13)."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from portal.accounts.guards import requires_login
from portal.accounts.menu import SETTINGS
from portal.accounts.sessions import end_session, present_session
from portal.accounts.sessionstore import (
    find_session,
    revoke_session,
    revoke_sessions,
    sessions_of,
)
from portal.accounts.views.blueprint import bp
from portal.web.current import current


@bp.get("/my/sessions")
@requires_login
def list_sessions() -> ResponseReturnValue:
    """Every browser in which the viewer is logged in, this one marked."""
    current.user = current.viewer
    return render_template(
        "accounts/sessions.html",
        sessions=sessions_of(current.viewer),
        present_id=_present_id(),
        active_tab=SETTINGS,
    )


@bp.post("/my/sessions/<key:session_id>/end")
@requires_login
def end_other_session(session_id: int) -> ResponseReturnValue:
    """End one session of the viewer; NotFound for everybody else's. This one ends by logging out."""
    found = find_session(session_id, current.viewer)
    is_present = found.session_id == _present_id()
    revoke_session(found, current.viewer)
    if is_present:
        end_session()
        flash(_("You are logged out."), "success")
        return redirect(url_for("home.index"), 303)
    flash(_("The session was ended."), "success")
    return redirect(url_for("accounts.list_sessions"), 303)


@bp.post("/my/sessions/end-others")
@requires_login
def end_other_sessions() -> ResponseReturnValue:
    """End every session of the viewer but this one."""
    count = revoke_sessions(current.viewer, but=_present_id())
    text = ngettext("%(num)d session was ended.", "%(num)d sessions were ended.", count)
    flash(
        text if count else _("You are not logged in anywhere else."), "success" if count else "info"
    )
    return redirect(url_for("accounts.list_sessions"), 303)


def _present_id() -> int:
    present = present_session()
    assert present is not None, "a signed-in viewer has come with a session"
    return present.session_id
