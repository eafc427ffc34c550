"""What helloworld declares in YAML alone: a type with pages of its own, and a field of people."""

import re

import pytest

from portal.accounts.loading import find_user
from portal.groups.queries import find_group
from tests.factories import make_group, make_member, make_user
from tests.fixtures.plugins import PluginSite

GROUP = "/plugins/helloworld/g/apollo/"
OCCASIONS = f"{GROUP}t/occasion/"
SETTINGS = {"real_name": "Bob", "timezone": "", "language": "", "theme": "auto", "page_size": ""}
LANDING = {
    "field_title": "The landing",
    "field_day": "1969-07-20T20:17",
    "field_kind": "release",
    "field_notes": "Bring a flag.",
}


@pytest.fixture
def hello(site: PluginSite) -> PluginSite:
    """Alice runs apollo, which uses helloworld; Bob is in it."""
    site.enable("helloworld")
    with site.arrange():
        alice, bob = make_user("alice"), make_user("bob")
        group = make_group("apollo")
        make_member(group, alice, "Admin")
        make_member(group, bob)
        assert group.set_plugin_usage("helloworld", True)
        bob.set_plugin_usage("helloworld", True)
    return site


def test_an_administrator_adds_an_occasion_that_everybody_sees(hello: PluginSite) -> None:
    with hello.arrange("read"):
        alice = hello.client(find_user("alice"))
    assert OCCASIONS in alice.get(GROUP).text
    made = alice.post(f"{OCCASIONS}new", data=LANDING)
    assert made.status_code == 303, made.text
    visitor = hello.client()
    assert "The landing" in visitor.get(OCCASIONS).text
    shown = visitor.get(made.location).text
    assert "Bring a flag." in shown
    assert "release" in shown
    with hello.arrange("read"):
        alice_id = find_user("alice").user_id
        group_id = find_group("apollo", find_user("alice")).group_id
    (row,) = hello.rows("plugin_helloworld_occasion")
    assert row[-2:] == (group_id, alice_id)


def test_occasions_stand_under_the_tab_of_the_plugin(hello: PluginSite) -> None:
    for address in (GROUP, OCCASIONS):
        (tab,) = re.findall(
            rf'<a [^>]*href="{GROUP}"[^>]*aria-current[^>]*>', hello.client().get(address).text
        )
        assert tab


def test_members_see_occasions_and_may_not_add_any(hello: PluginSite) -> None:
    with hello.arrange("read"):
        bob = hello.client(find_user("bob"))
    assert bob.get(OCCASIONS).status_code == 200
    assert bob.post(f"{OCCASIONS}new", data=LANDING).status_code == 403
    assert "The landing" not in bob.get(OCCASIONS).text


def test_a_person_says_how_to_be_greeted(hello: PluginSite) -> None:
    with hello.arrange("read"):
        bob = hello.client(find_user("bob"))
    settings = bob.get("/my/settings")
    assert "Favourite greeting" in settings.text
    saved = bob.post(
        "/my/settings",
        data={**SETTINGS, "field_favourite_greeting": "Ahoy"},
    )
    assert saved.status_code == 303, saved.text
    assert "Ahoy" in hello.client().get("/users/bob/").text
