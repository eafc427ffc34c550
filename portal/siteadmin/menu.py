"""The side navigation of site admin."""

from __future__ import annotations

from flask import url_for
from flask_babel import gettext as _

from portal.access.decisions import is_site_admin
from portal.web.current import current
from portal.web.navigation import MenuItem

OVERVIEW, PLUGINS, HOOKS, MAIL = "overview", "plugins", "hooks", "mail"
ROLES, SESSIONS, CONFIGURATION = "roles", "sessions", "configuration"
USERS, GROUPS, APPROVALS, AUDIT = "users", "groups", "approvals", "audit"


def admin_sections() -> list[MenuItem]:
    """Return the pages of site admin that the viewer may see, in the order of the navigation."""
    queue = MenuItem(
        key=APPROVALS,
        title=_("Approval queue"),
        url=url_for("approvals.list_pending"),
        icon="hourglass-split",
    )
    return _pages(queue) if is_site_admin(current.viewer) else [queue]


def _pages(queue: MenuItem) -> list[MenuItem]:
    return [
        MenuItem(
            key=OVERVIEW, title=_("Overview"), url=url_for("siteadmin.index"), icon="speedometer2"
        ),
        MenuItem(key=USERS, title=_("People"), url=url_for("siteadmin.list_users"), icon="people"),
        MenuItem(
            key=GROUPS, title=_("Groups"), url=url_for("siteadmin.list_groups"), icon="building"
        ),
        queue,
        MenuItem(
            key=ROLES,
            title=_("Global roles"),
            url=url_for("siteadmin.list_roles"),
            icon="person-gear",
        ),
        MenuItem(
            key=SESSIONS,
            title=_("Sessions"),
            url=url_for("siteadmin.list_sessions"),
            icon="shield-lock",
        ),
        MenuItem(
            key=PLUGINS, title=_("Plugins"), url=url_for("siteadmin.list_plugins"), icon="puzzle"
        ),
        MenuItem(
            key=HOOKS, title=_("Hooks"), url=url_for("siteadmin.list_hooks"), icon="diagram-3"
        ),
        MenuItem(key=MAIL, title=_("Mail"), url=url_for("siteadmin.list_mails"), icon="envelope"),
        MenuItem(
            key=CONFIGURATION,
            title=_("Configuration"),
            url=url_for("siteadmin.show_configuration"),
            icon="gear",
        ),
        MenuItem(
            key=AUDIT,
            title=_("Audit log"),
            url=url_for("siteadmin.list_audit"),
            icon="clock-history",
        ),
    ]
