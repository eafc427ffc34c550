"""Paging through ordered lists by key: the same rows in the same order, whichever way one goes."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from portal.core.unit_of_work import Unit
from portal.web.lists.columns import Column
from portal.web.lists.keyset import Bound, Order, Window, read_window
from portal.web.lists.places import read_place, written_place
from tests.web.listed import RATING, THINGS, C, make_tables, put_things, things_view

Arrange = Callable[[], AbstractContextManager[Unit]]
FEW = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
TEXTS = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=0, max_size=6
)
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "title": st.sampled_from(["", "a", "A", "ß", "SS", "é", "z", "Z", "_", "%"]) | TEXTS,
            "size": st.none() | st.integers(-3, 3),
            "day": st.none() | st.integers(0, 4),
            "rating": st.none() | st.integers(0, 2),
        }
    ),
    max_size=14,
)
SORTS = ("title", "size", "made_at", "sample_rating")
COLUMNS: dict[str, Column] = {column.key: column for column in (*things_view().columns, RATING)}


def order_by(key: str, *, descending: bool = False) -> Order:
    """Return the order of one of the things' columns."""
    sort = COLUMNS[key].sort
    assert sort is not None
    return Order(sort=sort, key=C.thing_id, descending=descending)


def value_in(order: str, row: dict[str, Any]) -> Any:
    """Return what a row is ordered by; PostgreSQL's collation C and SQLite compare UTF-8 bytes."""
    return {
        "title": str(row["title"]).casefold().encode(),
        "size": row["size"],
        "made_at": row["day"],
        "sample_rating": row["rating"],
    }[order]


def wanted(rows: list[dict[str, Any]], order: str, *, descending: bool) -> list[int]:
    """Return the keys in the order that a list promises: rows without a value last, both ways."""
    numbered = [(value_in(order, row), number) for number, row in enumerate(rows, 1)]
    filled = sorted((pair for pair in numbered if pair[0] is not None), reverse=descending)
    empty = sorted((pair[1] for pair in numbered if pair[0] is None), reverse=descending)
    return [number for _value, number in filled] + empty


def walk(order: Order, size: int, *, forward: bool) -> list[int]:
    """Return the keys of all pages, from one end to the other, in the list's order."""
    bound = Bound() if forward else Bound(from_end=True)
    pages: list[list[int]] = []
    while True:
        window = read_window(select(THINGS), order, bound, size)
        pages.append(keys_of(window))
        if not (window.has_next if forward else window.has_previous):
            break
        edge = window.rows[-1 if forward else 0].place
        again = read_place(written_place(edge), order.sort)
        assert again == edge
        bound = Bound(after=again) if forward else Bound(before=again)
    ordered = pages if forward else reversed(pages)
    return [key for page in ordered for key in page]


def keys_of(window: Window) -> list[int]:
    """Return the keys of a page."""
    return [found.place.key for found in window.rows]


@pytest.mark.parametrize("order", SORTS)
@pytest.mark.parametrize("descending", [False, True])
def test_paging_forwards_and_backwards_gives_the_promised_order(
    arrange: Arrange, order: str, descending: bool
) -> None:
    """Engineering B5 and part 3: nulls last both ways, and both databases alike."""
    with arrange():
        make_tables()

    @FEW
    @given(rows=ROWS, size=st.integers(1, 5))
    def check(rows: list[dict[str, Any]], size: int) -> None:
        with arrange():
            put_things(rows)
            expected = wanted(rows, order, descending=descending)
            for forward in (True, False):
                asked = order_by(order, descending=descending)
                assert walk(asked, size, forward=forward) == expected

    check()


def test_a_page_knows_whether_there_is_more_on_either_side(arrange: Arrange) -> None:
    with arrange():
        make_tables()
        put_things([{"title": letter} for letter in "abcd"])
        order = order_by("title")
        first = read_window(select(THINGS), order, Bound(), 2)
        second = read_window(select(THINGS), order, Bound(after=first.rows[-1].place), 2)
        back = read_window(select(THINGS), order, Bound(before=second.rows[0].place), 2)
        last = read_window(select(THINGS), order, Bound(from_end=True), 2)
    assert (keys_of(first), first.has_previous, first.has_next) == ([1, 2], False, True)
    assert (keys_of(second), second.has_previous, second.has_next) == ([3, 4], True, False)
    assert (keys_of(back), back.has_previous, back.has_next) == ([1, 2], False, True)
    assert (keys_of(last), last.has_previous, last.has_next) == ([3, 4], True, False)


def test_a_page_goes_on_where_a_row_was_that_is_gone(arrange: Arrange) -> None:
    """A place carries its value, so that the row itself need not be there any more."""
    with arrange():
        make_tables()
        put_things([{"title": letter} for letter in "abcd"])
        order = order_by("title")
        place = read_window(select(THINGS), order, Bound(), 2).rows[-1].place
        put_things([{"title": letter} for letter in "acd"])
        after = read_window(select(THINGS), order, Bound(after=place), 2)
    assert [found.item.title for found in after.rows] == ["c", "d"]


def test_a_page_of_a_plain_order_is_one_select(
    arrange: Arrange, count_selects: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    """Forge: each list page at most 6 queries; an order with empty values has two parts."""
    with arrange():
        make_tables()
        put_things([{"title": letter, "size": None} for letter in "abcd"])
        with count_selects() as plain:
            read_window(select(THINGS), order_by("title"), Bound(), 2)
        with count_selects() as nullable:
            read_window(select(THINGS), order_by("size"), Bound(), 2)
    assert len(plain) == 1
    assert len(nullable) == 2
    assert not any("OFFSET 1" in each or "count(" in each.lower() for each in plain + nullable)


@pytest.mark.parametrize(
    "text", ["", "x", "!!", "bnVsbA", "W10", "WzAsbnVsbCwxXQ", "WzAsImEiLC0xXQ", "W" * 4000, "é"]
)
def test_a_made_up_place_is_no_place(text: str) -> None:
    for column in COLUMNS.values():
        if column.sort is not None:
            assert read_place(text, column.sort) is None
