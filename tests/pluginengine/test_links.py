"""Plugins without any Python: links in config.yml (seed 001; design 4)."""

import pytest
from sqlalchemy import select

from portal.core.database import db
from portal.pluginengine.errors import Refused
from portal.pluginengine.manifest import judge
from portal.pluginengine.models import HandlerRow
from portal.web.navigation import Link, MenuItem
from portal.web.seedmenus import completed
from tests.factories import make_group, make_member, make_user

POLICY = {"group": "forced", "user": "forced"}
LINKS = {
    "groupmenu": {"title": "Wiki & more", "url": "https://wiki.example.org/page?id=7#top"},
    "usermenu": {"title": "My wiki", "url": "/plugins/other/"},
    "site_admin_option_hook": {"title": "Wiki set-up", "url": "/plugins/other/setup"},
    "project_admin_plugins": {"title": "Wiki of the group", "url": "/plugins/other/own"},
}


@pytest.fixture
def wiki(site, make_plugin):
    """A site on which a plugin of nothing but a config.yml runs, with a group and a person."""
    make_plugin("wiki", config={"links": LINKS, "policy": POLICY})
    site.enable("wiki")
    with site.arrange():
        site.group, site.person = make_group("apollo"), make_user("alice", is_site_admin=True)
        make_member(site.group, site.person, "Admin")
    return site


def collected(site, hook, **params):
    with site.arrange("read"), site.app.test_request_context("/"):
        return site.engine.hooks.collect(hook, **params)[-1]


def test_a_link_becomes_the_value_of_its_hook(wiki):
    group_id = wiki.group.group_id
    assert collected(wiki, "groupmenu", group=wiki.group, toptab="") == MenuItem(
        key="wiki",
        title="Wiki & more",
        url=f"https://wiki.example.org/page?id=7&group_id={group_id}#top",
    )
    assert collected(wiki, "usermenu", user=wiki.person) == MenuItem(
        key="wiki", title="My wiki", url="/plugins/other/"
    )
    assert collected(wiki, "site_admin_option_hook") == Link(
        title="Wiki set-up", url="/plugins/other/setup"
    )
    assert collected(wiki, "project_admin_plugins", group=wiki.group) == Link(
        title="Wiki of the group", url=f"/plugins/other/own?group_id={group_id}"
    )


def test_the_pages_show_the_links(wiki):
    client = wiki.client(wiki.person)
    url = f"https://wiki.example.org/page?id=7&amp;group_id={wiki.group.group_id}#top"
    assert url in client.get("/groups/apollo/").get_data(as_text=True)
    assert "My wiki" in client.get("/my/").get_data(as_text=True)
    assert "Wiki set-up" in client.get("/admin/").get_data(as_text=True)
    page = client.get("/groups/apollo/admin/plugins").get_data(as_text=True)
    assert f'href="/plugins/other/own?group_id={wiki.group.group_id}"' in page


def test_the_plugin_has_no_pages_of_its_own(wiki):
    assert wiki.client(wiki.person).get("/plugins/wiki/").status_code == 404


def test_its_switches_follow_from_the_links(wiki):
    assert wiki.engine.plugins["wiki"].switch.scopes == {"group", "user"}


@pytest.mark.parametrize("hook", LINKS)
def test_the_links_stand_in_the_handler_table_from_registration_on(site, make_plugin, hook):
    """R-18; the manifest is known without running any code."""
    make_plugin("wiki", config={"links": {hook: LINKS[hook]}})
    site.operate("register", "wiki")
    with site.arrange("read"):
        (row,) = db.session.scalars(select(HandlerRow)).all()
        assert (row.event, row.handler, row.handler_type, row.priority) == (
            hook,
            "link",
            "NORMAL",
            400,
        )
    site.operate("enable", "wiki")
    (listed,) = [each for each in site.engine.hooks.listeners(hook) if each.plugin]
    assert (listed.name, listed.priority) == ("link", 400)


def test_a_group_that_does_not_use_the_plugin_has_no_tab(site, make_plugin):
    make_plugin("wiki", config={"links": LINKS})
    site.enable("wiki")
    with site.arrange():
        make_group("apollo")
    assert "Wiki &amp; more" not in site.client().get("/groups/apollo/").get_data(as_text=True)


def test_the_name_of_seed_001_is_another_name_for_groupmenu(site, make_plugin):
    """spec/hooks.md: project-menu-features-list-hook."""
    link = {"title": "Wiki", "url": "/plugins/other/"}
    make_plugin(
        "wiki", config={"links": {"project-menu-features-list-hook": link}, "policy": POLICY}
    )
    site.enable("wiki")
    with site.arrange():
        group = make_group("apollo")
    assert collected(site, "groupmenu", group=group, toptab="").url.startswith("/plugins/other/?")


@pytest.mark.parametrize(
    ("hook", "cause"),
    [
        ("cssfile", "this hook takes no links"),
        ("groupmenuu", "Did you mean groupmenu"),
    ],
)
def test_a_link_on_another_hook_is_refused(site, make_plugin, hook, cause):
    make_plugin("wiki", config={"links": {hook: {"title": "Wiki", "url": "/x"}}})
    site.operate("register", "wiki")
    with pytest.raises(Refused, match=cause):
        site.operate("enable", "wiki")


def test_a_handler_of_event_yml_cannot_be_called_like_the_link():
    config = "{name: W, code: wiki, version: '1.0', links: {groupmenu: {title: W, url: /x}}}"
    judgement = judge(config, "groupmenu: [[link, NORMAL]]")
    assert [fault.key for fault in judgement.faults] == ["links > groupmenu"]
    assert judge(config, "usermenu: [[link, NORMAL]]").faults == ()


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("/x", "/x?group_id=7"),
        ("/x?", "/x?group_id=7"),
        ("/x?a=1&b=%20", "/x?a=1&b=%20&group_id=7"),
        ("https://example.org#part", "https://example.org?group_id=7#part"),
        ("/x?group_id=3", "/x?group_id=3"),
    ],
)
def test_what_tells_the_group_is_added_and_the_rest_kept(url, expected):
    """Seed 001: the page appends ?group_id=."""
    assert completed(url, {"group_id": "group_id"}, {"group_id": 7}) == expected
