"""The ways to the pages of types: handlers that a plugin has without any Python, and addresses for authors."""

import re

import pytest

from portal.groups.queries import find_group
from portal.pluginclass import Plugin
from portal.pluginengine.errors import PluginError
from portal.web.current import current
from tests.objectpages.library import BOOKS, SHELVES, Library


def links(page: str, address: str) -> list[str]:
    """Return the opening tags of the links to an address."""
    return re.findall(rf'<a [^>]*href="{re.escape(address)}"[^>]*>', page)


def test_a_plugin_of_two_yaml_files_is_an_object_of_the_apis_class(library: Library) -> None:
    """Its event.yml may name what every plugin has; templates find the rest of the API on it."""
    plugin = library.site.engine.plugins["books"]
    assert type(plugin.instance) is Plugin
    assert {each.declaration.handler for each in plugin.handlers} == {
        "type_tabs", "type_entries", "type_links",
    }  # fmt: skip


@pytest.mark.parametrize("viewer", ["", "carol", "bob", "root"])
def test_the_group_has_a_tab_for_its_types_where_it_uses_the_plugin(
    library: Library, viewer: str
) -> None:
    assert len(links(library.get("/groups/apollo/", viewer).text, BOOKS)) == 1
    assert "t/book/" not in library.get("/groups/mercury/", viewer).text


def test_the_tab_is_marked_on_the_types_pages(library: Library) -> None:
    library.add(title="Moon Lander")
    for page in (BOOKS, f"{BOOKS}new"):
        (tab,) = [
            each for each in links(library.get(page, "bob").text, BOOKS) if "aria-current" in each
        ]
        assert tab
    (tab,) = links(library.get("/groups/apollo/", "bob").text, BOOKS)
    assert "aria-current" not in tab


def test_the_site_menu_leads_to_the_types_of_the_site(library: Library) -> None:
    """Shelves are open to everybody; books are of groups, and have no entry there."""
    page = library.get("/").text
    assert links(page, SHELVES)
    assert "t/book/" not in page
    assert any("aria-current" in each for each in links(library.get(SHELVES).text, SHELVES))


def test_site_admins_find_the_types_of_the_site(library: Library) -> None:
    page = library.get("/admin/", "root").text
    assert "Entries of the plugin Books." in page
    assert links(page, SHELVES)


def test_authors_ask_for_addresses(library: Library) -> None:
    plugin = library.site.engine.plugins["books"].instance
    assert isinstance(plugin, Plugin)
    with library.site.app.test_request_context("/"), library.site.arrange("read"):
        current.group = None
        group = find_group("apollo", None)
        assert plugin.type_url("shelf") == SHELVES
        assert plugin.type_url("book", group=group) == BOOKS
        assert plugin.type_url("book", "edit", group=group, key=7) == f"{BOOKS}7/edit"
        assert plugin.type_url("shelf", "new", sort="name") == f"{SHELVES}new?sort=name"
        current.group = group
        assert plugin.type_url("book", "show", key=7) == f"{BOOKS}7/"


def test_an_address_that_there_is_not_is_refused_with_the_reason(library: Library) -> None:
    plugin = library.site.engine.plugins["books"].instance
    assert isinstance(plugin, Plugin)
    with library.site.app.test_request_context("/"), library.site.arrange("read"):
        current.group = None
        with pytest.raises(PluginError, match="no type 'bok' with pages; those of its types are"):
            plugin.type_url("bok")
        with pytest.raises(ValueError, match="belong to groups: give group="):
            plugin.type_url("book")
        with pytest.raises(ValueError, match="key= belongs to pages of one row"):
            plugin.type_url("shelf", "show")


def test_jobs_ask_for_addresses_without_a_request(library: Library) -> None:
    plugin = library.site.engine.plugins["books"].instance
    assert isinstance(plugin, Plugin)
    with library.site.arrange("read"):
        assert plugin.type_url("shelf") == SHELVES
