"""The class that plugins extend: a plugin without code is an object of it, and has its handlers."""

import pytest

from portal.access.services import add_member
from portal.accounts.loading import find_user
from portal.groups.queries import find_group
from portal.pluginapi import Plugin
from portal.pluginengine.errors import PluginError
from portal.web.current import current
from tests.factories import make_group, make_user
from tests.fixtures.plugins import MakePlugin, PluginSite

LOANS, SHELVES = "/plugins/library/g/apollo/t/loan/", "/plugins/library/t/shelf/"
CONFIG = {
    "schema_version": "1",
    "scope": ["site", "group"],
    "policy": {"group": "forced"},
    "object_types": {
        "loan": {"what": "string", "group_id": "integer not null references groups"},
        "box": {"name": "string", "group_id": "integer not null references groups"},
        "shelf": {"name": "string(40)"},
        "secret": {"name": "string"},
    },
    "pages": {"shelf": {"plural": "Shelves", "view": "people"}, "box": {"only": ["new"]}},
    "links": {"groupmenu": {"title": "All loans", "url": "/plugins/library/t/loan/"}},
}
EVENTS = {
    "groupmenu": ["type_tabs"],
    "outermenu": ["type_entries"],
    "site_admin_option_hook": ["type_links"],
}


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """The database has no say in it."""
    return sqlite_url


@pytest.fixture
def library(site: PluginSite, make_plugin: MakePlugin) -> PluginSite:
    """A site with a plugin of two YAML files; alice administers apollo."""
    make_plugin("library", config=CONFIG, events=EVENTS)
    site.write_down("library")
    with site.arrange():
        make_user("root", is_site_admin=True)
        add_member(make_group("apollo", is_public=False), make_user("alice"), "Admin")
    return site


def given(site: PluginSite, hook: str, viewer: str, **params: object) -> list[tuple[str, str]]:
    """Return title and address of what the plugin gives to a hook, as somebody sees it."""
    with site.app.test_request_context("/"), site.arrange("read"):
        current.viewer = find_user(viewer) if viewer else None
        if params:
            params["group"] = find_group("apollo", find_user("root"))
        found = site.engine.hooks.collect(hook, **params)
        return [(str(each.title), each.url) for each in found if each.url.startswith("/plugins/")]


def test_a_plugin_of_two_yaml_files_is_an_object_of_the_apis_class(library: PluginSite) -> None:
    """What event.yml names is there without plugin.py, and so is the rest of the API for its templates."""
    assert type(library.engine.plugins["library"].instance) is Plugin


def test_its_types_of_groups_have_tabs_for_who_sees_the_group(library: PluginSite) -> None:
    """A type without a list has none."""
    assert ("Loans", LOANS) in given(library, "groupmenu", "alice", group=None, toptab="")
    found = given(library, "groupmenu", "", group=None, toptab="")
    assert LOANS not in [url for _title, url in found]


def test_its_types_of_the_site_have_entries_for_who_may_see_their_rows(library: PluginSite) -> None:
    secret = ("Secrets", "/plugins/library/t/secret/")
    assert given(library, "outermenu", "") == []
    assert given(library, "outermenu", "alice") == [("Shelves", SHELVES)]
    assert given(library, "outermenu", "root") == [("Shelves", SHELVES), secret]
    assert given(library, "site_admin_option_hook", "root") == [("Shelves", SHELVES), secret]


def test_a_link_of_config_yml_leads_to_them_too(library: PluginSite) -> None:
    """Seed 001: the group stands behind the "?", and the address of its own is where one arrives."""
    with library.arrange():
        alice = find_user("alice")
    client = library.client(alice)
    assert 'href="/plugins/library/t/loan/?group_id=1"' in client.get("/groups/apollo/").text
    answer = client.get("/plugins/library/t/loan/?group_id=1")
    assert (answer.status_code, answer.headers["Location"]) == (302, LOANS)


def test_authors_ask_for_addresses_also_without_a_request(library: PluginSite) -> None:
    plugin = library.engine.plugins["library"].instance
    assert isinstance(plugin, Plugin)
    with library.arrange("read"):
        assert plugin.type_url("shelf") == SHELVES
        assert plugin.type_url("shelf", "show", key=7) == f"{SHELVES}7/"
        assert plugin.type_url("shelf", "new", next="a b") == f"{SHELVES}new?next=a+b"
        with pytest.raises(PluginError, match="no type 'shelv' with pages; those of its types are"):
            plugin.type_url("shelv")
        with pytest.raises(ValueError, match="has no page 'list'; it has new"):
            plugin.type_url("box")
        with pytest.raises(ValueError, match="belong to groups: give group="):
            plugin.type_url("loan")
        with pytest.raises(ValueError, match="key= belongs to pages of one row"):
            plugin.type_url("shelf", "edit")


def test_the_group_of_an_address_is_the_one_given_or_the_pages(library: PluginSite) -> None:
    plugin = library.engine.plugins["library"].instance
    assert isinstance(plugin, Plugin)
    with library.arrange("read"):
        apollo = find_group("apollo", find_user("root"))
        assert plugin.type_url("loan", "edit", group=apollo, key=3) == f"{LOANS}3/edit"
        current.group = apollo
        assert plugin.type_url("loan") == LOANS
        assert plugin.type_url("shelf") == SHELVES
