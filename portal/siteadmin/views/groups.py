"""The groups of the site: all of them as a list, and the page of one with what becomes of it (forge 4.13)."""

from __future__ import annotations

from collections.abc import Callable

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_datetime
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response

from portal.accounts.models import User
from portal.config import current_settings
from portal.core.database import db
from portal.core.errors import Conflict, NotFound
from portal.groups import states
from portal.groups.mails import mail_approved_again
from portal.groups.models import Group
from portal.groups.purging import due_at
from portal.groups.queries import named_group
from portal.pluginengine.engine import current_engine
from portal.siteadmin.groupforms import DeleteGroupForm
from portal.siteadmin.lists import GROUP_LIST
from portal.siteadmin.menu import GROUPS
from portal.siteadmin.queries import groups_by_state
from portal.siteadmin.views.blueprint import bp
from portal.web.lists.export import answer_list, wants_csv


@bp.get("/groups/")
def list_groups() -> ResponseReturnValue:
    """Every group, whatever its state, with the links that plugins add."""
    is_page = not wants_csv()
    links = current_engine().hooks.collect("site_admin_project_maintenance_hook") if is_page else ()
    return answer_list(
        GROUP_LIST.name,
        select(Group),
        "siteadmin/groups.html",
        active_section=GROUPS,
        counts=groups_by_state() if is_page else {},
        links=links,
    )


@bp.get("/groups/<group_name>/")
def show_group(group_name: str) -> ResponseReturnValue:
    """One group: its facts, and the moves that its state allows."""
    group = _group(group_name)
    return render_template(
        "siteadmin/group.html", group=group, facts=_facts(group), active_section=GROUPS
    )


@bp.post("/groups/<group_name>/hold")
def hold_group(group_name: str) -> Response:
    """Close an active group for everybody but site admins."""
    return _move(group_name, states.hold_group, _("The group %(name)s is on hold."))


@bp.post("/groups/<group_name>/activate")
def reactivate_group(group_name: str) -> Response:
    """Open a group that was on hold."""
    return _move(group_name, states.reactivate_group, _("The group %(name)s is open again."))


@bp.post("/groups/<group_name>/restore")
def restore_group(group_name: str) -> Response:
    """Open a deleted or rejected group before its purge."""
    return _move(group_name, states.restore_group, _("The group %(name)s is open again."))


@bp.route("/groups/<group_name>/delete", methods=["GET", "POST"])
def delete_group(group_name: str) -> ResponseReturnValue:
    """Delete a group, once three boxes are ticked."""
    group = _group(group_name)
    form = DeleteGroupForm()
    if form.validate_on_submit():
        return _move(group_name, states.delete_group, _("The group %(name)s is deleted."))
    page = render_template(
        "siteadmin/group_delete.html",
        group=group,
        form=form,
        days=current_settings().group_purge_days,
        active_section=GROUPS,
    )
    return page, 422 if form.errors else 200


@bp.post("/groups/<group_name>/approval-mail")
def send_approval_mail(group_name: str) -> Response:
    """Send the mail that tells of the approval again, to the group's administrators."""
    group = _group(group_name)
    if not group.is_active:
        flash(_("Only an active group has been approved."), "danger")
    elif mail_approved_again(group):
        flash(_("The approval mail is on its way to the group's administrators."), "success")
    else:
        flash(_("The group has no administrator to write to."), "warning")
    return _back(group)


def _group(name: str) -> Group:
    group = named_group(name)
    if group is None:
        raise NotFound(_("There is no group named %(name)s.", name=name))
    return group


def _move(name: str, move: Callable[[Group], None], told: str) -> Response:
    group = _group(name)
    try:
        move(group)
    except Conflict as refusal:
        flash(str(refusal), "danger")
    else:
        flash(told % {"name": group.full_name}, "success")
    return _back(group)


def _back(group: Group) -> Response:
    return redirect(url_for("siteadmin.show_group", group_name=group.name), 303)


def _facts(group: Group) -> list[tuple[str, str]]:
    """Return the facts of a group; what does not apply is left out by the page."""
    founder = db.session.get(User, group.registered_by) if group.registered_by else None
    moments = {
        _("Registered"): group.created_at,
        _("Approved"): group.approved_at,
        _("Deleted"): group.deleted_at,
        _("Gone for good after"): due_at(group),
    }
    return [
        (_("Name in addresses"), group.name),
        (_("Description"), group.description),
        (_("Purpose"), group.purpose),
        (_("Home page"), group.homepage),
        (_("Members"), str(group.member_count)),
        (_("Registered by"), founder.user_name if founder else ""),
        *(
            (term, format_datetime(moment, "medium") if moment else "")
            for term, moment in moments.items()
        ),
    ]
