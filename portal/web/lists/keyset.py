"""Reading one page of an ordered list by key, in both directions: no OFFSET, no COUNT (design 8)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, literal, null, tuple_
from sqlalchemy.engine import Row

from portal.core.database import db
from portal.web.lists.columns import Part, Selected, Sort
from portal.web.lists.places import Place


@dataclass(frozen=True, kw_only=True)
class Order:
    """What a list is ordered by: a column's order, its direction, and the unique key that breaks ties."""

    sort: Sort
    key: Any
    descending: bool = False


@dataclass(frozen=True, kw_only=True)
class Bound:
    """Where a page begins: after a place, before one, or (``from_end``) at the end of the list."""

    after: Place | None = None
    before: Place | None = None
    from_end: bool = False

    @property
    def is_forward(self) -> bool:
        """True when the page is read in the list's own direction."""
        return self.before is None and not self.from_end

    @property
    def place(self) -> Place | None:
        """The place that the page begins at, None at either end."""
        return self.after if self.is_forward else self.before


@dataclass(frozen=True, kw_only=True)
class Found:
    """A row with its place; ``item`` is the row's only entity, or the row when the SELECT has several."""

    item: Any
    place: Place


@dataclass(frozen=True, kw_only=True)
class Window:
    """The rows of a page in the list's order, and whether there are rows on either side of it."""

    rows: tuple[Found, ...]
    has_previous: bool
    has_next: bool


def read_window(
    statement: Selected,
    order: Order,
    bound: Bound,
    size: int,
    params: Mapping[str, Any] | None = None,
) -> Window:
    """Return up to ``size`` rows; one SELECT for each part of the order that the page touches.

    ``params`` are values for the bindparams of statement and order.
    """
    found: list[Found] = []
    for index, part in _parts(order.sort, bound):
        if len(found) <= size:
            limit = size + 1 - len(found)
            selected = _select_part(statement, order, bound, index, part).limit(limit)
            found.extend(_read_part(selected, index, params))
    has_more, found = len(found) > size, found[:size]
    if not bound.is_forward:
        found.reverse()
    return Window(
        rows=tuple(found),
        has_previous=bound.after is not None if bound.is_forward else has_more,
        has_next=has_more if bound.is_forward else bound.before is not None,
    )


def _parts(sort: Sort, bound: Bound) -> Iterator[tuple[int, Part]]:
    """Yield the parts from the page's beginning on, in the direction in which it is read."""
    numbered = list(enumerate(sort.parts))
    place = bound.place
    for index, part in numbered if bound.is_forward else reversed(numbered):
        is_behind = place is not None and (
            index < place.part if bound.is_forward else index > place.part
        )
        if not is_behind:
            yield index, part


def _select_part(
    statement: Selected, order: Order, bound: Bound, index: int, part: Part
) -> Selected:
    """Return the SELECT of the part's rows from the page's beginning on, with value and key behind."""
    descending = order.descending == bound.is_forward
    columns = _columns(order, part)
    narrowed = part.narrow(statement)
    place = bound.place
    if place is not None and place.part == index:
        narrowed = narrowed.where(_beyond(columns, place, descending=descending))
    narrowed = narrowed.order_by(*(each.desc() if descending else each for each in columns))
    by = null() if part.by is None else part.by
    return narrowed.add_columns(by.label("list_value"), order.key.label("list_key"))


def _read_part(
    statement: Selected, index: int, params: Mapping[str, Any] | None
) -> Iterator[Found]:
    for row in db.session.execute(statement, params):
        values: tuple[Any, ...] = tuple(row)
        place = Place(part=index, value=values[-2], key=values[-1])
        yield Found(item=_item(row), place=place)


def _columns(order: Order, part: Part) -> list[ColumnElement[Any]]:
    key = order.key if part.key is None else part.key
    if part.by is None:
        return [key]
    return [part.by] if order.sort.is_unique else [part.by, key]


def _beyond(
    columns: list[ColumnElement[Any]], place: Place, *, descending: bool
) -> ColumnElement[bool]:
    values = [place.key] if place.value is None else [place.value, place.key]
    limits = [literal(value, column.type) for column, value in zip(columns, values, strict=False)]
    if len(columns) == 1:
        return columns[0] < limits[0] if descending else columns[0] > limits[0]
    row, limit = tuple_(*columns), tuple_(*limits)
    return row < limit if descending else row > limit


def _item(row: Row[Any]) -> Any:
    return row[0] if len(row) == 3 else row
