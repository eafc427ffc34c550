"""Permissions that come with pages of declared types: who sees rows, who changes them (engineering 2 (aa))."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from portal.access.decisions import can
from portal.access.roles import create_role
from portal.access.services import add_member
from portal.access.sitegrants import grant_system
from portal.accounts.loading import find_user
from portal.accounts.models import User
from portal.config import Settings
from portal.groups.models import Group
from portal.groups.queries import find_group
from tests.factories import make_group, make_user
from tests.fixtures.plugins import PluginSite, write_plugin

LOAN = {"what": "string", "group_id": "integer not null references groups"}
CONFIG = {
    "schema_version": "1",
    "object_types": {"loan": LOAN, "shelf": {"name": "string"}},
    "scope": ["site", "group"],
}
VIEW, EDIT = "group.books_view", "group.books_edit"


@pytest.fixture(scope="module")
def plugins(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three plugins: books as it is, wiki that says itself who sees its rows, rest with a type of the site."""
    folder: Path = tmp_path_factory.mktemp("plugins")
    write_plugin(folder, "books", config=CONFIG)
    said = {VIEW.replace("books", "wiki"): {"label": "Read the wiki"}}
    write_plugin(
        folder, "wiki", config={**CONFIG, "object_types": {"page": LOAN}, "permissions": said}
    )
    return folder


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """The database has no say in it."""
    return sqlite_url


@pytest.fixture
def library(settings: Settings, plugins: Path) -> Iterator[PluginSite]:
    """Gemini (public) and vault (private) use the plugins, apollo does not; bob is a guest of all three."""
    site = PluginSite(replace(settings, plugin_path=(plugins,)))
    site.write_down("books", "wiki")
    with site.arrange():
        make_user("root", is_site_admin=True)
        bob, eve = make_user("bob"), make_user("eve")
        alice = make_user("alice")
        for name in ("gemini", "vault", "apollo"):
            group = make_group(name, is_public=name != "vault")
            add_member(group, alice, "Admin")
            create_role(group, "Guest", ["group.see_members"])
            add_member(group, bob, "Guest")
            if name != "apollo":
                group.set_plugin_usage("books", True)
                group.set_plugin_usage("wiki", True)
        grant_system(eve, "system.books_edit")
    yield site
    site.close()


def person(name: str) -> User:
    """Return an account that is there."""
    found = find_user(name)
    assert found is not None
    return found


def group_called(name: str) -> Group:
    """Return a group, as the site admin sees it."""
    return find_group(name, person("root"))


def test_who_sees_a_group_sees_its_rows_where_the_plugin_is_used(library: PluginSite) -> None:
    """Visitors of public groups and members; where the group does not use the plugin, nobody."""
    with library.arrange("read"):
        gemini, vault, apollo = map(group_called, ("gemini", "vault", "apollo"))
        bob, eve = person("bob"), person("eve")
        assert [can(each, VIEW, gemini) for each in (None, eve, bob)] == [True] * 3
        assert [can(each, VIEW, vault) for each in (None, eve, bob)] == [False, False, True]
        assert not any(can(each, VIEW, apollo) for each in (None, eve, bob, person("root")))


def test_who_may_change_rows_is_said_in_roles(library: PluginSite) -> None:
    with library.arrange():
        gemini = group_called("gemini")
        assert [can(person(each), EDIT, gemini) for each in ("bob", "alice", "root")] == [
            False, True, True,
        ]  # fmt: skip
        create_role(gemini, "Librarian", [EDIT])
        add_member(gemini, person("eve"), "Librarian")
        assert can(person("eve"), EDIT, gemini)


def test_rows_of_the_site_are_seen_by_those_who_hold_the_permission(library: PluginSite) -> None:
    """Who may edit may view."""
    with library.arrange("read"):
        seen = [can(each, "system.books_view") for each in (None, person("bob"), person("eve"))]
        assert seen == [False, False, True]
        assert can(person("eve"), "system.books_edit")


def test_a_plugin_that_declares_the_permission_itself_says_who_holds_it(
    library: PluginSite,
) -> None:
    """Seeing the group brings nothing along then; the permission to edit comes by itself all the same."""
    with library.arrange("read"):
        vault = group_called("vault")
        assert not can(person("bob"), "group.wiki_view", vault)
        assert not can(None, "group.wiki_view", group_called("gemini"))
        assert can(person("alice"), "group.wiki_edit", vault)


def test_the_role_editor_offers_them(library: PluginSite) -> None:
    """With labels that name the plugin; what visitors have by seeing the group is ticked and locked."""
    with library.arrange():
        alice, root = person("alice"), person("root")
    page = library.client(alice).get("/groups/gemini/admin/roles/new").text
    assert "See entries of Books" in page
    assert "Make, change and delete entries of Books" in page
    assert 'value="group.books_edit"' in page
    assert page.count("whoever sees the group has it") == 1
    assert page.count("Read the wiki") == 1
    assert "See entries of Wiki" not in page
    page = library.client(root).get("/admin/roles/new").text
    assert 'value="system.books_view"' in page
    assert "system.wiki_view" not in page
