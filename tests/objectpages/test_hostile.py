"""Hostile addresses and forms: nothing but 400, 404, 413 and 422 comes of them, and nothing is changed."""

import pytest
from sqlalchemy import update

from portal.accounts.models import User
from portal.core.database import db
from tests.objectpages.library import BOOK, BOOKS, Library

GEMINI = "/plugins/books/g/gemini/t/book/"


@pytest.fixture(scope="module")
def secret(library: Library) -> str:
    """The key of a book of the private group."""
    address = library.add(GEMINI, title="Titan II")
    return address.rstrip("/").rpartition("/")[2]


@pytest.mark.parametrize("page", ["", "edit", "delete"])
@pytest.mark.parametrize("viewer", ["dave", "bob", "root"])
def test_a_row_of_another_group_is_not_there(
    library: Library, secret: str, viewer: str, page: str
) -> None:
    status = 403 if viewer == "dave" and page else 404
    assert library.get(f"{BOOKS}{secret}/{page}", viewer).status_code == status


def test_a_row_of_another_group_is_neither_changed_nor_deleted(
    library: Library, secret: str
) -> None:
    digest = library.digest(f"{GEMINI}{secret}/")
    sent = {**BOOK, "digest": digest, "group_id": "1", "field_group_id": "1"}
    assert library.post(f"{BOOKS}{secret}/edit", sent).status_code == 404
    assert library.post(f"{BOOKS}{secret}/delete", {}).status_code == 404
    assert "Titan II" in library.get(f"{GEMINI}{secret}/", "bob").text


@pytest.mark.parametrize("key", [2**31, 2**63, 2**64, 10**40, 0])
@pytest.mark.parametrize("page", ["", "edit", "delete"])
def test_keys_that_no_row_can_have_are_not_there(
    each_library: Library, key: int, page: str
) -> None:
    assert each_library.get(f"{BOOKS}{key}/{page}", "bob").status_code == 404
    if page:
        assert each_library.post(f"{BOOKS}{key}/{page}", {}).status_code == 404


@pytest.mark.parametrize(
    "address",
    [
        "/plugins/books/t/book/",
        "/plugins/books/g/apollo/t/shelf/",
        "/plugins/books/g/apollo/t/nothing/",
        "/plugins/books/g/mercury/t/book/",
        "/plugins/books/g/no-such-group/t/book/",
        "/plugins/nothing/g/apollo/t/book/",
        "/plugins/books/u/alice/t/book/",
        f"{BOOKS}-1/",
        f"{BOOKS}x/",
        f"{BOOKS}%00/",
    ],
)
def test_addresses_that_lead_nowhere_are_not_there(library: Library, address: str) -> None:
    assert library.get(address, "root").status_code == 404


def test_the_seeds_way_of_naming_a_group_leads_to_its_own_address(library: Library) -> None:
    answer = library.get("/plugins/books/t/book/?group_id=1&sort=pages&q=a+b", "bob")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{BOOKS}?sort=pages&q=a+b")
    hidden = library.get("/plugins/books/t/book/?group_id=2", "dave")
    assert hidden.status_code == 404
    assert library.post("/plugins/books/t/book/new?group_id=1", BOOK).status_code == 404


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"field_title": "a\0b"}, 400),
        ({"field_notes": "x" * 3_000_000}, 413),
        ({"field_title": "x" * 1_000_000}, 422),
        ({"field_pages": "1" * 5000}, 422),
        ({"field_pages": "-" + "9" * 25}, 422),
        ({"field_pages": "nan"}, 422),
        ({"field_pages": "1e400"}, 422),
        ({"field_due_at": "0001-01-01T00:00"}, 303),
        ({"field_due_at": "99999-01-01T00:00"}, 422),
        ({"field_lent_to": "' OR 1=1 --"}, 422),
        ({"field_title": "<script>alert(1)</script>"}, 303),
    ],
)
def test_forms_full_of_rubbish_are_refused_or_harmless(
    library: Library, fields: dict[str, str], status: int
) -> None:
    answer = library.post(f"{BOOKS}new", {**BOOK, **fields})
    assert answer.status_code == status
    if status == 303:
        page = library.get(answer.headers["Location"])
        assert page.status_code == 200
        assert "<script>alert" not in page.text


def test_what_stands_at_the_end_of_the_calendar_shows_in_every_zone(library: Library) -> None:
    address = library.add(title="Forever", due_at="9999-12-31T23:59")
    with library.site.arrange():
        db.session.execute(
            update(User).where(User.user_name == "carol").values(timezone="Asia/Tokyo")
        )
    for page in (BOOKS, f"{BOOKS}?sort=due_at&dir=desc", address):
        answer = library.get(page, "carol")
        assert answer.status_code == 200
        assert "Forever" in answer.text


def test_queries_full_of_rubbish_show_the_list_with_a_notice(library: Library) -> None:
    query = "sort=notes&f.title.like=x&f.pages.ge=x&after=xyz&f.group_id.eq=2&f.nothing.eq=1"
    page = library.get(f"{BOOKS}?{query}", "bob")
    assert page.status_code == 200
    assert "note-warning" in page.text


def test_without_a_token_no_form_is_taken(library: Library) -> None:
    app = library.site.app
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        assert library.post(f"{BOOKS}new", BOOK).status_code == 400
    finally:
        app.config["WTF_CSRF_ENABLED"] = False
