"""The blueprint of site admin; one check in front of all of its pages."""

from __future__ import annotations

from flask import Blueprint

from portal.access.guards import require
from portal.access.permissions import SYSTEM_ADMINISTER

bp = Blueprint("siteadmin", __name__)


@bp.before_request
def require_site_admin() -> None:
    """Send anonymous visitors to log in (LoginRequired), refuse everybody else (Forbidden)."""
    require(SYSTEM_ADMINISTER)
