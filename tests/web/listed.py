"""A table of a test's own with everything that lists are made of, and its list."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, MetaData, Table

from portal.core.clock import UtcDateTime
from portal.core.database import db
from portal.core.ordering import folded, ordered_text
from portal.web.lists.columns import Column as ListColumn
from portal.web.lists.columns import sorted_beside, sorted_by
from portal.web.lists.filters import Filter
from portal.web.lists.registry import ListView

METADATA = MetaData()
THINGS = Table(
    "test_things",
    METADATA,
    Column("thing_id", Integer, primary_key=True),
    Column("title", ordered_text(80), nullable=False),
    Column("title_ci", ordered_text(240), nullable=False),
    Column("size", Integer),
    Column("made_at", UtcDateTime),
    Column("grade", ordered_text(8)),
    Column("is_open", Boolean, nullable=False, default=True),
    Index("ix_test_things_size", "size", "thing_id"),
)
#: What an extension of the core's type looks like: a side table, some rows of which are missing.
RATINGS = Table(
    "test_ratings",
    METADATA,
    Column("object_id", ForeignKey("test_things.thing_id", ondelete="CASCADE"), primary_key=True),
    Column("rating", Integer),
    Index("ix_test_ratings", "rating", "object_id"),
)
C = THINGS.c
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


def things_view(rows: int = 3) -> ListView:
    """Return the list of things."""
    return ListView(
        name="things",
        key=C.thing_id,
        rows=rows,
        default_sort="title",
        search=lambda word: C.title_ci.contains(word.casefold(), autoescape=True),
        search_label="Title",
        columns=(
            ListColumn(
                key="title",
                title="Title",
                sort=sorted_by(C.title_ci),
                filter=Filter(by=C.title_ci, is_folded=True),
                link=lambda thing: f"/things/{thing.thing_id}",
            ),
            ListColumn(
                key="size",
                title="Size",
                kind="number",
                sort=sorted_by(C.size, nullable=True),
                filter=Filter(by=C.size, can_be_empty=True),
                align="end",
            ),
            ListColumn(
                key="made_at",
                title="Made",
                kind="date",
                sort=sorted_by(C.made_at, nullable=True),
                filter=Filter(by=C.made_at, can_be_empty=True),
            ),
            ListColumn(
                key="grade",
                title="Grade",
                kind="choice",
                choices=lambda: (("a", "Best"), ("b", "Good")),
                filter=Filter(by=C.grade),
            ),
            ListColumn(key="is_open", title="Open", kind="bool", filter=Filter(by=C.is_open)),
        ),
    )


RATING = ListColumn(
    key="sample_rating",
    title="Rating",
    kind="number",
    load=lambda things: {
        row.object_id: row.rating
        for row in db.session.execute(
            RATINGS.select().where(RATINGS.c.object_id.in_([each.thing_id for each in things]))
        )
    },
    sort=sorted_beside(RATINGS.c.rating, RATINGS.c.object_id, C.thing_id),
)


def make_tables() -> None:
    """Create the tables, in the running unit of work."""
    METADATA.create_all(db.session.connection())


def put_things(rows: Iterable[dict[str, Any]]) -> None:
    """Replace the things: each has a title, and what else is given (``day`` counts from 2026-01-01)."""
    db.session.execute(RATINGS.delete())
    db.session.execute(THINGS.delete())
    for number, row in enumerate(rows, 1):
        values = {"thing_id": number, "size": None, "grade": None, "is_open": True, **row}
        values["title_ci"] = folded(values["title"])
        day, rating = values.pop("day", None), values.pop("rating", None)
        values["made_at"] = None if day is None else EPOCH + timedelta(days=day)
        db.session.execute(THINGS.insert().values(values))
        if rating is not None:
            db.session.execute(RATINGS.insert().values(object_id=number, rating=rating))
