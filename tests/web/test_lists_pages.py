"""A list as a page and as CSV: links that carry the query, the filter form, chips, notices."""

import csv
import io
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from html import unescape

import pytest
from flask import Flask, render_template_string
from flask.testing import FlaskClient
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from portal.core.unit_of_work import Unit
from portal.web.lists.export import csv_of, wants_csv
from portal.web.lists.listing import read_list
from portal.web.lists.registry import add_columns, offer_list
from tests.web.listed import RATING, THINGS, make_tables, put_things, things_view

Arrange = Callable[[], AbstractContextManager[Unit]]

PAGE = """
{% extends "layouts/base.html" %}
{% from "macros/listing.html" import list_table %}
{% block title %}Things{% endblock %}
{% macro grade(row) %}<b>{{ row["grade"] }}</b>{% endmacro %}
{% block content %}<h1>Things</h1>{{ list_table(listing, "Things", {"grade": grade}) }}{% endblock %}
"""


@pytest.fixture
def app(app: Flask) -> Flask:
    """An app with a list of things at /things/."""

    def show_things() -> ResponseReturnValue:
        if wants_csv():
            return csv_of("things", select(THINGS))
        return render_template_string(PAGE, listing=read_list("things", select(THINGS)))

    offer_list(app, things_view())
    add_columns(app, "things", [RATING])
    app.add_url_rule("/things/", view_func=show_things)
    return app


@pytest.fixture
def things(arrange: Arrange) -> None:
    """Eight things: a to h, even ones open, some with a size, a day or a rating."""
    with arrange():
        make_tables()
        put_things(
            {
                "title": f"Thing {letter}",
                "size": number if number < 6 else None,
                "day": number,
                "grade": "a" if number < 2 else None,
                "is_open": number % 2 == 0,
                "rating": 7 - number if number < 4 else None,
            }
            for number, letter in enumerate("abcdefgh")
        )


def shown(html: str) -> str:
    """Return the letters of the things on the page, in order."""
    return "".join(re.findall(r">Thing (\w)</a>", html))


def href(html: str, text: str) -> str:
    """Return the address of the link whose text contains ``text``."""
    for address, inside in re.findall(r'<a\b[^>]*?href="([^"]*)"[^>]*>(.*?)</a>', html, re.DOTALL):
        if text in re.sub(r"<[^>]+>", "", inside):
            return unescape(address)
    raise AssertionError(f"no link {text!r}")


def all_pages(client: FlaskClient, address: str) -> str:
    """Return the letters of all pages from this one on, following Next."""
    letters = ""
    while True:
        html = client.get(address).text
        letters += shown(html)
        if 'rel="next"' not in html:
            return letters
        address = href(html, "Next")


@pytest.mark.usefixtures("things")
@pytest.mark.parametrize(
    ("query", "letters"),
    [
        ("", "abcdefgh"),
        ("dir=desc", "hgfedcba"),
        ("sort=size&dir=desc", "fedcbahg"),
        ("sort=sample_rating", "dcbaefgh"),
        ("sort=sample_rating&dir=desc", "abcdhgfe"),
        ("f.size.ge=2&f.size.lt=5", "cde"),
        ("f.size.ne=2", "abdef"),
        ("f.size.empty=1", "gh"),
        ("f.size.not_empty=1&sort=size", "abcdef"),
        ("f.made_at.le=2026-01-03", "abc"),
        ("f.made_at.eq=2026-01-03", "c"),
        ("f.is_open.eq=1", "aceg"),
        ("f.grade.eq=a", "ab"),
        ("f.title.contains=G+D", "d"),
        ("f.title.eq=tHiNG+D", "d"),
        ("q=thing+e", "e"),
    ],
)
def test_a_list_is_filtered_sorted_and_paged(client: FlaskClient, query: str, letters: str) -> None:
    assert all_pages(client, f"/things/?{query}") == letters


@pytest.mark.usefixtures("things")
def test_links_lead_to_every_page_and_keep_the_query(client: FlaskClient) -> None:
    """The URL holds the query; a parameter of the page's own stays, too."""
    first = client.get("/things/?f.size.ge=0&sort=size&dir=desc&tab=x").text
    second = client.get(href(first, "Next")).text
    assert (shown(first), shown(second)) == ("fed", "cba")
    assert shown(client.get(href(second, "Previous")).text) == "fed"
    assert shown(client.get(href(first, "Last")).text) == "cba"
    assert shown(client.get(href(second, "First")).text) == "fed"
    assert "tab=x" in href(first, "Next")
    assert "Next" not in second
    assert "Previous" not in first


