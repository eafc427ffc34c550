"""The permissions of a group that the portal itself asks for, declared for the role editor."""

from __future__ import annotations

from flask_babel import lazy_gettext

from portal.access.permissions import (
    GROUP_ADMINISTER,
    GROUP_READ,
    GROUP_SEE_MEMBERS,
    Permission,
)

__all__ = ["GROUP_ADMINISTER", "GROUP_READ", "GROUP_SEE_MEMBERS", "PERMISSIONS"]

PERMISSIONS = (
    Permission(
        id=GROUP_ADMINISTER,
        label=lazy_gettext("Administer the group"),
        section="blog_admin",
        order=100,
        members_only=True,
    ),
    Permission(id=GROUP_READ, label=lazy_gettext("See the group"), section="blog_admin", order=110),
    Permission(
        id=GROUP_SEE_MEMBERS,
        label=lazy_gettext("See who is in the group"),
        section="blog_admin",
        order=120,
        inherit_from=(GROUP_READ,),
    ),
)
