"""The page on which people register a group (forge 4.6)."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.access.guards import requires_login
from portal.core.errors import Conflict, Forbidden, Invalid
from portal.groups.approvers import is_approved_at_once, may_register
from portal.groups.forms import RegistrationForm
from portal.groups.handlers import GROUPS
from portal.groups.models import Group
from portal.groups.objecttype import REGISTRATION
from portal.groups.services import register_group
from portal.groups.views.blueprint import bp
from portal.web.current import current
from portal.web.extensionforms import extended_form, store_fields


@bp.route("/new", methods=["GET", "POST"])
@requires_login
def new_group() -> ResponseReturnValue:
    """Register a group; it awaits approval unless the site or the person approves it at once."""
    if not may_register(current.viewer):
        raise Forbidden(
            _("On this site, groups are registered by those who approve them."),
            _("Ask a site administrator for the group that you need."),
        )
    form = extended_form(RegistrationForm, REGISTRATION, None, data={"is_public": True})
    if is_approved_at_once(current.viewer):
        del form.purpose
    if form.validate_on_submit():
        group = _register(form)
        if group is not None:
            return _go_on(group)
    page = render_template("groups/new.html", form=form, active_menu=GROUPS)
    return page, 422 if form.errors else 200


def _register(form: RegistrationForm) -> Group | None:
    """Register what the form says; None, with the errors in the form, when it is refused."""
    purpose = form.purpose.data or "" if form.purpose else None
    try:
        group = register_group(
            current.viewer, (form.name.data or "").strip(), form.information(), purpose
        )
    except Invalid as refusal:
        form.take_errors(refusal)
    except Conflict as refusal:
        form.form_errors.append(str(refusal))
    else:
        store_fields(form, group)
        return group
    return None


def _go_on(group: Group) -> ResponseReturnValue:
    if group.is_active:
        flash(_("The group %(name)s is open.", name=group.full_name), "success")
        return redirect(url_for("groups.show_group", name=group.name), 303)
    flash(
        _("The group %(name)s awaits approval. You will get a mail.", name=group.full_name),
        "success",
    )
    return redirect(url_for("home.show_my_page"), 303)
