"""The pages of site admin: overview, plugins, hooks."""

from portal.siteadmin.views import hooks, operations, overview, plugins
from portal.siteadmin.views.blueprint import bp

__all__ = ["bp", "hooks", "operations", "overview", "plugins"]
