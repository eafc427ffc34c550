"""Values of fields as people read them: numbers with all their digits, moments at the ends of the calendar."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from flask_babel import Babel

from portal.web.extensionfields import text_of
from portal.web.fieldinputs import local_time


@pytest.fixture(scope="module", autouse=True)
def _in_tokyo() -> Iterator[None]:
    app = Flask(__name__)
    Babel(app, default_timezone="Asia/Tokyo")
    with app.test_request_context():
        yield


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1234.5, "1,234.5"),
        (2.718281828, "2.718281828"),
        (0.0, "0"),
        (-0.00025, "-0.00025"),
        (5e-324, "5e-324"),
        (1e300, "1e+300"),
        (float("inf"), "inf"),
        (float("nan"), "nan"),
        (datetime(2026, 3, 31, 5, 30, tzinfo=UTC), "Mar 31, 2026, 2:30:00\u202fPM"),
        (datetime(9999, 12, 31, 23, 59, tzinfo=UTC), "Dec 31, 9999, 11:59:00\u202fPM"),
    ],
)
def test_every_value_has_a_text(value: Any, text: str) -> None:
    assert text_of(value) == text


def test_the_last_moment_has_a_time_on_every_clock() -> None:
    assert local_time(datetime.max.replace(tzinfo=UTC)) == datetime.max  # noqa: DTZ901
