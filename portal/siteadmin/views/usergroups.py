"""Putting a person into a group and taking them out, from the person's page in site admin (forge 4.13)."""

from __future__ import annotations

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.services import add_member, remove_member
from portal.core.database import db
from portal.core.errors import Conflict, Invalid, NotFound
from portal.groups.queries import named_group
from portal.siteadmin.userforms import MembershipForm
from portal.siteadmin.views.blueprint import bp
from portal.siteadmin.views.user import back, the_user, user_page


@bp.post("/users/<user_name>/memberships")
def add_membership(user_name: str) -> ResponseReturnValue:
    """Give the person a role of a group."""
    user = the_user(user_name)
    form = MembershipForm()
    if form.validate_on_submit():
        try:
            with db.session.begin_nested():
                _join(user_name, form.group.data.strip().lower(), form.role.data.strip())
        except Invalid as refusal:
            form.take_errors(refusal)
        except Conflict as conflict:
            form.take_errors(Invalid({"group": [str(conflict)]}))
        else:
            return back(user, _("The person has the role now."))
    return user_page(user, membership_form=form)


@bp.post("/users/<user_name>/memberships/remove")
def remove_membership(user_name: str) -> Response:
    """Take the person out of the group that ``group`` names."""
    user = the_user(user_name)
    group = named_group(request.form.get("group", ""))
    if group is None:
        raise NotFound(_("There is no such group."))
    try:
        with db.session.begin_nested():
            remove_member(group, user)
    except Conflict as conflict:
        return back(user, str(conflict), "danger")
    return back(user, _("%(name)s is left.", name=group.full_name))


def _join(user_name: str, group_name: str, role: str) -> None:
    group = named_group(group_name) if "\0" not in group_name else None
    if group is None:
        raise Invalid({"group": [_("There is no group named %(name)s.", name=group_name)]})
    add_member(group, the_user(user_name), role)
