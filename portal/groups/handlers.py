"""What groups hang on hooks: the core's own tabs, pages of administration and places of a group."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

from flask import url_for
from flask_babel import gettext as _

from portal.access.decisions import can
from portal.access.joinrequests import pending_count
from portal.accounts.models import User
from portal.groups.menu import ADMIN, SUMMARY
from portal.groups.models import Group
from portal.groups.permissions import GROUP_ADMINISTER, GROUP_SEE_MEMBERS
from portal.web.navigation import MenuItem, PublicAreaItem

#: Key of the site menu's entry that leads to the list of groups.
GROUPS = "groups"


def core_tabs(group: Group, viewer: User | None) -> list[MenuItem]:
    """Give the tabs Summary and, to those who administer the group, Admin."""
    return list(_tabs(group, viewer))


def _tabs(group: Group, viewer: User | None) -> Iterator[MenuItem]:
    yield MenuItem(
        key=SUMMARY,
        title=_("Summary"),
        url=url_for("groups.show_group", name=group.name),
        icon="house",
    )
    if can(viewer, GROUP_ADMINISTER, group):
        yield MenuItem(
            key=ADMIN,
            title=_("Admin"),
            url=url_for("groups.edit_information", name=group.name),
            icon="sliders",
        )


def admin_pages(group: Group) -> list[MenuItem]:
    """Give the pages of the group's administration; beside the members, how many ask to be some."""
    asking = pending_count(group.group_id) or None
    return [
        _admin_page("information", _("Information"), "edit_information", group, "info-circle"),
        _admin_page("members", _("Members"), "edit_members", group, "people", asking),
        _admin_page("roles", _("Roles"), "list_roles", group, "person-gear"),
        _admin_page("plugins", _("Plugins"), "edit_plugins", group, "puzzle"),
        _admin_page("history", _("History"), "show_history", group, "clock-history"),
    ]


def _admin_page(
    key: str, title: str, view: str, group: Group, icon: str, count: int | None = None
) -> MenuItem:
    url = url_for(f"groups.{view}", name=group.name)
    return MenuItem(key=key, title=title, url=url, icon=icon, count=count)


def core_places(group: Group, viewer: User | None) -> Iterator[PublicAreaItem]:
    """Give the group's home page and, to those who may see them, its members."""
    if group.homepage:
        yield PublicAreaItem(
            title=_("Home page"),
            url=group.homepage,
            icon="link-45deg",
            summary=urlsplit(group.homepage).hostname or "",
        )
    if can(viewer, GROUP_SEE_MEMBERS, group):
        url = url_for("groups.list_members", name=group.name)
        yield PublicAreaItem(title=_("Members"), url=url, icon="people", count=group.member_count)


def site_menu_entry() -> MenuItem:
    """Give the site menu the way to the list of groups."""
    return MenuItem(key=GROUPS, title=_("Groups"), url=url_for("groups.list_groups"))


HANDLERS: tuple[tuple[str, Callable[..., object]], ...] = (
    ("groupmenu", core_tabs),
    ("groupadminmenu", admin_pages),
    ("project_public_area", core_places),
    ("outermenu", site_menu_entry),
)
