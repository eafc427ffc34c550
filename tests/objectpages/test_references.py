"""Rows that refer to a group which not everybody sees: its name is told to nobody else, and stays."""

import re

import pytest

from portal.access.roles import create_role
from portal.access.services import add_member
from portal.accounts.models import User
from tests.factories import make_group, make_user
from tests.fixtures.plugins import MakePlugin, PluginSite

VISITS = "/plugins/guests/g/apollo/t/visit/"
CONFIG = {
    "schema_version": "1",
    "scope": ["group"],
    "object_types": {
        "visit": {
            "title": "string(40)",
            "host": "integer not null references groups",
            "group_id": "integer not null references groups",
        }
    },
}


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Names are found alike on both databases."""
    return sqlite_url


@pytest.fixture
def guests(site: PluginSite, make_plugin: MakePlugin) -> dict[str, User]:
    """Two editors of apollo; alice belongs to the private gemini, too."""
    make_plugin("guests", config=CONFIG)
    site.enable("guests")
    with site.arrange():
        people = {name: make_user(name) for name in ("alice", "bob")}
        apollo, gemini = make_group("apollo"), make_group("gemini", is_public=False)
        create_role(apollo, "Editor", ["group.read", "group.guests_edit"])
        apollo.set_plugin_usage("guests", True)
        for person in people.values():
            add_member(apollo, person, "Editor")
        add_member(gemini, people["alice"], "Admin")
    return people


def test_who_does_not_see_the_group_changes_the_rest_of_the_row(
    site: PluginSite, guests: dict[str, User]
) -> None:
    alice, bob = (site.client(guests[name]) for name in ("alice", "bob"))
    sent = {"field_title": "Monday", "field_host": "gemini"}
    address = alice.post(f"{VISITS}new", data=sent).headers["Location"]
    form = bob.get(f"{address}edit").text
    assert "gemini" not in form
    (digest,) = re.findall(r'name="digest"[^>]*value="([0-9a-f]+)"', form)
    sent = {"field_title": "Tuesday", "field_host": "", "digest": digest}
    assert bob.post(f"{address}edit", data=sent).status_code == 303
    page = alice.get(address).text
    assert "Tuesday" in page
    assert 'href="/groups/gemini/"' in page
