"""What helloworld adds to the pages of the portal, and that it takes it away again."""

import pytest

from portal.accounts.loading import find_user
from portal.groups.queries import find_group
from tests.factories import make_group, make_member, make_user
from tests.fixtures.plugins import PluginSite

TAB = 'href="/plugins/helloworld/g/apollo/"'
USER_TAB = 'href="/plugins/helloworld/u/alice/"'
STYLE_SHEET = "/plugins/helloworld/static/hello.css?v="
SITE_LINK = 'href="/plugins/helloworld/admin/"'
SUMMARY, PROFILE, MY_PAGE = "/groups/apollo/", "/users/alice/", "/my/"


@pytest.fixture
def hello(site: PluginSite) -> PluginSite:
    """Alice and her group apollo use helloworld."""
    site.enable("helloworld")
    with site.arrange():
        alice = make_user("alice", is_site_admin=True)
        group = make_group("apollo")
        make_member(group, alice, "Admin")
        for owner in (alice, group):
            assert owner.set_plugin_usage("helloworld", True)
    return site


def page(hello: PluginSite, address: str, name: str = "alice") -> str:
    """Return a page as the person of that name sees it."""
    with hello.arrange("read"):
        client = hello.client(find_user(name))
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.text


@pytest.mark.parametrize(
    ("address", "contribution"),
    [
        (SUMMARY, TAB),
        (SUMMARY, STYLE_SHEET),
        (PROFILE, USER_TAB),
        (MY_PAGE, USER_TAB),
        ("/admin/", SITE_LINK),
        ("/plugins/helloworld/g/apollo/", TAB),
        ("/plugins/helloworld/u/alice/", USER_TAB),
    ],
)
def test_each_place_has_its_contribution(hello, address, contribution):
    assert contribution in page(hello, address)


def test_the_plugins_own_tab_is_the_marked_one(hello):
    for address in ("/plugins/helloworld/g/apollo/", "/plugins/helloworld/u/alice/"):
        assert f'href="{address}" aria-current="page"' in page(hello, address)


def test_summary_shows_the_newest_greeting(hello):
    assert "helloworld-latest" not in page(hello, SUMMARY)
    with hello.arrange("read"):
        client = hello.client(find_user("alice"))
    for text in ("First words", "Last words"):
        client.post("/plugins/helloworld/g/apollo/", data={"text": text})
    summary = page(hello, SUMMARY)
    assert "Last words" in summary
    assert "First words" not in summary


def test_style_sheet_is_served_for_a_year(hello):
    address = page(hello, SUMMARY).partition(STYLE_SHEET)[2].partition('"')[0]
    with hello.client().get(STYLE_SHEET + address) as answer:
        assert answer.status_code == 200
        assert answer.cache_control.max_age == 365 * 24 * 3600


def test_group_that_does_not_use_it_sees_nothing_of_it(hello):
    with hello.arrange():
        find_group("apollo", None).set_plugin_usage("helloworld", False)
    assert "helloworld" not in page(hello, SUMMARY)


def test_person_who_does_not_use_it_sees_nothing_of_it(hello):
    with hello.arrange():
        find_user("alice").set_plugin_usage("helloworld", False)
    assert "helloworld" not in page(hello, PROFILE)
    assert "helloworld" not in page(hello, MY_PAGE)


def test_disabled_on_the_site_it_is_gone_everywhere_and_back_with_all_choices(hello):
    hello.operate("disable", "helloworld")
    for address in (SUMMARY, PROFILE, MY_PAGE, "/admin/"):
        assert "/plugins/helloworld/" not in page(hello, address)
    assert hello.client().get("/plugins/helloworld/g/apollo/").status_code == 404
    hello.operate("enable", "helloworld")
    assert TAB in page(hello, SUMMARY)
    assert USER_TAB in page(hello, MY_PAGE)
