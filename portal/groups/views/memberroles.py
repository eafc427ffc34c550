"""The page of one member in a group's administration: their roles, and permissions of their own."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.decisions import can
from portal.access.editor import group_editor
from portal.access.forms import PermissionsForm
from portal.access.guards import requires
from portal.access.holders import given_by
from portal.access.models import Role
from portal.access.queries import member_permissions, roles_held, roles_of
from portal.access.services import set_member_permissions, set_roles
from portal.accounts.loading import find_user
from portal.accounts.models import User
from portal.core.errors import Conflict, Invalid, NotFound
from portal.groups.forms import MemberRolesForm
from portal.groups.menu import ADMIN
from portal.groups.permissions import GROUP_ADMINISTER
from portal.groups.views.blueprint import bp
from portal.web.current import current


@bp.get("/<name>/admin/members/<user_name>/")
@requires(GROUP_ADMINISTER)
def edit_member(user_name: str) -> ResponseReturnValue:
    """Show what a member may do in the group, and why."""
    return _page(*require_member(user_name))


@bp.post("/<name>/admin/members/<user_name>/role")
@requires(GROUP_ADMINISTER)
def change_role(user_name: str) -> ResponseReturnValue:
    """Make what was ticked the member's roles."""
    user, held = require_member(user_name)
    form = _roles_form(held)
    if form.validate_on_submit():
        try:
            set_roles(current.group, user, form.role.data)
        except Invalid as refusal:
            form.take_errors(refusal)
        except Conflict as refusal:
            form.take_errors(Invalid({"role": [str(refusal)]}))
        else:
            roles = ", ".join(form.role.data)
            text = _("%(name)s now has: %(roles)s.", name=user.real_name, roles=roles)
            flash(text, "success")
            return _back()
    return _page(user, held, roles_form=form)


@bp.post("/<name>/admin/members/<user_name>/permissions")
@requires(GROUP_ADMINISTER)
def update_member_permissions(user_name: str) -> ResponseReturnValue:
    """Make what was ticked the permissions that the member holds beside the roles."""
    user, held = require_member(user_name)
    form = _permissions_form(user, held)
    if form.validate_on_submit():
        try:
            set_member_permissions(current.group, user, form.permissions.data)
        except (Invalid, Conflict) as refusal:
            form.take_refusal(refusal)
        else:
            flash(_("The permissions of %(name)s were saved.", name=user.real_name), "success")
            return _back()
    return _page(user, held, permissions_form=form)


def _page(
    user: User,
    held: list[Role],
    *,
    roles_form: MemberRolesForm | None = None,
    permissions_form: PermissionsForm | None = None,
) -> ResponseReturnValue:
    """Draw the page of two forms; the one that was sent and refused keeps what was ticked."""
    roles_form = roles_form or _roles_form(held, formdata=None)
    permissions_form = permissions_form or _permissions_form(user, held, formdata=None)
    page = render_template(
        "groups/admin_member.html",
        group=current.group,
        person=user,
        roles_form=roles_form,
        permissions_form=permissions_form,
        active_tab=ADMIN,
        active_item="members",
    )
    return page, 422 if roles_form.errors or permissions_form.errors else 200


def _roles_form(held: list[Role], **options: None) -> MemberRolesForm:
    form = MemberRolesForm(data={"role": [role.name for role in held]}, **options)
    form.role.choices = [(each.name, each.name) for each in roles_of(current.group.group_id)]
    return form


def _permissions_form(user: User, held: list[Role], **options: None) -> PermissionsForm:
    editor = group_editor(current.group, given=given_by(held))
    return PermissionsForm(
        editor, member_permissions(current.group.group_id, user.user_id), **options
    )


def require_member(user_name: str) -> tuple[User, list[Role]]:
    """Return the member of an address with their roles; NotFound for everybody who is none."""
    user = find_user(user_name)
    held = roles_held(current.group.group_id, user.user_id) if user else []
    if user is None or not held:
        raise NotFound(_("No member of this group is named %(name)s.", name=user_name))
    return user, list(held)


def _back() -> Response:
    """Go back to the list; somebody who has just left the administration goes to the groups."""
    if not can(current.viewer, GROUP_ADMINISTER, current.group):
        return redirect(url_for("groups.list_groups"), 303)
    return redirect(url_for("groups.edit_members", name=current.group.name), 303)
