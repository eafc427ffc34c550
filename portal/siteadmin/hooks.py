"""The hooks that site admin offers (seed 004, spec/hooks.md)."""

from __future__ import annotations

from portal.pluginengine.hooks import HookSpec
from portal.web.navigation import Link
from portal.web.seedforms import read_list_item
from portal.web.seedmenus import plain_link


def _maintenance(noun: str, listed: str, fired_in: str, page: str) -> HookSpec:
    """A hook that adds links to one of site admin's two large lists."""
    return HookSpec(
        name=f"site_admin_{noun}_maintenance_hook",
        kind="collect",
        scope="site",
        params={"viewer": "User: the site admin who looks"},
        returns=Link,
        seed_form=read_list_item,
        link=plain_link(),
        where=f"site admin's list of {listed}, above it",
        fired_in=fired_in,
        page=page,
        doc=f"Adds links about {listed}. The page behind the link checks the permission itself.",
    )


HOOKS = (
    HookSpec(
        name="site_admin_option_hook",
        kind="collect",
        scope="site",
        params={"viewer": "User: the site admin who looks"},
        returns=Link,
        seed_params=(),
        seed_form=read_list_item,
        link=plain_link(),
        where="the first page of site admin, in the section that the link names",
        fired_in="portal.siteadmin.views.overview",
        page="siteadmin.index",
        doc=(
            "Adds links to site admin. The sections are users, groups and utilities; a link that "
            "names another one stands in utilities. The page behind the link checks the permission "
            "itself."
        ),
    ),
    _maintenance(
        "project", "groups", "portal.siteadmin.views.groups", page="siteadmin.list_groups"
    ),
    _maintenance("user", "people", "portal.siteadmin.views.users", page="siteadmin.list_users"),
)
