"""The pages of groups: what everybody sees, and the administration of one group."""

from portal.groups.views import (
    history,
    information,
    joining,
    memberroles,
    members,
    plugins,
    pluginsettings,
    public,
    registration,
    requests,
    roles,
)
from portal.groups.views.blueprint import bp

__all__ = [
    "bp",
    "history",
    "information",
    "joining",
    "memberroles",
    "members",
    "plugins",
    "pluginsettings",
    "public",
    "registration",
    "requests",
    "roles",
]
