"""The failures of plugins on all workers and hosts, with what led to each."""

from __future__ import annotations

from flask import render_template, request
from flask_babel import gettext as _

from portal.pluginengine.engine import current_engine
from portal.pluginengine.healthfigures import incidents
from portal.siteadmin.menu import PLUGINS
from portal.siteadmin.views.blueprint import bp


@bp.get("/plugins/incidents")
def list_incidents() -> str:
    """Every failure, the latest first; ``plugin`` narrows the list to one plugin, by handle."""
    engine = current_engine()
    found = incidents()
    handle = request.args.get("plugin", "")
    codes = {record.handle: record.code for record in engine.state.plugins}
    return render_template(
        "siteadmin/incidents.html",
        incidents=[each for each in found if not handle or each.plugin == handle],
        handles=sorted({handle, *(each.plugin for each in found)} - {""}),
        handle=handle,
        codes=codes,
        breadcrumbs=[{"title": _("Incidents")}],
        active_section=PLUGINS,
    )
