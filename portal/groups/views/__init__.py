"""The pages of groups: what everybody sees, and the administration of one group."""

from portal.groups.views import information, members, plugins, public
from portal.groups.views.blueprint import bp

__all__ = ["bp", "information", "members", "plugins", "public"]
