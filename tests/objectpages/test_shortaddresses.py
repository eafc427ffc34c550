"""Addresses without t/ lead to the generic pages, and to nothing else (design 9)."""

import pytest

from tests.objectpages.library import BOOK, BOOKS, SHELVES, Library


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Addresses are the same on both databases."""
    return sqlite_url


@pytest.mark.parametrize(
    ("short", "address"),
    [
        ("/plugins/books/shelf/", SHELVES),
        ("/plugins/books/shelf", SHELVES),
        ("/plugins/books/shelf/new", f"{SHELVES}new"),
        (BOOKS.replace("/t/", "/"), BOOKS),
        (BOOKS.replace("/t/", "/") + "7/edit", f"{BOOKS}7/edit"),
        ("/plugins/books/book/?group_id=1&q=%C3%A9", "/plugins/books/t/book/?group_id=1&q=%C3%A9"),
    ],
)
def test_a_short_address_leads_on(library: Library, short: str, address: str) -> None:
    answer = library.get(short)
    assert (answer.status_code, answer.location) == (308, address)


def test_a_form_keeps_its_method_and_what_it_holds(library: Library) -> None:
    """308 says: send the same request there."""
    answer = library.post(BOOKS.replace("/t/", "/") + "new", BOOK)
    assert (answer.status_code, answer.location) == (308, f"{BOOKS}new")


@pytest.mark.parametrize(
    "address",
    [
        "/plugins/books/nothing/",
        "/plugins/books/g/apollo/nothing/",
        "/plugins/nothing/book/",
        "/plugins/books/g/",
    ],
)
def test_there_is_nothing_else_at_such_addresses(library: Library, address: str) -> None:
    assert library.get(address).status_code == 404


def test_a_link_of_a_group_leads_to_rows_of_the_site(library: Library) -> None:
    """Links of groups carry ?group_id= (design 9); rows of the site are the same in every group."""
    answer = library.get(f"{SHELVES}?group_id=1&q=oak")
    assert (answer.status_code, answer.location) == (302, f"{SHELVES}?q=oak")
