"""The navigation of group pages: the tab bar, which plugins add to, and the side of the administration."""

from __future__ import annotations

from flask import url_for
from flask_babel import gettext as _

from portal.groups.models import Group
from portal.pluginengine.engine import current_engine
from portal.web.navigation import Link, Menu, MenuItem, menu_of

SUMMARY, ADMIN = "summary", "admin"


def group_tabs(group: Group, active: str = "") -> Menu:
    """Return the tabs of ``group`` as the viewer sees them, the core's before the plugins'.

    ``active`` is the key of the page's own tab, marked unless a plugin says that its page is another's.
    Fires the hook groupmenu: call it once a page.
    """
    return menu_of(current_engine().hooks.collect("groupmenu", group=group, toptab=active), active)


def group_admin_items(group: Group) -> list[MenuItem]:
    """Return the pages of a group's administration, for those who may see them."""
    return [
        MenuItem(
            key="information",
            title=_("Information"),
            url=url_for("groups.edit_information", name=group.name),
            icon="info-circle",
        ),
        MenuItem(
            key="members",
            title=_("Members"),
            url=url_for("groups.edit_members", name=group.name),
            icon="people",
        ),
        MenuItem(
            key="roles",
            title=_("Roles"),
            url=url_for("groups.list_roles", name=group.name),
            icon="person-gear",
        ),
        MenuItem(
            key="plugins",
            title=_("Plugins"),
            url=url_for("groups.edit_plugins", name=group.name),
            icon="puzzle",
        ),
        MenuItem(
            key="history",
            title=_("History"),
            url=url_for("groups.show_history", name=group.name),
            icon="clock-history",
        ),
    ]


def plugin_admin_links(group: Group) -> tuple[Link, ...]:
    """Return the links to the pages where the plugins that ``group`` uses are set up for it.

    Fires the hook project_admin_plugins: call it once a page of the administration.
    """
    return current_engine().hooks.collect("project_admin_plugins", group=group)
