"""The page on which a group's administrators take people in and remove them."""

from __future__ import annotations

from collections.abc import Callable

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access import services as memberships
from portal.access.decisions import can
from portal.access.guards import requires
from portal.access.joining import take_in
from portal.access.joinrequests import pending_count, pending_requests
from portal.access.lists import MEMBER_LIST, listed_members, of_group
from portal.access.models import JoinRequest
from portal.access.queries import roles_of
from portal.accounts.loading import find_user, find_user_by_address
from portal.accounts.models import User
from portal.core.errors import Conflict, Invalid
from portal.groups.forms import AddMemberForm
from portal.groups.menu import ADMIN
from portal.groups.permissions import GROUP_ADMINISTER
from portal.groups.views.blueprint import bp
from portal.groups.views.memberroles import require_member
from portal.web.current import current
from portal.web.lists.export import csv_of, wants_csv
from portal.web.lists.listing import read_list

#: The oldest ones stand on the page; others move up when these are answered.
REQUESTS_SHOWN = 20


@bp.get("/<name>/admin/members")
@requires(GROUP_ADMINISTER)
def edit_members() -> ResponseReturnValue:
    """List the members with what can be done to each, and a form that takes a person in."""
    if wants_csv():
        return csv_of(MEMBER_LIST.name, listed_members(), of_group(current.group.group_id))
    return _page(_add_form())


@bp.post("/<name>/admin/members")
@requires(GROUP_ADMINISTER)
def add_member() -> ResponseReturnValue:
    """Take a person into the group."""
    form = _add_form()
    if form.validate_on_submit():
        try:
            user = _person((form.user_name.data or "").strip())
            take_in(current.group, user, form.role.data, by=current.viewer)
        except Invalid as refusal:
            form.take_errors(refusal)
        except Conflict as refusal:
            form.take_errors(Invalid({"user_name": [str(refusal)]}))
        else:
            flash(_("%(name)s is now a member.", name=user.real_name), "success")
            return _back()
    return _page(form)


@bp.post("/<name>/admin/members/<user_name>/remove")
@requires(GROUP_ADMINISTER)
def remove_member(user_name: str) -> Response:
    """Take all of the group's roles from a member."""
    user, _roles = require_member(user_name)

    def remove() -> str:
        memberships.remove_member(current.group, user)
        return _("%(name)s is no longer a member.", name=user.real_name)

    return _attempt(remove)


def _page(form: AddMemberForm) -> ResponseReturnValue:
    listing = read_list(MEMBER_LIST.name, listed_members(), params=of_group(current.group.group_id))
    answer = render_template(
        "groups/admin_members.html",
        group=current.group,
        listing=listing,
        form=form,
        requests=_requests(),
        active_tab=ADMIN,
        active_item="members",
    )
    return answer, 422 if form.errors else 200


def _requests() -> list[tuple[JoinRequest, User]]:
    """Return the requests that wait for an answer; without a SELECT when there are none."""
    group_id = current.group.group_id
    return pending_requests(group_id, limit=REQUESTS_SHOWN) if pending_count(group_id) else []


def _add_form() -> AddMemberForm:
    form = AddMemberForm()
    form.role.choices = _role_choices()
    return form


def _role_choices() -> list[tuple[str, str]]:
    return [(role.name, role.name) for role in roles_of(current.group.group_id)]


def _attempt(change: Callable[[], str]) -> Response:
    """Carry out a change of a member and go back to the list, with its text or the refusal's."""
    try:
        flash(change(), "success")
    except Conflict as refusal:
        flash(str(refusal), "danger")
    return _back()


def _back() -> Response:
    """Go back to the list; somebody who has just left the administration goes to the groups."""
    if not can(current.viewer, GROUP_ADMINISTER, current.group):
        return redirect(url_for("groups.list_groups"), 303)
    return redirect(url_for("groups.edit_members", name=current.group.name), 303)


def _person(text: str) -> User:
    """Return the person of that login name or address; Invalid unless there is one.

    What is said of an address that is no active account's is the same whatever becomes of it.
    """
    if "@" not in text:
        user = find_user(text.lower())
        fault = _("There is no account named %(name)s.", name=text)
    else:
        user = find_user_by_address(text)
        user = user if user is not None and user.is_active else None
        fault = _("No active account has the address %(address)s.", address=text)
    if user is None:
        raise Invalid({"user_name": [fault]})
    return user
