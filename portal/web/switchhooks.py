"""The hooks of a page on which somebody switches plugins: the same for groups and for people.

``pluginengine.toggles`` and ``pluginengine.usage`` fire them by these names (seed 004, forge 1.2, 7 and 8).
"""

from __future__ import annotations

from collections.abc import Mapping

from portal.pluginengine.hooks import HookScope, HookSpec
from portal.web.hookparams import PLUGIN, VIEWER
from portal.web.seedforms import read_field_row


def switch_hooks(
    scope: HookScope,
    owner: Mapping[str, str],
    where: str,
    *,
    page: str,
    seed_params: tuple[str, ...] | None = None,
) -> tuple[HookSpec, ...]:
    """Return the hooks of an owner's switches.

    ``owner`` are the parameters that name the owner, ``where`` tells where the switches stand, ``page``
    is that page's endpoint, and ``seed_params`` what the seed hands to a GForge plugin.
    """
    choosing = {**owner, **PLUGIN}
    return (
        HookSpec(
            name=f"{scope}isactivecheckbox",
            kind="render",
            scope=scope,
            params={**choosing, "enabled": f"bool: whether the {scope} uses the plugin", **VIEWER},
            seed_form=read_field_row,
            where=f"{where}, beside the plugin's own switch",
            fired_in="portal.pluginengine.toggles",
            page=page,
            seed_params=seed_params,
            doc=(
                f"Adds fields beside the switch that the core draws; asked also while the {scope} "
                "does not use the plugin. Name each field <handle>_<field>."
            ),
        ),
        HookSpec(
            name=f"{scope}isactivecheckboxpost",
            kind="check",
            scope=scope,
            params={
                **choosing,
                "enabled": f"bool: whether the {scope} will use the plugin",
                "was_enabled": f"bool: whether the {scope} did before",
                "form": "MultiDict[str, str]: the posted fields named <handle>_<field>",
            },
            where=f"{where} is sent; only for a plugin whose switch or fields changed",
            fired_in="portal.pluginengine.toggles",
            page=page,
            seed_params=seed_params,
            doc=(
                "Stores the plugin's own fields, in the transaction of the change. "
                "Veto(text, field) undoes the whole submit and shows the text at the plugin."
            ),
        ),
        HookSpec(
            name=f"{scope}_plugin_changing",
            kind="check",
            scope=scope,
            params={**choosing, "enable": "bool: on or off"},
            where=f"before a {scope}'s choice for a plugin is stored",
            fired_in="portal.pluginengine.usage",
            page=page,
            doc=f"May refuse, by a Veto, that a {scope} begins or ceases to use a plugin.",
        ),
        HookSpec(
            name=f"{scope}_plugin_use",
            kind="notify",
            scope=scope,
            params={**choosing, "enabled": "bool: on or off"},
            where=f"after the commit that changed a {scope}'s choice for a plugin",
            fired_in="portal.pluginengine.usage",
            page=page,
            doc=f"Tells that a {scope} began or ceased to use a plugin.",
        ),
    )
