"""The ways to the pages of types: what a plugin of two YAML files hangs on hooks, as people see it."""

import re

import pytest

from tests.objectpages.library import BOOKS, SHELVES, Library


def links(page: str, address: str) -> list[str]:
    """Return the opening tags of the links to an address."""
    return re.findall(rf'<a [^>]*href="{re.escape(address)}"[^>]*>', page)


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
