"""Global roles in site admin: make, change and delete them, and say who has them (forge 4.13)."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access import roles
from portal.access.editor import Editor
from portal.access.forms import AddPersonForm, DeleteRoleForm, RoleForm
from portal.access.holders import holders_of, people_with_grants
from portal.access.models import Role
from portal.access.queries import find_role, permissions_of_role, role_overview
from portal.access.sitegrants import give_site_role, take_site_role
from portal.accounts.loading import find_user
from portal.accounts.models import User
from portal.core.errors import Conflict, Invalid, NotFound
from portal.siteadmin.menu import ROLES
from portal.siteadmin.views.blueprint import bp


@bp.get("/roles/")
def list_roles() -> ResponseReturnValue:
    """The site's roles, and who has site permissions of their own; ``user_name`` goes to a person."""
    wanted = request.args.get("user_name", "").strip().lower()
    if wanted and find_user(wanted) is not None:
        return redirect(url_for("siteadmin.edit_permissions", user_name=wanted), 303)
    page = render_template(
        "siteadmin/roles.html",
        roles=role_overview(None),
        people=people_with_grants(),
        wanted=wanted,
        active_section=ROLES,
    )
    return page, 404 if wanted else 200


@bp.route("/roles/new", methods=["GET", "POST"])
def new_role() -> ResponseReturnValue:
    """Make a role of the site."""
    form = RoleForm(Editor(scope="system"))
    if form.validate_on_submit():
        try:
            role = roles.create_role(None, **form.values())
        except (Invalid, Conflict) as refusal:
            form.take_refusal(refusal)
        else:
            flash(_("The role %(role)s was made.", role=role.name), "success")
            return redirect(url_for("siteadmin.edit_role", role_id=role.role_id), 303)
    return _page(None, form)


@bp.route("/roles/<key:role_id>/", methods=["GET", "POST"])
def edit_role(role_id: int) -> ResponseReturnValue:
    """Change a role of the site."""
    role = find_role(None, role_id)
    form = _form(role)
    if form.validate_on_submit():
        try:
            is_changed = roles.update_role(None, role, **form.values())
        except (Invalid, Conflict) as refusal:
            form.take_refusal(refusal)
        else:
            text = _("The role %(role)s was saved.", role=role.name) if is_changed else ""
            flash(text or _("Nothing was changed."), "success" if is_changed else "info")
            return redirect(url_for("siteadmin.list_roles"), 303)
    return _page(role, form)


@bp.post("/roles/<key:role_id>/delete")
def delete_role(role_id: int) -> ResponseReturnValue:
    """Delete a role of the site that nobody has, once it was confirmed."""
    role = find_role(None, role_id)
    form = DeleteRoleForm()
    if not form.validate_on_submit():
        return _page(role, delete_form=form)
    try:
        roles.delete_role(None, role)
    except Conflict as refusal:
        flash(str(refusal), "danger")
        return _to(role)
    flash(_("The role %(role)s was deleted.", role=role.name), "success")
    return redirect(url_for("siteadmin.list_roles"), 303)


@bp.post("/roles/<key:role_id>/people")
def add_person(role_id: int) -> ResponseReturnValue:
    """Give the role to a person."""
    role = find_role(None, role_id)
    form = AddPersonForm()
    if form.validate_on_submit():
        try:
            user = _person(form.user_name.data)
            give_site_role(role, user)
        except Invalid as refusal:
            form.take_errors(refusal)
        except Conflict as refusal:
            form.take_errors(Invalid({"user_name": [str(refusal)]}))
        else:
            flash(_("%(name)s now has the role.", name=user.real_name), "success")
            return _to(role)
    return _page(role, person_form=form)


@bp.post("/roles/<key:role_id>/people/<user_name>/remove")
def remove_person(role_id: int, user_name: str) -> Response:
    """Take the role from a person."""
    role, user = find_role(None, role_id), find_user(user_name)
    if user is None or user not in holders_of(role):
        raise NotFound(_("Nobody named %(name)s has this role.", name=user_name))
    try:
        take_site_role(role, user)
    except Conflict as refusal:
        flash(str(refusal), "danger")
    else:
        flash(_("%(name)s no longer has the role.", name=user.real_name), "success")
    return _to(role)


def _form(role: Role, **options: None) -> RoleForm:
    editor = Editor(scope="system")
    return RoleForm(editor, permissions_of_role(role.role_id), obj=role, **options)


def _page(
    role: Role | None,
    form: RoleForm | None = None,
    *,
    delete_form: DeleteRoleForm | None = None,
    person_form: AddPersonForm | None = None,
) -> ResponseReturnValue:
    """Draw the page of up to three forms; the one that was sent and refused keeps what was typed."""
    sent = [each for each in (form, delete_form, person_form) if each is not None]
    page = render_template(
        "siteadmin/role.html",
        role=role,
        form=form or (_form(role, formdata=None) if role else None),
        delete_form=delete_form or DeleteRoleForm(formdata=None),
        person_form=person_form or AddPersonForm(formdata=None),
        holders=holders_of(role) if role else [],
        active_section=ROLES,
    )
    return page, 422 if any(each.errors for each in sent) else 200


def _person(user_name: str) -> User:
    user = find_user(user_name.strip().lower())
    if user is None:
        text = _("There is no account named %(name)s.", name=user_name.strip())
        raise Invalid({"user_name": [text]})
    return user


def _to(role: Role) -> Response:
    return redirect(url_for("siteadmin.edit_role", role_id=role.role_id), 303)
