"""The pages of site admin: overview, plugins, incidents, hooks."""

from portal.siteadmin.views import hooks, incidents, operations, overview, plugins
from portal.siteadmin.views.blueprint import bp

__all__ = ["bp", "hooks", "incidents", "operations", "overview", "plugins"]
