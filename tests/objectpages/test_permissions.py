"""Who may do what with rows of a declared type (engineering 2 (aa)): of groups and of the site."""

from dataclasses import replace
from typing import Any

import pytest

from portal.access.sitegrants import grant_system
from portal.pluginengine.objecttypes.pagetypes import page_types
from tests.objectpages.library import BOOKS, SHELVES, Library

#: anonymous; logged in and no member; Reader; Editor; the group's Admin; site admin.
VIEWERS = ("", "dave", "carol", "bob", "alice", "root")
PAGES = ("list", "show", "new", "edit", "delete")


@pytest.fixture(scope="module")
def rows(library: Library) -> dict[str, str]:
    """A book of the public group, one of the private group, a shelf of the site, by the name of the place."""
    return {
        "apollo": library.add(BOOKS, title="Moon Machines"),
        "gemini": library.add(
            "/plugins/books/g/gemini/t/book/", title="On the Shoulders of Titans"
        ),
        "site": library.add(SHELVES, "root", name="Oak"),
    }


def address(rows: dict[str, str], place: str, page: str) -> str:
    """Return the address of a page of the row at a place, or of its list."""
    row = rows[place]
    types = row.rstrip("/").rpartition("/")[0] + "/"
    return {"list": types, "new": f"{types}new", "show": row}.get(page, f"{row}{page}")


def answered(library: Library, method: str, where: str, viewer: str) -> str:
    """Return the status, or "login" for being sent there."""
    answer = library.get(where, viewer) if method == "GET" else library.post(where, {}, viewer)
    is_login = answer.headers.get("Location", "").startswith("/login")
    return "login" if is_login else str(answer.status_code)


#: Place, then what each viewer gets for GETs of list and show, and for those of new, edit and delete.
GETS = {
    "apollo": (("200",) * 6, ("login", "403", "403", "200", "200", "200")),
    "gemini": (
        ("404", "404", "200", "200", "200", "200"),
        ("404", "404", "403", "200", "200", "200"),
    ),
    "site": (("200",) * 6, ("login", "403", "403", "403", "403", "200")),
}


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("place", GETS)
def test_each_page_opens_for_those_who_may(
    library: Library, rows: dict[str, str], place: str, page: str
) -> None:
    expected = GETS[place][page in ("new", "edit", "delete")]
    where = address(rows, place, page)
    assert tuple(answered(library, "GET", where, viewer) for viewer in VIEWERS) == expected


@pytest.mark.parametrize("page", ["new", "edit"])
@pytest.mark.parametrize("place", GETS)
def test_each_form_is_taken_from_those_who_may(
    library: Library, rows: dict[str, str], place: str, page: str
) -> None:
    refused = {"login": "401", "200": "409" if page == "edit" else "422"}
    expected = tuple(refused.get(each, each) for each in GETS[place][1])
    where = address(rows, place, page)
    assert tuple(answered(library, "POST", where, viewer) for viewer in VIEWERS) == expected


def test_deleting_is_refused_to_everybody_else(library: Library, rows: dict[str, str]) -> None:
    where = address(rows, "apollo", "delete")
    refused = tuple(answered(library, "POST", where, viewer) for viewer in ("", "dave", "carol"))
    assert refused == ("401", "403", "403")
    assert library.get(rows["apollo"]).status_code == 200


def test_buttons_show_to_those_who_may_press_them(library: Library, rows: dict[str, str]) -> None:
    for viewer, is_shown in (("carol", False), ("bob", True)):
        assert ("New book" in library.get(BOOKS, viewer).text) is is_shown
        assert (f'{rows["apollo"]}edit"' in library.get(rows["apollo"], viewer).text) is is_shown


def test_a_permission_of_the_site_is_enough_for_its_rows(library: Library) -> None:
    dave = library.person("dave")
    assert library.get(f"{SHELVES}new", "dave").status_code == 403
    with library.site.arrange():
        grant_system(dave, "system.books_edit")
    assert library.get(f"{SHELVES}new", "dave").status_code == 200


@pytest.mark.parametrize(
    ("view", "expected"),
    [
        ("everybody", ("200", "200", "200")),
        ("people", ("login", "200", "200")),
        ("permission", ("login", "403", "200")),
    ],
)
def test_rows_of_the_site_show_to_those_whom_config_yml_names(
    library: Library,
    rows: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    view: str,
    expected: Any,
) -> None:
    types: Any = page_types(library.site.app)["books"]
    monkeypatch.setitem(types, "shelf", replace(types["shelf"], view=view))
    for page in ("list", "show"):
        where = address(rows, "site", page)
        found = tuple(answered(library, "GET", where, viewer) for viewer in ("", "carol", "root"))
        assert found == expected
