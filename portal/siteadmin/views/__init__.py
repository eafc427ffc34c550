"""The pages of site admin: overview, plugins, incidents, hooks, mail."""

from portal.siteadmin.views import hooks, incidents, mail, operations, overview, plugins
from portal.siteadmin.views.blueprint import bp

__all__ = ["bp", "hooks", "incidents", "mail", "operations", "overview", "plugins"]
