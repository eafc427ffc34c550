"""The hooks that the pages of a person offer (seed 004, spec/hooks.md)."""

from __future__ import annotations

from portal.pluginengine.hooks import HookSpec
from portal.web.navigation import Link, MenuItem
from portal.web.seedmenus import menu_link

USER = {"user": "User", "user_id": "int: the user's key"}
VIEWER = {"viewer": "User or None: who looks"}
PLUGIN = {"plugin": "str: handle of the plugin"}

HOOKS = (
    HookSpec(
        name="usermenu",
        kind="collect",
        scope="user",
        params={**USER, **VIEWER},
        returns=MenuItem,
        seed_params=(),
        link=menu_link(),
        where="the tab bar of a signed-in person's own pages",
        fired_in="portal.accounts.menu",
        doc=(
            "Adds tabs to the person's own pages. Asks the plugins that this person uses; never "
            "fired for anonymous visitors."
        ),
    ),
    HookSpec(
        name="user_personal_links",
        kind="collect",
        scope="user",
        params={**USER, **VIEWER},
        returns=Link,
        where="the profile of a user, among the links",
        fired_in="portal.home.views",
        doc=(
            "Adds links to a profile. Asks the plugins that the profile's owner uses; `user` is "
            "the owner, `viewer` may be anybody. Show nothing that the viewer may not read."
        ),
    ),
    HookSpec(
        name="userisactivecheckbox",
        kind="render",
        scope="user",
        params={
            **USER,
            **PLUGIN,
            "enabled": "bool: whether the user uses the plugin",
            **VIEWER,
        },
        where="My settings, beside the plugin's own switch",
        fired_in="portal.pluginengine.toggles",
        doc=(
            "Adds fields beside the switch that the core draws; asked also while the user does not "
            "use the plugin. Name each field <handle>_<field>."
        ),
    ),
    HookSpec(
        name="userisactivecheckboxpost",
        kind="check",
        scope="user",
        params={
            **USER,
            **PLUGIN,
            "enabled": "bool: whether the user will use the plugin",
            "was_enabled": "bool: whether the user did before",
            "form": "MultiDict[str, str]: the posted fields named <handle>_<field>",
        },
        where="My settings is sent; only for a plugin whose switch or fields changed",
        fired_in="portal.pluginengine.toggles",
        doc=(
            "Stores the plugin's own fields, in the transaction of the change. Veto(text, field) "
            "undoes the whole submit and shows the text at the plugin."
        ),
    ),
    HookSpec(
        name="user_plugin_changing",
        kind="check",
        scope="user",
        params={**USER, **PLUGIN, "enable": "bool: on or off"},
        where="before a user's choice for a plugin is stored",
        fired_in="portal.pluginengine.usage",
        doc="May refuse, by a Veto, that a user begins or ceases to use a plugin.",
    ),
    HookSpec(
        name="user_plugin_use",
        kind="notify",
        scope="user",
        params={**USER, **PLUGIN, "enabled": "bool: on or off"},
        where="after the commit that changed a user's choice for a plugin",
        fired_in="portal.pluginengine.usage",
        doc="Tells that a user began or ceased to use a plugin.",
    ),
)
