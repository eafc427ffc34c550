"""Inputs for declared fields: typed, read and judged, moments in the viewer's zone (3.3.2)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from flask_babel import Babel
from werkzeug.datastructures import MultiDict

from portal.pluginengine.columns import parse_column
from portal.pluginengine.manifest import FieldDeclaration
from portal.web.fieldinputs import EDITED, input_of, parsed, typed
from portal.web.forms import Form


@pytest.fixture(scope="module", autouse=True)
def _in_berlin() -> Iterator[None]:
    app = Flask(__name__)
    app.config |= {"WTF_CSRF_ENABLED": False, "SECRET_KEY": "-"}
    Babel(app, default_timezone="Europe/Berlin")
    with app.test_request_context(method="POST"):
        yield


def declared(column: str, **rest: Any) -> FieldDeclaration:
    return FieldDeclaration(name="mark", column=parse_column(column), **rest)


def posted(declaration: FieldDeclaration, *sent: str, required: bool = False) -> Form:
    made = type("MarkForm", (Form,), {"mark": input_of(declaration, "Mark", required=required)})
    form: Form = made(formdata=MultiDict([("mark", each) for each in sent]))
    return form


def errors(column: str, *sent: str, required: bool = False, **rest: Any) -> list[str]:
    form = posted(declared(column, **rest), *sent, required=required)
    form.validate()
    return [str(each) for each in form.errors.get("mark", [])]


@pytest.mark.parametrize(
    ("column", "text", "value"),
    [
        ("integer", " 7 ", 7),
        ("bigint", "-9000000000", -9_000_000_000),
        ("double", "1.5", 1.5),
        ("string(20)", "Ada", "Ada"),
        ("text", "one\r\ntwo", "one\ntwo"),
        ("integer", "", None),
        ("string(20) not null", "", ""),
        ("datetime", "2026-01-31T14:30", datetime(2026, 1, 31, 13, 30, tzinfo=UTC)),
        ("datetime", "2026-07-31 14:30:15", datetime(2026, 7, 31, 12, 30, 15, tzinfo=UTC)),
    ],
)
def test_what_is_typed_becomes_a_value(column: str, text: str, value: object) -> None:
    assert parsed(declared(column), text) == value


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("integer", "seven"),
        ("integer", "1.5"),
        ("smallint", "40000"),
        ("double", "nan"),
        ("double", "1e999"),
        ("string(3)", "long"),
        ("string(3)", "a\0b"),
        ("integer not null", ""),
        ("datetime", "tomorrow"),
        ("datetime", "2026-02-30T10:00"),
        ("datetime", "2026-01-31"),
        ("datetime", "0001-01-01T00:00"),
        ("datetime", "2026-01-31T10:00+02:00"),
    ],
)
def test_what_does_not_fit_is_said_at_the_field(column: str, text: str) -> None:
    assert errors(column, text)


def test_an_hour_that_the_clocks_leap_over_is_refused() -> None:
    (fault,) = errors("datetime", "2026-03-29T02:30")

    assert "clocks are put forward" in fault


def test_of_an_hour_that_comes_twice_the_first_is_meant() -> None:
    assert parsed(declared("datetime"), "2026-10-25T02:30") == datetime(
        2026, 10, 25, 0, 30, tzinfo=UTC
    )


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 10, 25, 1, 30, tzinfo=UTC),  # the second half past two
        datetime(2026, 5, 1, 10, 0, 5, 250_000, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 30, tzinfo=UTC),
    ],
)
def test_a_moment_that_is_sent_back_untouched_stays_what_it_is(moment: datetime) -> None:
    field = declared("datetime")

    assert parsed(field, typed(field, moment), moment) == moment


def test_a_moment_stands_in_its_input_in_the_viewers_zone() -> None:
    moment = datetime(2026, 7, 1, 10, 0, tzinfo=UTC)

    form = posted(declared("datetime"), typed(declared("datetime"), moment))

    assert 'type="datetime-local"' in form._fields["mark"]()
    assert 'value="2026-07-01T12:00"' in form._fields["mark"]()


@pytest.mark.parametrize("column", ["string(20)", "text", "integer", "datetime", "boolean"])
def test_a_required_field_wants_a_value(column: str) -> None:
    assert errors(column, required=True)
    assert not errors(column)


def test_spaces_are_no_value_of_a_required_field() -> None:
    assert errors("string(20)", "   ", required=True)


def test_a_number_that_may_not_be_empty_is_wanted() -> None:
    assert errors("integer not null", "")


def test_only_what_is_offered_can_be_chosen() -> None:
    choices = ("red", "green")

    assert errors("string(20)", "blue", choices=choices)
    assert errors("string(20)", "", choices=choices, required=True)
    assert not errors("string(20)", "red", choices=choices)
    assert not errors("string(20)", "", choices=choices)


def test_every_kind_but_bytes_and_timestamps_has_an_input() -> None:
    kinds = "string integer smallint bigint boolean datetime float double text"

    assert set(kinds.split()) == EDITED
    assert all(posted(declared(kind))._fields["mark"]() for kind in EDITED)
