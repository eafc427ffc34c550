"""The query of a list as its address holds it: order, filters, words, place.

``?sort=<column>&dir=asc|desc&f.<column>.<op>=value&q=words&after=...`` (spec 3.3.3, UI).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from portal.core.errors import PortalError
from portal.web.lists.columns import Column
from portal.web.lists.filters import LONGEST_TEXT, Unreadable, read_value
from portal.web.lists.keyset import Bound
from portal.web.lists.places import read_place

FILTER: Final = "f."
#: Parameters that belong to the list; the page's own are kept in its links.
OWN: Final = frozenset({"sort", "dir", "q", "after", "before", "format"})
MOST_CONDITIONS = 20


@dataclass(frozen=True, kw_only=True)
class Condition:
    """One filter that is set: ``text`` is its value as the address gives it, ``value`` as it was read."""

    column: Column
    op: str
    text: str
    value: Any

    @property
    def name(self) -> str:
        """The parameter's name."""
        return f"{FILTER}{self.column.key}.{self.op}"


@dataclass(frozen=True, kw_only=True)
class ListQuery:
    """What is asked of a list. ``notices`` say which parts of the address were not understood."""

    sort: Column
    descending: bool
    words: str = ""
    conditions: tuple[Condition, ...] = ()
    bound: Bound = Bound()
    notices: tuple[str, ...] = ()
    kept: tuple[tuple[str, str], ...] = ()


class BadQuery(PortalError):
    """The address asks a list for something that it does not have (400)."""


@dataclass
class Reading:
    """Reads the address; what is not understood becomes a notice, or an error where it must be exact."""

    columns: Mapping[str, Column]
    strict: bool
    notices: list[str] = field(default_factory=list)

    def complain(self, text: str) -> None:
        """Note a fault; raises ``BadQuery`` instead when the reading is strict."""
        if self.strict:
            raise BadQuery(text, _("See the list's page for what it can be asked."))
        self.notices.append(text)

    def sort(self, args: MultiDict[str, str], default: str) -> Column:
        """Return the column to sort by."""
        name = args.get("sort", default) or default
        column = self.columns.get(name)
        if column is None or column.sort is None:
            self.complain(_("This list cannot be sorted by “%(name)s”.", name=name[:60]))
            column = self.columns[default]
        return column

    def descending(self, args: MultiDict[str, str], default: bool) -> bool:
        """Return the direction; the list's own is that of its default order."""
        direction = args.get("dir", "")
        if direction not in ("", "asc", "desc"):
            self.complain(_("A direction is asc or desc, not “%(name)s”.", name=direction[:60]))
            direction = ""
        return direction == "desc" if direction else default

    def conditions(self, args: MultiDict[str, str]) -> Iterator[Condition]:
        """Yield the filters that are set, each with its value read."""
        given = [pair for pair in args.items(multi=True) if pair[0].startswith(FILTER) and pair[1]]
        if len(given) > MOST_CONDITIONS:
            self.complain(_("At most %(most)d filters are looked at.", most=MOST_CONDITIONS))
        for name, text in dict.fromkeys(given[:MOST_CONDITIONS]):
            condition = self._condition(name, text)
            if condition is not None:
                yield condition

    def _condition(self, name: str, text: str) -> Condition | None:
        key, _dot, op = name.removeprefix(FILTER).partition(".")
        column = self.columns.get(key)
        if column is None or column.filter is None:
            self.complain(_("This list has no filter “%(name)s”.", name=name[:60]))
            return None
        if op not in column.filter.operators(column.kind):
            self.complain(_("This list has no filter “%(name)s”.", name=name[:60]))
            return None
        choices = {value for value, _title in column.choices()} if column.choices else ()
        try:
            value = read_value(column.kind, op, text, choices)
        except Unreadable as fault:
            self.complain(f"{column.title}: {fault}")
            return None
        return Condition(column=column, op=op, text=text, value=value)

    def bound(self, args: MultiDict[str, str], sort: Column) -> Bound:
        """Return where the page begins."""
        if "after" not in args and "before" not in args:
            return Bound()
        if args.get("before") == "":
            return Bound(from_end=True)
        assert sort.sort is not None
        place = read_place(args.get("after") or args.get("before") or "", sort.sort)
        if place is None:
            self.complain(_("This address leads to no place in the list; here is its beginning."))
            return Bound()
        return Bound(after=place) if args.get("after") else Bound(before=place)


def read_query(
    columns: Mapping[str, Column],
    args: MultiDict[str, str],
    *,
    default_sort: str,
    default_descending: bool = False,
    strict: bool = False,
) -> ListQuery:
    """Read the parameters of an address; with ``strict``, BadQuery (400) for what is not understood."""
    reading = Reading(columns=columns, strict=strict)
    sort = reading.sort(args, default_sort)
    descending = reading.descending(args, default_descending and sort.key == default_sort)
    conditions = tuple(reading.conditions(args))
    bound = reading.bound(args, sort)
    return ListQuery(
        sort=sort,
        descending=descending,
        words=" ".join(args.get("q", "").split())[:LONGEST_TEXT],
        conditions=conditions,
        bound=bound,
        notices=tuple(dict.fromkeys(reading.notices)),
        kept=tuple(
            pair
            for pair in args.items(multi=True)
            if pair[0] not in OWN and not pair[0].startswith(FILTER)
        ),
    )
