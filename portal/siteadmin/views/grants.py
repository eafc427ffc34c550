"""The page of one person's site permissions: what their roles give, and what they hold directly (M-28)."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.access.decisions import is_site_admin
from portal.access.editor import Editor
from portal.access.forms import PermissionsForm
from portal.access.holders import given_by, site_roles_of
from portal.access.queries import permissions_of_person
from portal.access.sitegrants import set_system_permissions
from portal.accounts.loading import find_user
from portal.core.errors import Conflict, Invalid, NotFound
from portal.siteadmin.menu import ROLES
from portal.siteadmin.views.blueprint import bp
from portal.web.current import current


@bp.route("/users/<user_name>/permissions", methods=["GET", "POST"])
def edit_permissions(user_name: str) -> ResponseReturnValue:
    """Give site permissions to a person directly, and take them back."""
    user = find_user(user_name)
    if user is None:
        raise NotFound(_("There is no account named %(name)s.", name=user_name))
    held = site_roles_of(user)
    editor = Editor(scope="system", given=given_by(held))
    form = PermissionsForm(editor, permissions_of_person(user.user_id))
    if form.validate_on_submit():
        try:
            set_system_permissions(user, form.permissions.data)
        except (Invalid, Conflict) as refusal:
            form.take_refusal(refusal)
        else:
            flash(_("The permissions of %(name)s were saved.", name=user.real_name), "success")
            may_stay = is_site_admin(current.viewer)
            return redirect(url_for("siteadmin.list_roles" if may_stay else "home.index"), 303)
    page = render_template(
        "siteadmin/permissions.html", person=user, roles=held, form=form, active_section=ROLES
    )
    return page, 422 if form.errors else 200
