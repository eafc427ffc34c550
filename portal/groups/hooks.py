"""The hooks that group pages offer (seed 004, spec/hooks.md)."""

from __future__ import annotations

from portal.pluginengine.hooks import HookSpec
from portal.pluginengine.seeds import SeedCall
from portal.web.navigation import Link, MenuItem, Selected
from portal.web.seedforms import read_field_row, read_paragraph_link
from portal.web.seedmenus import menu_link, plain_link, tab_lists

GROUP = {"group": "Group", "group_id": "int: the group's key"}
VIEWER = {"viewer": "User or None: who looks"}
PLUGIN = {"plugin": "str: handle of the plugin"}

HOOKS = (
    HookSpec(
        name="groupmenu",
        kind="collect",
        scope="group",
        params={**GROUP, **VIEWER, "toptab": "str: key of the tab that the page belongs to"},
        returns=(MenuItem, Selected),
        where="the tab bar of every page of a group, also a plugin's",
        fired_in="portal.groups.menu",
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
        seed_params=("group_id",),
        seed_form=read_paragraph_link,
        link=plain_link(group_id="group_id"),
        doc=(
            "Adds a link to the page where the group's admins set the plugin up. The page behind the "
            "link checks the permission itself."
        ),
    ),
    HookSpec(
        name="groupisactivecheckbox",
        kind="render",
        scope="group",
        params={
            **GROUP,
            **PLUGIN,
            "enabled": "bool: whether the group uses the plugin",
            **VIEWER,
        },
        seed_form=read_field_row,
        where="the group's plugin page, beside the plugin's own switch",
        fired_in="portal.pluginengine.toggles",
        seed_params=("group_id",),
        doc=(
            "Adds fields beside the switch that the core draws; asked also while the group does not "
            "use the plugin. Name each field <handle>_<field>."
        ),
    ),
    HookSpec(
        name="groupisactivecheckboxpost",
        kind="check",
        scope="group",
        params={
            **GROUP,
            **PLUGIN,
            "enabled": "bool: whether the group will use the plugin",
            "was_enabled": "bool: whether it did before",
            "form": "MultiDict[str, str]: the posted fields named <handle>_<field>",
        },
        where="the group's plugin page is sent; only for a plugin whose switch or fields changed",
        fired_in="portal.pluginengine.toggles",
        seed_params=("group_id",),
        doc=(
            "Stores the plugin's own fields, in the transaction of the change. Veto(text, field) "
            "undoes the whole submit and shows the text at the plugin."
        ),
    ),
    HookSpec(
        name="group_plugin_changing",
        kind="check",
        scope="group",
        params={**GROUP, **PLUGIN, "enable": "bool: on or off"},
        where="before a group's choice for a plugin is stored",
        fired_in="portal.pluginengine.usage",
        doc="May refuse, by a Veto, that a group begins or ceases to use a plugin.",
    ),
    HookSpec(
        name="group_plugin_use",
        kind="notify",
        scope="group",
        params={**GROUP, **PLUGIN, "enabled": "bool: on or off"},
        where="after the commit that changed a group's choice for a plugin",
        fired_in="portal.pluginengine.usage",
        doc="Tells that a group began or ceased to use a plugin.",
    ),
)
