"""The pages on which somebody asks to join a group, takes that back, or leaves it (forge 4.4, 4.7, 4.8)."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access import joining
from portal.access.decisions import can, is_member
from portal.access.guards import requires_login
from portal.access.joinrequests import standing
from portal.access.lastadmins import administrators_of
from portal.access.services import remove_member
from portal.core.errors import Conflict, Forbidden, Invalid, NotFound
from portal.groups.joinforms import JoinForm
from portal.groups.menu import SUMMARY
from portal.groups.permissions import GROUP_READ
from portal.groups.views.blueprint import bp
from portal.web.current import current
from portal.web.forms import EmptyForm


@bp.route("/<name>/join", methods=["GET", "POST"])
@requires_login
def request_to_join() -> ResponseReturnValue:
    """Ask the group's administrators to be taken in."""
    found = standing(current.viewer, current.group)
    if found.is_member or found.request is not None:
        flash(
            _("You are a member of this group already.")
            if found.is_member
            else _("You have asked to join this group already."),
            "info",
        )
        return _summary()
    if not found.can_request:
        raise Forbidden(
            _("This group takes no requests to join."),
            _("Ask one of its administrators to add you."),
        )
    form = JoinForm()
    if form.validate_on_submit():
        try:
            joining.request_to_join(current.group, current.viewer, form.comment.data or "")
        except Invalid as refusal:
            form.take_errors(refusal)
        except Conflict as refusal:
            flash(str(refusal), "info")
            return _summary()
        else:
            flash(_("Your request is on its way. You get a mail when it is answered."), "success")
            return _summary()
    page = render_template("groups/join.html", group=current.group, form=form, active_tab=SUMMARY)
    return page, 422 if form.errors else 200


@bp.post("/<name>/join/withdraw")
@requires_login
def withdraw_request() -> Response:
    """Take a request back that nobody has answered."""
    try:
        joining.withdraw_request(current.group, current.viewer)
    except Conflict as refusal:
        flash(str(refusal), "info")
    else:
        flash(_("Your request was withdrawn."), "success")
    return _summary()


@bp.route("/<name>/leave", methods=["GET", "POST"])
@requires_login
def leave_group() -> ResponseReturnValue:
    """Say what leaving means, then leave; the last administrator reads why that does not go."""
    if not is_member(current.viewer, current.group):
        raise NotFound(_("You are not a member of this group."))
    form = EmptyForm()
    is_last = [each.user_id for each in administrators_of(current.group.group_id)] == [
        current.viewer.user_id
    ]
    if form.validate_on_submit() and not is_last:
        try:
            remove_member(current.group, current.viewer)
        except Conflict:
            is_last = True
        else:
            flash(_("You have left the group %(name)s.", name=current.group.full_name), "success")
            return _somewhere_visible()
    page = render_template(
        "groups/leave.html", group=current.group, form=form, is_last=is_last, active_tab=SUMMARY
    )
    return page, 422 if form.is_submitted() else 200


def _summary() -> Response:
    return redirect(url_for("groups.show_group", name=current.group.name), 303)


def _somewhere_visible() -> Response:
    """Go to the group, or to the list of groups when it has disappeared for who has left it."""
    if can(current.viewer, GROUP_READ, current.group):
        return _summary()
    return redirect(url_for("groups.list_groups"), 303)
