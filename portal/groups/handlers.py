"""What groups hang on hooks: the core's own tabs of a group's page, their entry in the site menu."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from flask import url_for
from flask_babel import gettext as _

from portal.access.decisions import can
from portal.accounts.models import User
from portal.groups.menu import ADMIN, SUMMARY
from portal.groups.models import Group
from portal.groups.permissions import GROUP_ADMINISTER
from portal.web.navigation import MenuItem

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


def site_menu_entry() -> MenuItem:
    """Give the site menu the way to the list of groups."""
    return MenuItem(key=GROUPS, title=_("Groups"), url=url_for("groups.list_groups"))


HANDLERS: tuple[tuple[str, Callable[..., object]], ...] = (
    ("groupmenu", core_tabs),
    ("outermenu", site_menu_entry),
)
