"""The pages of site admin, and the approval queue, which others than site admins may see too."""

from portal.siteadmin.views import (
    approvals,
    audit,
    configuration,
    grants,
    groups,
    hookorder,
    hooks,
    incidents,
    mail,
    operations,
    overview,
    plugins,
    roles,
    sessions,
    user,
    usergroups,
    users,
)
from portal.siteadmin.views.blueprint import bp

__all__ = [
    "approvals",
    "audit",
    "bp",
    "configuration",
    "grants",
    "groups",
    "hookorder",
    "hooks",
    "incidents",
    "mail",
    "operations",
    "overview",
    "plugins",
    "roles",
    "sessions",
    "user",
    "usergroups",
    "users",
]
