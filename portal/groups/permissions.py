"""The permissions of a group that the portal itself asks for, declared for the role editor."""

from __future__ import annotations

from flask_babel import lazy_gettext

from portal.access.permissions import GROUP_ADMINISTER, GROUP_READ, Permission

__all__ = ["GROUP_ADMINISTER", "GROUP_READ", "PERMISSIONS"]

PERMISSIONS = (
    Permission(id=GROUP_READ, label=lazy_gettext("See the group"), section="group", order=100),
    Permission(
        id=GROUP_ADMINISTER,
        label=lazy_gettext("Administer the group"),
        section="group",
        order=110,
    ),
)
