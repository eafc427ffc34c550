"""The navigation of group pages: the tab bar, which plugins add to, and the side of the administration."""

from __future__ import annotations

from portal.groups.models import Group
from portal.pluginengine.engine import current_engine
from portal.web.navigation import Link, Menu, MenuItem, PublicAreaItem, menu_of

SUMMARY, ADMIN = "summary", "admin"


def group_tabs(group: Group, active: str = "") -> Menu:
    """Return the tabs of ``group`` as the viewer sees them, the core's before the plugins'.

    ``active`` is the key of the page's own tab, marked unless a plugin says that its page is another's.
    Fires the hook groupmenu: call it once a page.
    """
    return menu_of(current_engine().hooks.collect("groupmenu", group=group, toptab=active), active)


def group_admin_items(group: Group) -> tuple[MenuItem, ...]:
    """Return the pages of a group's administration, the core's before the plugins', for who may see them.

    Fires the hook groupadminmenu: call it once a page of the administration.
    """
    return current_engine().hooks.collect("groupadminmenu", group=group)


def public_area(group: Group) -> tuple[PublicAreaItem, ...]:
    """Return what the group offers, as the viewer sees it: places and tools, with their figures.

    Fires the hook project_public_area: call it once a page.
    """
    return current_engine().hooks.collect("project_public_area", group=group)


def plugin_admin_links(group: Group) -> tuple[Link, ...]:
    """Return the links to the pages where the plugins that ``group`` uses are set up for it.

    Fires the hook project_admin_plugins: call it once a page of the administration.
    """
    return current_engine().hooks.collect("project_admin_plugins", group=group)
