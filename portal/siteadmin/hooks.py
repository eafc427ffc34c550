"""The hooks that the site admin's pages offer (seed 004, spec/hooks.md)."""

from __future__ import annotations

from portal.pluginengine.hooks import HookSpec
from portal.web.navigation import Link

HOOKS = (
    HookSpec(
        name="site_admin_option_hook",
        kind="collect",
        scope="site",
        params={"viewer": "User: the site admin who looks"},
        returns=Link,
        where="the first page of site admin, by the link's section (utilities when it names none)",
        fired_in="portal.siteadmin.views",
        doc="Adds links to a plugin's pages for site admins. Asks every enabled plugin.",
    ),
)
