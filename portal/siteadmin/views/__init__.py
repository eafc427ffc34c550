"""The pages of site admin: overview, people, groups, roles, plugins, incidents, hooks, mail, audit log."""

from portal.siteadmin.views import (
    audit,
    directories,
    grants,
    hooks,
    incidents,
    mail,
    operations,
    overview,
    plugins,
    roles,
)
from portal.siteadmin.views.blueprint import bp

__all__ = [
    "audit",
    "bp",
    "directories",
    "grants",
    "hooks",
    "incidents",
    "mail",
    "operations",
    "overview",
    "plugins",
    "roles",
]
