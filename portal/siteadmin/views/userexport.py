"""Downloading all that the site knows about a person, for site admins; the audit log tells who did."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from portal.accounts.confirming import requires_confirmation
from portal.accounts.departures import as_subject
from portal.accounts.downloads import export_answer
from portal.accounts.models import User
from portal.core.errors import Conflict
from portal.pluginengine.personaldata import shares_of
from portal.siteadmin.menu import USERS
from portal.siteadmin.views.blueprint import bp
from portal.siteadmin.views.user import the_user
from portal.web.forms import EmptyForm
from portal.web.transactions import transaction


@bp.get("/users/<user_name>/export")
@requires_confirmation
def confirm_user_export(user_name: str) -> str:
    """Say what stands in the person's export, and offer it as a file."""
    return _export_page(the_user(user_name))


@bp.post("/users/<user_name>/export")
@transaction("read")
@requires_confirmation
def download_user_export(user_name: str) -> ResponseReturnValue:
    """Send all that the site knows about the person as one JSON file."""
    user = the_user(user_name)
    try:
        return export_answer(user)
    except Conflict as conflict:
        return _export_page(user, str(conflict)), 507


def _export_page(user: User, refusal: str = "") -> str:
    return render_template(
        "siteadmin/user_export.html",
        person=user,
        shares=shares_of(as_subject(user)),
        form=EmptyForm(),
        refusal=refusal,
        active_section=USERS,
    )
