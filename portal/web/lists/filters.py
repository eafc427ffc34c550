"""Filters of lists: which operators a column has, how its values are read, which condition they make."""

from __future__ import annotations

import operator
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any, Final, Literal, cast

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, and_, or_

Kind = Literal["text", "number", "date", "choice", "bool"]

EMPTY: Final = ("empty", "not_empty")
OPERATORS: Final[Mapping[str, tuple[str, ...]]] = {
    "text": ("contains", "eq"),
    "number": ("eq", "ne", "lt", "le", "gt", "ge"),
    "date": ("eq", "ne", "lt", "le", "gt", "ge"),
    "choice": ("eq", "ne"),
    "bool": ("eq",),
}
LONGEST_TEXT = 200
#: Integer columns have 32 bits on PostgreSQL.
LARGEST_NUMBER = 2**31 - 1
TRUTHS: Final[Mapping[str, bool]] = {"1": True, "true": True, "0": False, "false": False}
#: The operators that compare two values.
COMPARISONS: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "lt": operator.lt,
    "le": operator.le,
    "gt": operator.gt,
    "ge": operator.ge,
}


class Unreadable(ValueError):
    """A value of the address does not fit its column; says why."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Filter:
    """How a column is filtered: by comparing ``by``, or by what ``where`` makes of operator and value.

    ``is_folded`` says that ``by`` is a casefolded twin; ``can_be_empty`` offers the operators empty
    and not_empty. Values are text, int, Decimal, date (a whole day of the viewer) or bool.
    """

    by: Any = None
    where: Callable[[str, Any], ColumnElement[bool]] | None = None
    is_folded: bool = False
    can_be_empty: bool = False

    def operators(self, kind: Kind) -> tuple[str, ...]:
        """Return the operators of a column of that kind."""
        return (*OPERATORS[kind], *(EMPTY if self.can_be_empty else ()))

    def condition(self, kind: Kind, op: str, value: Any, zone: tzinfo) -> ColumnElement[bool]:
        """Return the condition that a row must meet; ``zone`` is the one that days are meant in."""
        if self.where is not None:
            return self.where(op, value)
        if op in EMPTY:
            is_empty = self.by.is_(None)
            is_empty = or_(is_empty, self.by == "") if kind == "text" else is_empty
            return cast(ColumnElement[bool], is_empty if op == "empty" else ~is_empty)
        if kind == "text":
            return self._text_condition(op, value)
        if kind == "date":
            return self._day_condition(op, value, zone)
        return cast(ColumnElement[bool], COMPARISONS[op](self.by, value))

    def _text_condition(self, op: str, value: str) -> ColumnElement[bool]:
        text = value.casefold() if self.is_folded else value
        if op == "eq":
            return cast(ColumnElement[bool], self.by == text)
        if self.is_folded:
            return cast(ColumnElement[bool], self.by.contains(text, autoescape=True))
        return cast(ColumnElement[bool], self.by.icontains(text, autoescape=True))

    def _day_condition(self, op: str, day: date, zone: tzinfo) -> ColumnElement[bool]:
        begin, end = _midnight(day, zone), _midnight(day + timedelta(days=1), zone)
        conditions: dict[str, Any] = {
            "eq": and_(self.by >= begin, self.by < end),
            "ne": or_(self.by < begin, self.by >= end),
            "lt": self.by < begin,
            "le": self.by < end,
            "gt": self.by >= end,
            "ge": self.by >= begin,
        }
        return cast(ColumnElement[bool], conditions[op])


def read_value(kind: Kind, op: str, text: str, choices: Collection[str] = ()) -> Any:
    """Read the value of a filter as the address gives it; raises ``Unreadable``."""
    if op in EMPTY:
        return True
    if kind == "number":
        return _number(text)
    if kind == "date":
        return _day(text)
    if kind == "bool":
        if text.lower() not in TRUTHS:
            raise Unreadable(_("Write 1 for yes or 0 for no."))
        return TRUTHS[text.lower()]
    if kind == "choice" and text not in choices:
        raise Unreadable(_("There is no such choice."))
    if len(text) > LONGEST_TEXT:
        raise Unreadable(_("Write at most %(most)d characters.", most=LONGEST_TEXT))
    return _storable(text)


def _number(text: str) -> int | Decimal:
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        raise Unreadable(_("Write a number.")) from None
    if not number.is_finite() or abs(number) > LARGEST_NUMBER:
        raise Unreadable(_("This number is too large."))
    return int(number) if number == number.to_integral_value() else number


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        raise Unreadable(_("Write a day as in 2026-03-31.")) from None
    if not 1900 <= day.year <= 9000:
        raise Unreadable(_("Write a day as in 2026-03-31."))
    return day


def _storable(text: str) -> str:
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise Unreadable(_("Some characters cannot be searched for."))
    return text


def _midnight(day: date, zone: tzinfo) -> datetime:
    """Return the moment at which the day begins in the zone (zoneinfo's or pytz's)."""
    naive = datetime.combine(day, time())
    localize = getattr(zone, "localize", None)
    moment: datetime = localize(naive) if localize else naive.replace(tzinfo=zone)
    return moment.astimezone(UTC)
