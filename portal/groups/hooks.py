"""The hooks of group pages and of a group's life (seed 004, spec/hooks.md)."""

from __future__ import annotations

from portal.pluginengine.hooks import HookSpec
from portal.pluginengine.seeds import SeedCall
from portal.web.hookparams import GROUP, VIEWER
from portal.web.navigation import Link, MenuItem, PublicAreaItem, Selected
from portal.web.seedforms import read_paragraph_link, read_public_area
from portal.web.seedmenus import (
    admin_lists,
    appended_text,
    menu_link,
    plain_link,
    public_area_link,
    tab_lists,
)
from portal.web.switchhooks import switch_hooks

BEFORE = {"before": "GroupSnapshot: the group as it was, frozen"}

_PAGES = (
    HookSpec(
        name="groupmenu",
        kind="collect",
        scope="group",
        params={**GROUP, **VIEWER, "toptab": "str: key of the tab that the page belongs to"},
        returns=(MenuItem, Selected),
        where="the tab bar of every page of a group, also a plugin's",
        fired_in="portal.groups.menu",
        page="groups.show_group",
        seed_params=("DIRS", "TITLES", "toptab", "selected", "group"),
        seed_call=tab_lists(group="group_id", group_id="group_id"),
        link=menu_link(group_id="group_id"),
        doc=(
            "Adds tabs to the group's tab bar. The core's own tabs come first; a MenuItem may name "
            "the key of the tab it stands after. The tab whose key the page declares is marked, "
            "unless a Selected names another one."
        ),
    ),
    HookSpec(
        name="project_after_description",
        kind="render",
        scope="group",
        params={**GROUP, **VIEWER},
        where="the group's summary page, below the description",
        fired_in="templates/groups/summary.html",
        page="groups.show_group",
        seed_params=(),
        seed_call=SeedCall(names={"group_id": "group_id"}),
        doc="Adds text below the description. Show nothing that the viewer may not read.",
    ),
    HookSpec(
        name="project_admin_plugins",
        kind="collect",
        scope="group",
        params={**GROUP, **VIEWER},
        returns=Link,
        where="the side of every page of the group's administration, under Plugin administration",
        fired_in="portal.groups.menu",
        page="groups.edit_information",
        seed_params=("group_id",),
        seed_form=read_paragraph_link,
        link=plain_link(group_id="group_id"),
        doc=(
            "Adds a link to the page where the group's admins set the plugin up. The page behind the "
            "link checks the permission itself."
        ),
    ),
    HookSpec(
        name="groupadminmenu",
        kind="collect",
        scope="group",
        params={**GROUP, **VIEWER},
        returns=MenuItem,
        where="the side of every page of the group's administration, below the core's own entries",
        fired_in="portal.groups.menu",
        page="groups.edit_information",
        seed_call=admin_lists(group="group_id", group_id="group_id"),
        link=menu_link(group_id="group_id"),
        doc=(
            "Adds pages to the menu of the group's administration. A MenuItem may name the key of the "
            "entry it stands after: information, members, roles, plugins, history or another "
            "plugin's. The page behind the entry checks the permission itself."
        ),
    ),
    HookSpec(
        name="project_before_widgets",
        kind="render",
        scope="group",
        params={**GROUP, **VIEWER},
        where="the group's summary page, above everything",
        fired_in="templates/groups/summary.html",
        page="groups.show_group",
        seed_call=SeedCall(names={"group_id": "group_id"}),
        doc="Adds text to the top of the summary. Show nothing that the viewer may not read.",
    ),
    HookSpec(
        name="project_public_area",
        kind="collect",
        scope="group",
        params={**GROUP, **VIEWER},
        returns=PublicAreaItem,
        where="the group's summary page, in the list Public area",
        fired_in="portal.groups.menu",
        page="groups.show_group",
        seed_call=appended_text("result", group_id="group_id"),
        seed_form=read_public_area,
        link=public_area_link(group_id="group_id"),
        doc=(
            "Adds an entry with a link, a number and a few words of figures. Count what the viewer "
            "may read, nothing else."
        ),
    ),
    *switch_hooks(
        "group",
        GROUP,
        "the group's plugin page",
        page="groups.edit_plugins",
        seed_params=("group_id",),
    ),
)


def _told(name: str, where: str, doc: str, *, page: str, **params: str) -> HookSpec:
    """A notify hook of a group's life, after the commit."""
    return HookSpec(
        name=name,
        kind="notify",
        scope="site",
        params={**GROUP, **params},
        where=f"after the commit in which {where}",
        fired_in="portal.groups.events",
        page=page,
        doc=doc,
    )


_LIFE = (
    HookSpec(
        name="group_approved",
        kind="notify",
        scope="site",
        params=GROUP,
        seed_params=("group_id",),
        where="after the commit in which a group was approved, by a person or at once",
        fired_in="portal.groups.events",
        page="approvals.list_pending",
        doc=(
            "Tells that a group exists from now on: it is active, has its roles and its first "
            "administrator. Fired once in a group's life, after group_setstatus."
        ),
    ),
    _told(
        "group_create",
        "a group was registered",
        "Tells that a group was asked for; it awaits approval, whatever follows.",
        page="groups.new_group",
    ),
    _told(
        "group_update",
        "a group's information changed",
        "Tells that what a group says of itself changed.",
        page="groups.edit_information",
        **BEFORE,
    ),
    _told(
        "group_setstatus",
        "a group went to another state",
        (
            "Tells that a group is active (A), on hold (H) or deleted (D) from now on, on whatever "
            "way; `before.status` is the old state. Of a deleted group the rows stay until its purge."
        ),
        page="siteadmin.list_groups",
        **BEFORE,
        status="str: the new one",
    ),
    HookSpec(
        name="group_updating",
        kind="check",
        scope="site",
        params={
            **GROUP,
            "values": "Mapping[str, object]: full_name, description, homepage, is_public and "
            "accepts_requests to be stored",
        },
        where="before a group's information changes",
        fired_in="portal.groups.events",
        page="groups.edit_information",
        doc="May refuse the change; Veto(text, field) shows the text at the field of the form.",
    ),
    HookSpec(
        name="group_deleting",
        kind="check",
        scope="site",
        params=GROUP,
        where="before a deleted group is purged, some days after its deletion",
        fired_in="portal.groups.events",
        page="siteadmin.list_groups",
        doc=(
            "May keep the group by a Veto: it stays deleted, the text is written down, and the next "
            "purge asks again."
        ),
    ),
    HookSpec(
        name="group_delete",
        kind="notify",
        scope="site",
        params={
            "group": "GroupSnapshot: the group as it was, frozen",
            "group_id": "int: the group's key",
        },
        where="after the commit in which a deleted group was purged",
        fired_in="portal.groups.events",
        page="siteadmin.list_groups",
        doc=(
            "Tells that a group is gone for good, with all rows that refer to it; its name may be "
            "given again. Drop what the plugin keeps elsewhere."
        ),
    ),
)

HOOKS = (*_PAGES, *_LIFE)
