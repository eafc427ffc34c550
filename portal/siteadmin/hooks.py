"""The hooks that site admin offers (seed 004, spec/hooks.md)."""

from __future__ import annotations

from portal.pluginengine.hooks import HookSpec
from portal.web.navigation import Link
from portal.web.seedforms import read_list_item
from portal.web.seedmenus import plain_link

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
        doc=(
            "Adds links to site admin. The sections are users, groups and utilities; a link that "
            "names another one stands in utilities. The page behind the link checks the permission "
            "itself."
        ),
    ),
    HookSpec(
        name="site_admin_project_maintenance_hook",
        kind="collect",
        scope="site",
        params={"viewer": "User: the site admin who looks"},
        returns=Link,
        seed_form=read_list_item,
        link=plain_link(),
        where="site admin's list of groups, above it",
        fired_in="portal.siteadmin.views.groups",
        doc="Adds links about groups. The page behind the link checks the permission itself.",
    ),
    HookSpec(
        name="site_admin_user_maintenance_hook",
        kind="collect",
        scope="site",
        params={"viewer": "User: the site admin who looks"},
        returns=Link,
        seed_form=read_list_item,
        link=plain_link(),
        where="site admin's list of people, above it",
        fired_in="portal.siteadmin.views.users",
        doc="Adds links about people. The page behind the link checks the permission itself.",
    ),
)
