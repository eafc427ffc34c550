"""A JSON document that is written a bit at a time, of parts that may fail."""

import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text

from portal.core.database import db
from portal.core.jsonfile import JsonFile, Part
from portal.core.unit_of_work import Unit


def written(value: object) -> Any:
    target = io.BytesIO()
    JsonFile(target).write(value)
    return json.loads(target.getvalue())


def test_values_keep_what_they_are(unit: Unit) -> None:
    there = timezone(timedelta(hours=2))
    assert written(
        {
            "moment": datetime(2026, 3, 1, 14, 30, tzinfo=there),
            "price": Decimal("1.50"),
            "bytes": b"\x00\xff",
            "umlaut": "grüß\n\"'\ud800",
            "nothing": None,
            "many": (number for number in (1, 2)),
            "empty": {"list": [], "object": {}},
        }
    ) == {
        "moment": "2026-03-01T12:30:00+00:00",
        "price": "1.50",
        "bytes": {"base64": "AP8="},
        "umlaut": "grüß\n\"'\ud800",
        "nothing": None,
        "many": [1, 2],
        "empty": {"list": [], "object": {}},
    }


def test_it_is_utf_8_and_indented(unit: Unit) -> None:
    target = io.BytesIO()
    JsonFile(target).write({"name": ["ü"]})
    assert target.getvalue().decode() == '{\n  "name": [\n    "ü"\n  ]\n}\n'


def fails_late() -> Iterator[object]:
    yield {"there": 1}
    db.session.execute(text("SELECT nothing FROM nowhere"))


@pytest.mark.parametrize(
    "make", [fails_late, lambda: 1 / 0, lambda: object(), lambda: float("nan")]
)
def test_a_part_that_fails_leaves_a_note_and_the_rest_is_whole(unit: Unit, make: Any) -> None:
    """Also when the database refused: what comes after it is read in the same transaction."""
    document = written(
        {
            "before": 1,
            "broken": Part(name="broken", make=make),
            "after": Part(name="after", make=lambda: db.session.scalar(text("SELECT 2"))),
        }
    )
    assert document["before"] == 1
    assert list(document["broken"]) == ["note"]
    assert document["after"] == 2
    assert not unit.poisoned


def test_a_part_inside_a_part_costs_only_itself(unit: Unit) -> None:
    inner = Part(name="inner", make=lambda: 1 / 0)
    outer = Part(
        name="outer", make=lambda: {"inner": inner, "more": datetime(2026, 1, 1, tzinfo=UTC)}
    )
    document = written({"outer": outer})
    assert document["outer"]["more"] == "2026-01-01T00:00:00+00:00"
    assert list(document["outer"]["inner"]) == ["note"]