@pytest.mark.usefixtures("things")
def test_headers_sort_and_say_how_the_list_is_sorted(client: FlaskClient) -> None:
    html = client.get("/things/?sort=size&f.is_open.eq=1").text
    assert html.count("aria-sort") == 1
    assert re.search(r'aria-sort="ascending"><a[^>]*>Size', html)
    assert href(html, "Size") == "/things/?f.is_open.eq=1&sort=size&dir=desc"
    assert href(html, "Title") == "/things/?f.is_open.eq=1"
    assert "Grade</a>" not in html


@pytest.mark.usefixtures("things")
def test_each_filter_that_is_set_can_be_taken_away(client: FlaskClient) -> None:
    html = client.get("/things/?q=thing&f.size.ge=2&f.grade.eq=a&dir=desc").text
    assert "Nothing matches these filters" in html
    assert "Grade: Best" in html
    assert href(html, "Size from 2") == "/things/?q=thing&f.grade.eq=a&sort=title&dir=desc"
    assert href(html, "Words: thing") == "/things/?f.size.ge=2&f.grade.eq=a&sort=title&dir=desc"
    assert href(html, "Remove all") == "/things/?sort=title&dir=desc"
    assert href(html, "Show all") == "/things/?sort=title&dir=desc"


@pytest.mark.usefixtures("things")
def test_the_filter_form_keeps_what_it_does_not_show(client: FlaskClient) -> None:
    html = client.get("/things/?f.size.ne=2&f.size.ge=1&f.grade.eq=a&sort=size&dir=asc").text
    assert '<input type="hidden" name="f.size.ne" value="2">' in html
    assert '<input type="hidden" name="sort" value="size">' in html
    assert re.search(r'name="f\.size\.ge" type="number" value="1"', html)
    assert re.search(r'<option value="a" selected>Best', html)
    assert 'type="hidden" name="f.size.ge"' not in html


@pytest.mark.usefixtures("things")
def test_what_is_not_understood_is_told_on_the_page_and_refused_in_csv(
    client: FlaskClient,
) -> None:
    """Spec 3.3.3: ignored with a notice in HTML, 400 elsewhere."""
    page = client.get("/things/?sort=<b>&f.x.eq=1")
    assert page.status_code == 200
    assert "cannot be sorted by “&lt;b&gt;”" in page.text
    assert "no filter “f.x.eq”" in page.text
    assert shown(page.text) == "abc"
    assert client.get("/things/?sort=x&format=csv").status_code == 400


@pytest.mark.usefixtures("things")
def test_a_page_whose_rows_are_gone_leads_back(client: FlaskClient, arrange: Arrange) -> None:
    address = href(client.get("/things/").text, "Next")
    with arrange():
        put_things([{"title": "Thing a"}])
    html = client.get(address).text
    assert "Nothing here any more" in html
    assert href(html, "Show the first page") == "/things/"


def test_an_empty_list_says_so(client: FlaskClient, arrange: Arrange) -> None:
    with arrange():
        make_tables()
    html = client.get("/things/").text
    assert "Nothing here yet" in html
    assert "format=csv" not in html


@pytest.mark.usefixtures("things")
def test_csv_holds_all_rows_of_the_query(client: FlaskClient) -> None:
    html = client.get("/things/?f.size.ge=1&dir=desc").text
    answer = client.get(href(html, "CSV"))
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert answer.mimetype == "text/csv"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="things.csv"'
    assert [row["title"][-1] for row in rows] == list("fedcb")
    assert rows[-1] == {
        "title": "Thing b",
        "size": "1",
        "made_at": "2026-01-02T00:00:00+00:00",
        "grade": "a",
        "is_open": "false",
        "sample_rating": "6",
    }


@pytest.mark.parametrize("start", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_cell_of_a_csv_is_a_formula(client: FlaskClient, arrange: Arrange, start: str) -> None:
    """CSV injection: a spreadsheet must read what people wrote as text."""
    with arrange():
        make_tables()
        put_things([{"title": start, "size": -3}])
    (row,) = csv.DictReader(io.StringIO(client.get("/things/?format=csv").text, newline=""))
    assert row["title"] == "'" + start
    assert row["size"] == "-3"


def test_a_long_csv_is_read_in_portions(client: FlaskClient, arrange: Arrange) -> None:
    """Engineering B2: no transaction stays open while a body streams."""
    with arrange():
        make_tables()
        put_things(
            {"title": f"Thing {number:04}", "size": number % 7 or None} for number in range(1203)
        )
    rows = list(csv.DictReader(io.StringIO(client.get("/things/?format=csv&sort=size").text)))
    assert len({row["title"] for row in rows}) == 1203
