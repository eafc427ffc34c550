"""The hooks that every page offers (seed 004, spec/hooks.md)."""

from __future__ import annotations

from portal.pluginengine.hooks import HookSpec
from portal.web.assets import Asset

HOOKS = (
    HookSpec(
        name="cssfile",
        kind="collect",
        scope="page",
        params={"viewer": "User or None: who looks"},
        returns=Asset,
        where="the head of every page, after the core's style sheets",
        fired_in="portal.web.templating",
        doc=(
            "Adds style sheets to the page. A page of a group asks the plugins that the group "
            "uses, a page of a user those of the user, any other page those of the site. The same "
            "address is loaded once."
        ),
    ),
)
