"""Lists of declared types on both databases: order, filters, words, pages, CSV (M-21 to M-23, 3.3.3)."""

import csv
import io
import re
from datetime import UTC, datetime

import pytest
from sqlalchemy import insert

from portal.core.database import db
from portal.groups.queries import named_group
from tests.fixtures.apps import CountSelects
from tests.objectpages.library import BOOKS, SHELVES, SKYLAB, VOSTOK, Library, titles_in

#: Titles whose order tells code points from a language's alphabet.
TITLES = ("apple", "Zebra", "Apple", "zebra", "Äpfel", "_under")


def fill(library: Library, *books: dict[str, object], group: str = "apollo") -> None:
    """Write books straight into the table, as many as a test likes."""
    with library.site.arrange():
        found = named_group(group)
        assert found is not None
        table = library.site.engine.plugins["books"].types.own["book"].table
        now = datetime(2026, 1, 1, tzinfo=UTC)
        for each in books:
            row = {"group_id": found.group_id, "changed_at": now, **each}
            db.session.execute(insert(table).values(row))


@pytest.fixture(scope="module")
def shelf(each_library: Library) -> Library:
    """Six books of apollo, with and without values, and one of gemini."""
    bob = each_library.person("bob")
    fill(
        each_library,
        *(
            {"title": title, "pages": 100 - number if number else None, "user_id": bob.user_id}
            for number, title in enumerate(TITLES)
        ),
    )
    fill(each_library, {"title": "A secret of gemini"}, group="gemini")
    return each_library


def test_texts_are_ordered_alike_on_both_databases(shelf: Library) -> None:
    assert titles_in(shelf.get(BOOKS)) == sorted(TITLES)
    turned = shelf.get(f"{BOOKS}?sort=title&dir=desc")
    assert titles_in(turned) == sorted(TITLES, reverse=True)


def test_empty_values_come_last_both_ways(shelf: Library) -> None:
    expected = ["_under", "Äpfel", "zebra", "Apple", "Zebra", "apple"]
    assert titles_in(shelf.get(f"{BOOKS}?sort=pages")) == expected
    turned = titles_in(shelf.get(f"{BOOKS}?sort=pages&dir=desc"))
    assert turned == [*reversed(expected[:-1]), "apple"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("f.title.contains=ppl", ["Apple", "apple"]),
        ("f.pages.ge=98", ["Apple", "Zebra"]),
        ("f.pages.empty=1", ["apple"]),
        ("f.state.eq=wanted&f.title.eq=zebra", ["zebra"]),
        ("f.state.eq=there", []),
        ("f.is_lent.eq=1", []),
        ("f.user_id.contains=BOB&f.pages.le=96", ["_under", "Äpfel"]),
        ("f.lent_to.not_empty=1", []),
        ("f.changed_at.eq=2026-01-01&f.title.contains=zebra", ["Zebra", "zebra"]),
        ("q=under", ["_under"]),
        ("q=nothing-like-it", []),
    ],
)
def test_filters_and_words_find_what_they_say(
    shelf: Library, query: str, expected: list[str]
) -> None:
    page = shelf.get(f"{BOOKS}?{query}")
    assert page.status_code == 200
    assert titles_in(page) == expected


def test_pages_follow_one_another_both_ways(shelf: Library) -> None:
    fill(
        shelf,
        *({"title": f"Volume {n:02}", "pages": 7 if n % 2 else None} for n in range(60)),
        group="skylab",
    )
    seen, address = [], f"{SKYLAB}?sort=pages"
    while address:
        page = shelf.get(address)
        seen.append(titles_in(page))
        address = _link(page.text, "next")
    assert [len(each) for each in seen] == [25, 25, 10]
    assert len({title for each in seen for title in each}) == 60
    back = shelf.get(_link(page.text, "prev"))
    assert titles_in(back) == seen[1]


def test_csv_holds_every_row_and_field_of_the_query_and_of_this_group_alone(shelf: Library) -> None:
    answer = shelf.get(f"{BOOKS}?format=csv&f.title.contains=ppl", "carol")
    assert answer.mimetype == "text/csv"
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["title"] for row in rows] == ["Apple", "apple"]
    assert set(rows[0]) == {
        "title", "author", "state", "pages", "is_lent", "lent_to", "due_at", "isbn", "notes",
        "user_id", "changed_at", "id",
    }  # fmt: skip
    assert rows[0]["user_id"] == "Bob"
    assert rows[0]["is_lent"] == "false"
    assert rows[0]["changed_at"] == "2026-01-01T00:00:00+00:00"


def test_csv_refuses_what_it_does_not_understand(shelf: Library) -> None:
    assert shelf.get(f"{BOOKS}?format=csv&sort=notes").status_code == 400


def test_a_group_shows_its_own_rows_alone(shelf: Library) -> None:
    assert "gemini" not in shelf.get(BOOKS, "alice").text
    own = shelf.get("/plugins/books/g/gemini/t/book/", "alice")
    assert titles_in(own) == ["A secret of gemini"]


def test_names_of_people_cost_no_query_a_row(shelf: Library, count_selects: CountSelects) -> None:
    dave = shelf.person("dave")
    fill(shelf, {"title": "V", "lent_to": dave.user_id}, group="vostok")
    shelf.get(VOSTOK, "carol")
    with count_selects() as few:
        shelf.get(VOSTOK, "carol")
    fill(shelf, *({"title": f"V{n}", "lent_to": dave.user_id} for n in range(15)), group="vostok")
    with count_selects() as many:
        page = shelf.get(VOSTOK, "carol")
    assert '<a href="/users/dave/">Dave</a>' in page.text
    assert len(many) == len(few) == 4  # session, group, what carol may, rows


def test_a_smallint_is_compared_with_numbers_that_it_cannot_hold(each_library: Library) -> None:
    each_library.add(SHELVES, "root", name="Oak", places="40")
    page = each_library.get(f"{SHELVES}?f.places.le=70000")
    assert titles_in(page) == ["Oak"]


def _link(page: str, relation: str) -> str:
    found = re.search(rf'rel="{relation}" href="([^"]*)"', page)
    return found[1].replace("&amp;", "&") if found else ""
