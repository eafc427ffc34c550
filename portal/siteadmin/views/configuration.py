"""The configuration in site admin: every setting as it is in force, and what is unsafe (forge 4.13)."""

from __future__ import annotations

from flask import render_template

from portal.config import current_settings
from portal.siteadmin.hazards import hazards
from portal.siteadmin.menu import CONFIGURATION
from portal.siteadmin.views.blueprint import bp


@bp.get("/configuration")
def show_configuration() -> str:
    """Every setting by name with value, source and meaning; secrets are masked."""
    return render_template(
        "siteadmin/configuration.html",
        settings=current_settings().describe(),
        hazards=list(hazards()),
        active_section=CONFIGURATION,
    )
