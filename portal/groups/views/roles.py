"""The pages on which a group's administrators make, change and delete roles, those of visitors too."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access import roles
from portal.access.decisions import can
from portal.access.editor import group_editor, role_title
from portal.access.forms import DeleteRoleForm, PermissionsForm, RoleForm
from portal.access.guards import requires
from portal.access.models import MEMBER, Role
from portal.access.queries import find_role, permissions_of_role, role_overview
from portal.core.errors import Conflict, Invalid
from portal.groups.menu import ADMIN
from portal.groups.permissions import GROUP_ADMINISTER
from portal.groups.views.blueprint import bp
from portal.web.current import current


@bp.get("/<name>/admin/roles")
@requires(GROUP_ADMINISTER)
def list_roles() -> str:
    """The group's roles, what each gives and how many people hold it."""
    return render_template(
        "groups/admin_roles.html",
        group=current.group,
        roles=role_overview(current.group.group_id),
        active_tab=ADMIN,
        active_item="roles",
    )


@bp.route("/<name>/admin/roles/new", methods=["GET", "POST"])
@requires(GROUP_ADMINISTER)
def new_role() -> ResponseReturnValue:
    """Make a role."""
    form = RoleForm(group_editor(current.group))
    if form.validate_on_submit():
        try:
            role = roles.create_role(current.group, **form.values())
        except (Invalid, Conflict) as refusal:
            form.take_refusal(refusal)
        else:
            flash(_("The role %(role)s was made.", role=role.name), "success")
            return _back()
    return _page(form, None)


@bp.route("/<name>/admin/roles/<key:role_id>/", methods=["GET", "POST"])
@requires(GROUP_ADMINISTER)
def edit_role(role_id: int) -> ResponseReturnValue:
    """Change a role: its name, what it is for, what it gives."""
    role = find_role(current.group.group_id, role_id)
    form = _form(role)
    if form.validate_on_submit():
        try:
            is_changed = _update(role, form)
        except (Invalid, Conflict) as refusal:
            form.take_refusal(refusal)
        else:
            title = role_title(role)
            text = _("The role %(role)s was saved.", role=title) if is_changed else ""
            flash(text or _("Nothing was changed."), "success" if is_changed else "info")
            return _back()
    return _page(form, role)


@bp.post("/<name>/admin/roles/<key:role_id>/delete")
@requires(GROUP_ADMINISTER)
def delete_role(role_id: int) -> ResponseReturnValue:
    """Delete a role that nobody holds, once it was confirmed."""
    role = find_role(current.group.group_id, role_id)
    form = DeleteRoleForm()
    if not form.validate_on_submit():
        return _page(_form(role, is_sent=False), role, form)
    try:
        roles.delete_role(current.group, role)
    except Conflict as refusal:
        flash(str(refusal), "danger")
    else:
        flash(_("The role %(role)s was deleted.", role=role.name), "success")
    return _back()


def _form(role: Role, is_sent: bool = True) -> PermissionsForm:
    """Return the form of a role; without ``is_sent`` as stored, whatever was sent."""
    stored = permissions_of_role(role.role_id)
    options = {} if is_sent else {"formdata": None}
    if role.kind != MEMBER:
        return PermissionsForm(group_editor(current.group, for_visitors=True), stored, **options)
    return RoleForm(group_editor(current.group), stored, obj=role, **options)


def _update(role: Role, form: PermissionsForm) -> bool:
    if isinstance(form, RoleForm):
        return roles.update_role(current.group, role, **form.values())
    return roles.update_visitor_role(current.group, role, form.permissions.data)


def _page(
    form: PermissionsForm, role: Role | None, delete_form: DeleteRoleForm | None = None
) -> ResponseReturnValue:
    can_delete = role is not None and role.kind == MEMBER
    page = render_template(
        "groups/admin_role.html",
        group=current.group,
        form=form,
        role=role,
        delete_form=(delete_form or DeleteRoleForm(formdata=None)) if can_delete else None,
        active_tab=ADMIN,
        active_item="roles",
    )
    return page, 422 if form.errors or (delete_form and delete_form.errors) else 200


def _back() -> Response:
    """Go back to the list; somebody who has just left the administration goes to the groups."""
    if not can(current.viewer, GROUP_ADMINISTER, current.group):
        return redirect(url_for("groups.list_groups"), 303)
    return redirect(url_for("groups.list_roles", name=current.group.name), 303)
