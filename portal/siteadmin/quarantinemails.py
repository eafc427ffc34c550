"""Telling site admins that a plugin was quarantined: one mail to each, written with the quarantine itself."""

from __future__ import annotations

from portal.access.lastadmins import active_site_admins
from portal.pluginengine.lifecycle.quarantining import Quarantine
from portal.web.mails import compose_for


def mail_quarantined(quarantine: Quarantine) -> None:
    """Write to every active site admin, in the running transaction."""
    for admin in active_site_admins():
        compose_for(admin, "siteadmin/quarantined", reader=admin, quarantine=quarantine)
