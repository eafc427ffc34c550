"""ADMIN_ROUTE: every first part of the portal's own addresses is refused, whoever adds it."""

from dataclasses import replace

import pytest
from flask import Flask

from portal.app import create_app
from portal.config import SettingsError
from portal.web.adminroute import judge_admin_route
from tests.fixtures.plugins import PluginSite

#: Nothing in these tests depends on the database.
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@on_sqlite
def test_a_word_that_the_portal_uses_is_refused_at_the_start(site: PluginSite) -> None:
    with pytest.raises(SettingsError, match=r"ADMIN_ROUTE cannot be 'register': /register is"):
        create_app(replace(site.settings, admin_route="register"))


@on_sqlite
def test_every_first_part_of_an_address_is_refused(site: PluginSite) -> None:
    parts = {rule.rule.split("/")[1] for rule in site.app.url_map.iter_rules()} - {"", "admin"}
    assert parts >= {"groups", "my", "healthz", "readyz", "plugins", "plugin", "static", "login"}
    for part in parts:
        with pytest.raises(SettingsError, match="ADMIN_ROUTE"):
            judge_admin_route(site.app, part)


@on_sqlite
def test_site_admin_itself_is_no_obstacle(site: PluginSite) -> None:
    judge_admin_route(site.app, "admin")
    judge_admin_route(site.app, "backstage")


def test_a_package_that_comes_later_is_seen_too() -> None:
    app = Flask("later")
    app.add_url_rule("/tickets/<int:number>", "tickets.show")
    with pytest.raises(SettingsError, match=r"/tickets/<int:number> is an address"):
        judge_admin_route(app, "tickets")
