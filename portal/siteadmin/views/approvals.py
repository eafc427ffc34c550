"""The queue of groups that await approval, for whoever may approve them: site admins and others (forge 4.6)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.guards import require
from portal.access.permissions import SYSTEM_APPROVE_GROUPS
from portal.core.database import db
from portal.core.errors import Conflict, Invalid
from portal.groups.models import PENDING, Group
from portal.groups.owner import LARGEST_KEY
from portal.groups.queries import count_pending, pending_groups
from portal.groups.reasons import find_reason, remove_reason, save_reason, saved_reasons
from portal.groups.services import approve_group, reject_group
from portal.siteadmin.groupforms import RejectForm
from portal.siteadmin.menu import APPROVALS

bp = Blueprint("approvals", __name__)

MOST_SHOWN = 50


@bp.before_request
def require_approver() -> None:
    """Send anonymous visitors to log in (LoginRequired), refuse who may not approve (Forbidden)."""
    require(SYSTEM_APPROVE_GROUPS)


@bp.get("/")
def list_pending() -> ResponseReturnValue:
    """Show the groups that have waited longest, with all that there is to judge by."""
    return _page({})


@bp.post("/approve")
def approve_shown() -> Response:
    """Approve the groups that the form names: those which its page showed, and no others."""
    keys = request.form.getlist("group_id", type=int)[:MOST_SHOWN]
    return _approve(keys)


@bp.post("/<key:group_id>/approve")
def approve(group_id: int) -> Response:
    """Approve one group."""
    return _approve([group_id])


@bp.post("/<key:group_id>/reject")
def reject(group_id: int) -> ResponseReturnValue:
    """Reject one group with a reason."""
    group = _pending(group_id)
    if group is None:
        flash(_stale([]), "warning")
        return _back()
    form = RejectForm(group, saved_reasons())
    if form.validate_on_submit():
        try:
            if form.is_kept.data:
                save_reason(form.title.data or "", form.reason.data or "")
            reject_group(group, form.text())
        except Invalid as refusal:
            form.take_errors(refusal)
        except Conflict:
            flash(_stale([group.full_name]), "warning")
            return _back()
        else:
            flash(_("The group %(name)s was rejected.", name=group.full_name), "success")
            return _back()
    return _page({group_id: form})


@bp.post("/reasons/<key:reason_id>/remove")
def remove_canned(reason_id: int) -> Response:
    """Remove a canned text."""
    reason = find_reason(reason_id)
    remove_reason(reason)
    flash(_("The canned text %(title)s was removed.", title=reason.title), "success")
    return _back()


def _approve(keys: Iterable[int]) -> Response:
    """Approve those that still wait, and name those that do not."""
    approved, stale, gone = [], [], False
    for key in dict.fromkeys(keys):
        group = db.session.get(Group, key) if 0 < key <= LARGEST_KEY else None
        if group is None:
            gone = True
            continue
        try:
            approve_group(group)
        except Conflict:
            stale.append(group.full_name)
        else:
            approved.append(group.full_name)
    if approved:
        flash(_("Approved: %(names)s.", names=", ".join(approved)), "success")
    if stale or gone:
        flash(_stale(stale), "warning")
    if not (approved or stale or gone):
        flash(_("Nothing was approved."), "info")
    return _back()


def _pending(group_id: int) -> Group | None:
    group = db.session.get(Group, group_id)
    return group if group is not None and group.status == PENDING else None


def _stale(names: list[str]) -> str:
    if names:
        return _("Somebody was quicker; no longer waiting: %(names)s.", names=", ".join(names))
    return _("Somebody was quicker; that group does not await approval any more.")


def _page(sent: Mapping[int, RejectForm]) -> ResponseReturnValue:
    """Draw the queue; a form that was sent and refused keeps what was typed."""
    rows = pending_groups(MOST_SHOWN)
    reasons = saved_reasons()
    page = render_template(
        "siteadmin/pending.html",
        rows=[
            (
                group,
                founder,
                sent.get(group.group_id) or RejectForm(group, reasons, formdata=None),
            )
            for group, founder in rows
        ],
        more=count_pending() - len(rows) if len(rows) == MOST_SHOWN else 0,
        reasons=reasons,
        active_section=APPROVALS,
    )
    return page, 422 if sent else 200


def _back() -> Response:
    return redirect(url_for("approvals.list_pending"), 303)
