"""The columns of lists, and the orders that they can be sorted in.

An order consists of parts that follow one another in either direction, each in the order of an index:
so rows without a value come last both ways, and a page costs the same wherever it begins
(engineering B5).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, Literal

from flask_babel.speaklater import LazyString
from sqlalchemy import Select, exists, select

from portal.web.lists.filters import Filter, Kind
from portal.web.lists.sidetables import from_side

KEY = re.compile(r"[a-z][a-z0-9_]{0,63}")
Choices = Callable[[], Sequence[tuple[str, "str | LazyString"]]]
#: A SELECT of a list, whatever it selects.
Selected = Select[*tuple[Any, ...]]
Narrow = Callable[[Selected], Selected]


@dataclass(frozen=True, kw_only=True, eq=False)
class Part:
    """A stretch of an ordered list: the rows that ``narrow`` leaves, by ``by`` (None: by their key alone).

    ``key`` is a column that equals the list's key in this part and stands beside ``by`` in an index.
    """

    by: Any
    key: Any = None
    narrow: Narrow = field(default=lambda statement: statement)


@dataclass(frozen=True, kw_only=True, eq=False)
class Sort:
    """An order. ``is_unique`` says that no two rows have the same value, so that no key need break ties."""

    parts: tuple[Part, ...]
    is_unique: bool = False


def sorted_by(by: Any, *, is_unique: bool = False, nullable: bool = False) -> Sort:
    """Return the order of a column or expression; rows without a value come last, both ways.

    An index on (the column, the list's key) makes it fast.
    """
    if not nullable:
        return Sort(parts=(Part(by=by),), is_unique=is_unique)
    return Sort(
        parts=(
            Part(by=by, narrow=lambda statement: statement.where(by.is_not(None))),
            Part(by=None, narrow=lambda statement: statement.where(by.is_(None))),
        ),
        is_unique=is_unique,
    )


def sorted_beside(by: Any, owner: Any, key: Any, *, is_narrow: bool = False) -> Sort:
    """Return the order of a column of a side table, whose column ``owner`` holds the list's ``key``.

    Rows with a value come by an inner join, in index order; then those without (engineering B5). An
    index on (by, owner) makes it fast. ``is_narrow`` says that the list holds few of its table's rows: then
    those are found first, and sorted.
    """
    has_value = exists(select(1).where(owner == key, by.is_not(None)))
    return Sort(
        parts=(
            Part(
                by=by,
                key=owner,
                narrow=lambda statement: (
                    statement.join(by.table, owner == key)
                    if is_narrow
                    else from_side(statement, by.table, owner == key)
                ).where(by.is_not(None)),
            ),
            Part(by=None, narrow=lambda statement: statement.where(~has_value)),
        )
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class Column:
    """A column of a list. ``key`` names it in addresses (``?sort=<key>``, ``f.<key>.<op>``) and in CSV.

    ``value`` takes what the list's SELECT gives for a row; left out, it is the attribute named like the
    column. A value that is not in the row comes from ``load``, once a page: it takes what the SELECT
    gave for the page's rows and returns values by the list's key. ``link`` gives an address that the
    cell leads to, or an empty text. ``choices`` are (value, text) of a column of kind "choice".
    ``is_shown`` False keeps it to filters and CSV; ``is_there`` tells whether the running request's list has
    it at all. Raises ValueError for a key that cannot stand in an address.
    """

    key: str
    title: str | LazyString
    kind: Kind = "text"
    value: Callable[[Any], Any] | None = None
    load: Callable[[Sequence[Any]], Mapping[int, Any]] | None = None
    link: Callable[[Any], str] | None = None
    sort: Sort | None = None
    filter: Filter | None = None
    choices: Choices | None = None
    is_shown: bool = True
    is_there: Callable[[], bool] = lambda: True
    in_csv: bool = True
    align: Literal["start", "end"] = "start"

    def __post_init__(self) -> None:
        """Check the key, and that a choice has choices."""
        if not KEY.fullmatch(self.key):
            raise ValueError(
                f"{self.key!r} cannot name a column; write lower-case letters, digits and underscores."
            )
        if self.kind == "choice" and self.choices is None:
            raise ValueError(f"The column {self.key} is a choice and needs choices=.")

    def value_of(self, item: Any, key: int, loaded: Mapping[int, Any]) -> Any:
        """Return the value of a row; ``loaded`` is what ``load`` gave for the page."""
        if self.load is not None:
            return loaded.get(key)
        return (self.value or attrgetter(self.key))(item)
