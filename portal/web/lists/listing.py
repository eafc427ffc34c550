"""A list as its page shows it: rows and cells, links, the filter form, what is set, what was not understood."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask import request
from flask_babel import get_timezone

from portal.web.current import current
from portal.web.lists.addresses import Addresses
from portal.web.lists.columns import Column, Selected
from portal.web.lists.filterform import Chip, FormField, chips, form_fields
from portal.web.lists.keyset import Order, Window, read_window
from portal.web.lists.query import ListQuery, read_query
from portal.web.lists.registry import ListView, columns_of, view_named


@dataclass(frozen=True, kw_only=True)
class ListRow:
    """A row: what the list's SELECT gave for it, its key, and its values by the columns' keys."""

    item: Any
    key: int
    values: Mapping[str, Any]

    def __getitem__(self, column: str) -> Any:
        """Return the value in the column of that key."""
        return self.values[column]


@dataclass(frozen=True, kw_only=True)
class Listing:
    """One page of a list. Its addresses are empty where there is no such page."""

    view: ListView
    columns: tuple[Column, ...]
    rows: tuple[ListRow, ...]
    window: Window
    query: ListQuery
    addresses: Addresses

    @property
    def added(self) -> tuple[Column, ...]:
        """The columns that others have put behind the list's own, for pages that draw its rows themselves."""
        return tuple(column for column in self.columns if column not in self.view.columns)

    @property
    def notices(self) -> tuple[str, ...]:
        """What of the address was not understood."""
        return self.query.notices

    @property
    def is_narrowed(self) -> bool:
        """True when words or a filter leave rows out."""
        return bool(self.query.words or self.query.conditions)

    @property
    def is_beyond(self) -> bool:
        """True when the address leads behind the last row or in front of the first one."""
        return not self.rows and self.query.bound.place is not None

    @property
    def previous_url(self) -> str:
        """The address of the page before this one."""
        if not self.rows or not self.window.has_previous:
            return ""
        return self.addresses.before(self.window.rows[0].place)

    @property
    def next_url(self) -> str:
        """The address of the page after this one."""
        if not self.rows or not self.window.has_next:
            return ""
        return self.addresses.after(self.window.rows[-1].place)

    @property
    def first_url(self) -> str:
        """The address of the first page; empty on it."""
        return self.addresses.page() if self.previous_url or self.is_beyond else ""

    @property
    def last_url(self) -> str:
        """The address of the last page; empty on it."""
        return self.addresses.page(before="") if self.next_url else ""

    def sort_url(self, column: Column) -> str:
        """Return the address of the list sorted by that column; in the other direction when it is already."""
        is_current = column is self.query.sort
        return self.addresses.sorted_by(
            column.key, descending=is_current and not self.query.descending
        )

    def direction(self, column: Column) -> str:
        """Return "ascending" or "descending" for the column that the list is sorted by, else nothing."""
        if column is not self.query.sort:
            return ""
        return "descending" if self.query.descending else "ascending"

    @property
    def sortable(self) -> list[Column]:
        """The columns that the list can be sorted by."""
        return [column for column in columns_of(self.view.name).values() if column.sort]

    @cached_property
    def fields(self) -> list[FormField]:
        """The fields of the filter form."""
        return form_fields(columns_of(self.view.name).values(), self.query.conditions)

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """What the filter form carries along unseen."""
        return self.addresses.hidden(["q", *(field.name for field in self.fields)])

    @property
    def chips(self) -> list[Chip]:
        """The filters that are set, each with the address of the list without it."""
        return chips(self.query, self.addresses)


def read_list(
    name: str, statement: Selected, *, params: Mapping[str, Any] | None = None
) -> Listing:
    """Return the page of the list that the request asks for.

    ``statement`` selects what its viewer may see, unordered; the list's key must be in its FROM.
    ``params`` are values for bindparams in it and in the columns. One SELECT for each part of the order
    that the page touches, and one for each column that loads. A page is as long as its viewer likes.
    """
    view, columns = view_named(name), columns_of(name)
    query = asked_query(view, columns)
    narrowed = narrow(statement, view, query)
    length = getattr(current.viewer, "page_size", None) or view.rows
    window = read_window(narrowed, order_of(view, query), query.bound, length, params)
    return Listing(
        view=view,
        columns=tuple(column for column in columns.values() if column.is_shown),
        rows=tuple(rows_of(window, columns)),
        window=window,
        query=query,
        addresses=Addresses(
            path=request.script_root + request.path,
            query=query,
            default_sort=view.default_sort,
            default_descending=view.default_descending,
        ),
    )


def asked_query(
    view: ListView, columns: Mapping[str, Column], *, strict: bool = False
) -> ListQuery:
    """Return what the running request asks of the list; ``strict``: BadQuery for what is not understood."""
    return read_query(
        columns,
        request.args,
        default_sort=view.default_sort,
        default_descending=view.default_descending,
        strict=strict,
    )


def narrow(statement: Selected, view: ListView, query: ListQuery) -> Selected:
    """Return the statement with the query's words and filters."""
    zone = get_timezone()
    for condition in query.conditions:
        assert condition.column.filter is not None
        statement = statement.where(
            condition.column.filter.condition(
                condition.column.kind, condition.op, condition.value, zone
            )
        )
    if view.search is not None:
        for word in query.words.split()[:8]:
            statement = statement.where(view.search(word))
    return statement


def order_of(view: ListView, query: ListQuery) -> Order:
    """Return the order that the query asks for."""
    assert query.sort.sort is not None
    return Order(sort=query.sort.sort, key=view.key, descending=query.descending)


def rows_of(window: Window, columns: Mapping[str, Column]) -> Iterator[ListRow]:
    """Yield the rows of a window with the values of all columns; columns that load do so once."""
    items = [found.item for found in window.rows]
    loaded = {
        key: column.load(items) if column.load and items else {} for key, column in columns.items()
    }
    for found in window.rows:
        key = found.place.key
        yield ListRow(
            item=found.item,
            key=key,
            values={
                name: column.value_of(found.item, key, loaded[name])
                for name, column in columns.items()
            },
        )
