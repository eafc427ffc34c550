"""What site admins, and nobody else, are told on a page: which plugins failed while it was made."""

from __future__ import annotations

from portal.access.decisions import is_site_admin
from portal.pluginengine.engine import current_engine
from portal.pluginengine.health import Incident
from portal.web.current import current


def plugin_notices() -> tuple[Incident, ...]:
    """Return the failures of plugins' handlers in this request; empty for all but site admins.

    The layout asks after the page's content is drawn, so that failures in the content count.
    """
    incidents = current_engine().health.for_request(current.request_id)
    return incidents if incidents and is_site_admin(current.viewer) else ()
