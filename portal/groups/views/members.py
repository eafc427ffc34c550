"""The page on which a group's administrators take people in, change their roles and remove them."""

from __future__ import annotations

from collections.abc import Callable

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.guards import requires
from portal.access.models import Role
from portal.access.queries import roles_of
from portal.access.services import add_member, change_role, remove_member
from portal.accounts.loading import find_user
from portal.accounts.models import User
from portal.core.errors import Conflict, Invalid, NotFound
from portal.groups.forms import AddMemberForm, ChangeRoleForm
from portal.groups.menu import ADMIN
from portal.groups.permissions import GROUP_ADMINISTER
from portal.groups.services import hold_members
from portal.groups.views.blueprint import bp
from portal.web.current import current

MEMBERS_PER_PAGE = 50


@bp.route("/<name>/admin/members", methods=["GET", "POST"])
@requires(GROUP_ADMINISTER)
def edit_members() -> ResponseReturnValue:
    """List the members; a POST takes a person in with a role."""
    roles = {role.role_id: role for role in roles_of(current.group.group_id)}
    form = AddMemberForm()
    form.role.choices = [(key, role.name) for key, role in roles.items()]
    if form.validate_on_submit():
        try:
            user = _person(form.user_name.data)
            hold_members(current.group)
            add_member(current.group, user, roles[form.role.data])
        except (Invalid, Conflict) as refusal:
            form.take_errors(_at_user_name(refusal))
        else:
            flash(_("%(name)s is now a member.", name=user.real_name), "success")
            return _back()
    page = render_template(
        "groups/admin_members.html",
        group=current.group,
        page=member_page(current.group, request.args.get("after"), MEMBERS_PER_PAGE),
        roles=list(roles.values()),
        form=form,
        active_tab=ADMIN,
        active_item="members",
    )
    return page, 422 if form.errors else 200


@bp.post("/<name>/admin/members/<user_name>/role")
@requires(GROUP_ADMINISTER)
def change_member_role(user_name: str) -> Response:
    """Make another role the member's only one."""
    form = ChangeRoleForm()
    roles = {role.role_id: role for role in roles_of(current.group.group_id)}
    form.role.choices = [(key, role.name) for key, role in roles.items()]
    if not form.validate_on_submit():
        raise Invalid({"role": [_("Choose one of this group's roles.")]})
    user, role = _member(user_name), roles[form.role.data]

    def change() -> str:
        change_role(current.group, user, role)
        return _("%(name)s now has the role %(role)s.", name=user.real_name, role=role.name)

    return _attempt(change)


@bp.post("/<name>/admin/members/<user_name>/remove")
@requires(GROUP_ADMINISTER)
def delete_member(user_name: str) -> Response:
    """Take all of the group's roles from a member."""
    user = _member(user_name)

    def remove() -> str:
        remove_member(current.group, user)
        return _("%(name)s is no longer a member.", name=user.real_name)

    return _attempt(remove)


def _attempt(change: Callable[[], str]) -> Response:
    """Carry out a change of a member and go back to the list, with its text or the refusal's."""
    hold_members(current.group)
    try:
        flash(change(), "success")
    except Conflict as refusal:
        flash(str(refusal), "danger")
    return _back()


def _back() -> Response:
    return redirect(url_for("groups.edit_members", name=current.group.name), 303)


def _member(user_name: str) -> User:
    """Return the person of an address; NotFound unless there is an account of that name."""
    user = find_user(user_name)
    if user is None:
        raise NotFound(_("There is no account named %(name)s.", name=user_name))
    return user


def _person(user_name: str) -> User:
    """Return the person of a form; Invalid unless there is an account of that name."""
    user = find_user(user_name.strip().lower())
    if user is None:
        text = _("There is no account named %(name)s.", name=user_name.strip())
        raise Invalid({"user_name": [text]})
    return user


def _at_user_name(refusal: Invalid | Conflict) -> Invalid:
    return refusal if isinstance(refusal, Invalid) else Invalid({"user_name": [str(refusal)]})
