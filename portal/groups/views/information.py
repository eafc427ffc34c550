"""The page on which a group's administrators say what the group is for and who may see it."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.access.guards import requires
from portal.core.errors import Conflict, Invalid
from portal.groups.forms import InformationForm
from portal.groups.menu import ADMIN
from portal.groups.objecttype import INFORMATION
from portal.groups.permissions import GROUP_ADMINISTER
from portal.groups.services import note_fields, update_information
from portal.groups.views.blueprint import bp
from portal.web.current import current
from portal.web.extensionforms import extended_form, store_fields


@bp.route("/<name>/admin/", methods=["GET", "POST"])
@requires(GROUP_ADMINISTER)
def edit_information() -> ResponseReturnValue:
    """Change full name, description, home page and visibility."""
    form = extended_form(InformationForm, INFORMATION, current.group, obj=current.group)
    if form.validate_on_submit():
        try:
            update_information(current.group, form.information())
            note_fields(current.group, *store_fields(form, current.group))
        except Invalid as refusal:
            form.take_errors(refusal)
        except Conflict as refusal:
            form.form_errors.append(str(refusal))
        else:
            flash(_("The group's information was saved."), "success")
            return redirect(url_for("groups.edit_information", name=current.group.name), 303)
    page = render_template(
        "groups/admin_information.html",
        group=current.group,
        form=form,
        active_tab=ADMIN,
        active_item="information",
    )
    return page, 422 if form.errors else 200
