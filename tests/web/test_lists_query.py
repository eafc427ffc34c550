"""What the address of a list is understood to ask, and what it answers to what it does not understand."""

from contextlib import suppress
from datetime import UTC, date
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import sqlite
from werkzeug.datastructures import MultiDict

from portal.web.lists.columns import Column
from portal.web.lists.filters import Filter, Unreadable, read_value
from portal.web.lists.query import BadQuery, ListQuery, read_query
from portal.web.lists.registry import add_columns, columns_of, offer_list
from tests.web.listed import RATING, C, things_view

COLUMNS = {column.key: column for column in things_view().columns}


def asked(query: str, *, strict: bool = False) -> ListQuery:
    """Return what a query string, of pairs divided by &, asks of the list of things."""
    pairs = [tuple(pair.split("=", 1)) for pair in query.split("&") if pair]
    return read_query(COLUMNS, MultiDict(pairs), default_sort="title", strict=strict)


@pytest.fixture(autouse=True)
def in_app(app: Flask) -> Flask:
    """Texts are translated; a list is asked in an app."""
    with app.test_request_context():
        yield app  # type: ignore[misc]


@pytest.mark.parametrize(
    ("query", "sort", "descending"),
    [
        ("", "title", False),
        ("sort=size", "size", False),
        ("sort=size&dir=desc", "size", True),
        ("dir=desc", "title", True),
        ("sort=size&dir=up", "size", False),
        ("sort=grade", "title", False),
        ("sort=nothing", "title", False),
    ],
)
def test_the_address_names_the_order(query: str, sort: str, descending: bool) -> None:
    found = asked(query)
    assert (found.sort.key, found.descending) == (sort, descending)
    assert bool(found.notices) == (query in ("sort=size&dir=up", "sort=grade", "sort=nothing"))


@pytest.mark.parametrize(
    ("query", "values"),
    [
        ("f.title.contains=Ap", ["Ap"]),
        ("f.size.ge=3&f.size.lt=5.5", [3, Decimal("5.5")]),
        ("f.made_at.le=2026-03-31", [date(2026, 3, 31)]),
        ("f.grade.eq=a&f.is_open.eq=0", ["a", False]),
        ("f.size.empty=1", [True]),
        ("f.size.ge=", []),
    ],
)
def test_filters_are_read_in_the_type_of_their_column(query: str, values: list[object]) -> None:
    """Spec 3.3.3: operators by type."""
    found = asked(query)
    assert [condition.value for condition in found.conditions] == values
    assert found.notices == ()


ODD = [
    "sort=nothing",
    "dir=sideways",
    "f.nothing.eq=1",
    "f.title.lt=a",
    "f.title.empty=1",
    "f.=1",
    "f.size=1",
    "f.size.eq=much",
    "f.size.eq=1e99",
    "f.size.eq=nan",
    "f.made_at.eq=soon",
    "f.made_at.eq=0001-01-01",
    "f.made_at.eq=9999-12-31",
    "f.grade.eq=z",
    "f.is_open.eq=maybe",
    "after=nowhere",
    "before=nowhere",
]


@pytest.mark.parametrize("query", ODD)
def test_what_is_not_understood_is_left_out_with_a_notice(query: str) -> None:
    """Spec 3.3.3: unknown sort and filter names are ignored with a notice in HTML."""
    found = asked(query)
    assert found.conditions == ()
    assert len(found.notices) == 1


@pytest.mark.parametrize("query", ODD)
def test_what_is_not_understood_is_an_error_where_it_must_be_exact(query: str) -> None:
    """Spec 3.3.3: they answer 400 in the API; CSV has no place for a notice either."""
    with pytest.raises(BadQuery):
        asked(query, strict=True)
    assert BadQuery.status == 400


def test_a_long_address_is_no_heavy_query() -> None:
    found = asked("&".join(f"f.size.ne={number}" for number in range(500)))
    assert len(found.conditions) == 20
    assert len(found.notices) == 1


@given(kind=st.sampled_from(["text", "number", "date", "choice", "bool"]), text=st.text())
def test_any_text_is_read_or_refused(kind: str, text: str) -> None:
    with suppress(Unreadable):
        read_value(kind, "eq", text, ("a",))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("op", "condition"),
    [
        (
            "eq",
            "made_at >= '2026-03-28 23:00:00.000000' AND made_at < '2026-03-29 22:00:00.000000'",
        ),
        ("lt", "made_at < '2026-03-28 23:00:00.000000'"),
        ("le", "made_at < '2026-03-29 22:00:00.000000'"),
        ("gt", "made_at >= '2026-03-29 22:00:00.000000'"),
        ("ge", "made_at >= '2026-03-28 23:00:00.000000'"),
    ],
)
def test_a_day_is_the_viewers_day(op: str, condition: str) -> None:
    """The day on which summer time began in Vienna had 23 hours."""
    made = Filter(by=C.made_at).condition("date", op, date(2026, 3, 29), ZoneInfo("Europe/Vienna"))
    written = str(made.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}))
    assert written.replace("test_things.", "") == condition


def test_signs_of_like_are_ordinary_characters() -> None:
    condition = Filter(by=C.title_ci, is_folded=True).condition("text", "contains", "5%_É", UTC)
    assert "5/%/_é" in str(condition.compile(compile_kwargs={"literal_binds": True}))


def test_others_add_columns_to_a_list_by_its_name(in_app: Flask) -> None:
    """Spec 3.3.3: extension fields appear in the list with sort and filter."""
    add_columns(in_app, "things", [RATING])
    offer_list(in_app, things_view())
    assert list(columns_of("things"))[-2:] == ["is_open", "sample_rating"]
    with pytest.raises(ValueError, match="sample_rating"):
        add_columns(in_app, "things", [RATING])
    with pytest.raises(ValueError, match="things"):
        offer_list(in_app, things_view())


@pytest.mark.parametrize("key", ["", "Title", "a.b", "1st", "a" * 65])
def test_a_columns_key_can_stand_in_an_address(key: str) -> None:
    with pytest.raises(ValueError, match="cannot name a column"):
        Column(key=key, title="x")
