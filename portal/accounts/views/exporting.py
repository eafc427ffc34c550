"""Downloading all that the site knows about oneself, once the password was given again."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from portal.accounts.confirming import requires_confirmation
from portal.accounts.departures import as_subject
from portal.accounts.downloads import export_answer
from portal.accounts.guards import requires_login
from portal.accounts.menu import SETTINGS
from portal.accounts.views.blueprint import bp
from portal.core.errors import Conflict
from portal.pluginengine.personaldata import shares_of
from portal.web.current import current
from portal.web.forms import EmptyForm
from portal.web.transactions import transaction


@bp.get("/my/settings/export")
@requires_login
@requires_confirmation
def confirm_export() -> str:
    """Say what stands in the export, and offer it as a file."""
    return _export_page()


@bp.post("/my/settings/export")
@requires_login
@transaction("read")
@requires_confirmation
def download_export() -> ResponseReturnValue:
    """Send all that the site knows about the viewer as one JSON file."""
    try:
        return export_answer(current.viewer)
    except Conflict as conflict:
        return _export_page(str(conflict)), 507


def _export_page(refusal: str = "") -> str:
    user = current.user = current.viewer
    return render_template(
        "accounts/export.html",
        shares=shares_of(as_subject(user)),
        form=EmptyForm(),
        refusal=refusal,
        active_tab=SETTINGS,
    )
