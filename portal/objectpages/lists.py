"""The list of each type: columns made of the declared fields, rows of the group or the site (M-21 to M-23)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final, cast

from flask import Flask
from flask_babel import lazy_gettext as _l
from sqlalchemy import (
    ColumnElement,
    bindparam,
    or_,
    select,
)

from portal.core.database import db
from portal.core.ordering import by_code_points
from portal.objectpages.places import Place
from portal.objectpages.plugincode import allowed
from portal.objectpages.references import Joined, joined
from portal.pluginengine.manifest import FieldDeclaration
from portal.pluginengine.objecttypes.pagetypes import PageType, page_types
from portal.web.current import current
from portal.web.extensionfields import comparable, kind_of
from portal.web.lists.columns import KEY, Column, Selected, Sort, sorted_by
from portal.web.lists.filters import Filter
from portal.web.lists.registry import ListView, offer_list

EXTENSION: Final = "portal.objectlists"


@dataclass(frozen=True, kw_only=True, eq=False)
class TypeList:
    """The list of a type: its name among the app's lists, and what its SELECT reads."""

    name: str
    page: PageType
    selected: tuple[ColumnElement[Any], ...]
    references: tuple[Joined, ...]

    def statement(self, place: Place) -> Selected:
        """Return the SELECT of the rows that the viewer may see at a place; groups and people by name along.

        Where the class says ``may_view`` it is asked about every row first.
        """
        table: Any = self.page.table
        for each in self.references:
            table = table.outerjoin(each.target, each.on(current.viewer))
        query = within(place, select(*self.selected).select_from(table))
        if hasattr(self.page.model, "may_view"):
            rows = db.session.scalars(within(place, select(self.page.model))).all()
            keys = [self.page.key_of(row) for row in allowed(place, rows)]
            # written out: a statement takes only so many parameters
            seen: Any = bindparam(None, keys, expanding=True, literal_execute=True)
            query = query.where(self.page.key.in_(seen))
        return cast(Selected, query)


def within(place: Place, query: Any) -> Any:
    """Return a SELECT of a type narrowed to the rows of the place's group (design 9)."""
    column = place.page.group_column
    return query if column is None else query.where(column == place.group.group_id)


def offer_lists(app: Flask) -> None:
    """Offer the list of every type of the app's generation; call it when the plugins are there."""
    made = [_list_of(page) for types in page_types(app).values() for page in types.values()]
    for _own, view in made:
        offer_list(app, view)
    app.extensions[EXTENSION] = {(own.page.handle, own.page.name): own for own, _view in made}


def list_of(app: Flask, page: PageType) -> TypeList:
    """Return the list of a type of the app's generation."""
    lists: dict[tuple[str, str], TypeList] = app.extensions[EXTENSION]
    return lists[page.handle, page.name]


def _list_of(page: PageType) -> tuple[TypeList, ListView]:
    name = f"{page.handle}-{page.name}"  # with a hyphen, as no list of the core's
    reading = _Reading(page)
    columns = tuple(reading.columns())
    sortable = {column.key for column in columns if column.sort is not None}
    view = ListView(
        name=name,
        key=page.key,
        columns=columns,
        default_sort=page.sort if page.sort in sortable else reading.key_name,
        default_descending=page.descending,
        search=_search_of(page),
        search_label=_l("Words in texts"),
        is_narrow=page.group_column is not None,
    )
    own = TypeList(
        name=name,
        page=page,
        selected=tuple(reading.selected),
        references=tuple(reading.references),
    )
    return own, view


def _search_of(page: PageType) -> Callable[[str], ColumnElement[bool]] | None:
    """Return what ``?q=`` looks for: a word in any column of kind string or text."""
    texts = [
        page.table.c[each.name] for each in page.fields if each.column.kind in ("string", "text")
    ]
    if not texts:
        return None
    return lambda word: or_(*(column.icontains(word, autoescape=True) for column in texts))


class _Reading:
    """Makes the columns of one type's list, and notes what its SELECT must read for them."""

    def __init__(self, page: PageType) -> None:
        self._page = page
        self.key_name = page.key.key if KEY.fullmatch(page.key.key) else "row_key"
        # twice: a SELECT of one column would give no rows but values
        self.selected: list[ColumnElement[Any]] = [page.key.label("c0"), page.key.label("c1")]
        self.references: list[Joined] = []

    def columns(self) -> Iterator[Column]:
        """Yield the columns: what names rows first, those of the list, then the rest for CSV and filters."""
        page = self._page
        group = page.group_column.key if page.group_column is not None else ""
        shown = dict.fromkeys([*([page.title] if page.title else []), *page.columns])
        fields = {each.name: each for each in page.fields if each.name != group}
        plain = [
            name for name in shown if name in fields and fields[name].column.references is None
        ]
        linked = next(iter(plain), page.key.key)
        for name in dict.fromkeys([*shown, *fields, page.key.key]):
            is_shown, links = name in shown, name == linked
            if name == page.key.key:
                yield self._key(is_shown=is_shown or links, links=links)
            elif name in fields and KEY.fullmatch(name):
                yield self._column(fields[name], is_shown=is_shown, links=links)

    def _key(self, *, is_shown: bool, links: bool) -> Column:
        return Column(
            key=self.key_name,
            title=_l("Number"),
            kind="number",
            value=lambda item: item[0],
            link=self._link if links else None,
            sort=sorted_by(self._page.key, is_unique=True),
            is_shown=is_shown,
            align="end",
        )

    def _column(self, field: FieldDeclaration, *, is_shown: bool, links: bool) -> Column:
        column = self._page.table.c[field.name]
        if field.column.references is not None:
            return self._reference(field, is_shown=is_shown)
        choices = tuple((each, each) for each in field.choices)
        kind = kind_of(field)
        place = self._select(column)
        return Column(
            key=field.name,
            title=field.label,
            kind=kind,
            value=lambda item: item[place],
            link=self._link if links else None,
            sort=_sort_of(field, column),
            filter=Filter(by=comparable(column), can_be_empty=bool(column.nullable)),
            choices=(lambda: choices) if kind == "choice" else None,
            is_shown=is_shown,
            align="end" if kind == "number" else "start",
        )

    def _reference(self, field: FieldDeclaration, *, is_shown: bool) -> Column:
        reference = joined(self._page.table.c[field.name], field)
        self.references.append(reference)
        text, address = self._select(reference.text), self._select(reference.address)
        return Column(
            key=field.name,
            title=field.label,
            value=lambda item: item[text],
            link=lambda item: reference.url(item[address]),
            sort=sorted_by(reference.order, nullable=True),
            filter=reference.filter,
            is_shown=is_shown,
        )

    def _select(self, column: ColumnElement[Any]) -> int:
        """Let the SELECT read one thing more; returns its place in the row."""
        self.selected.append(column.label(f"c{len(self.selected)}"))
        return len(self.selected) - 1

    def _link(self, item: Any) -> str:
        place = Place(page=self._page, group=current.group)
        return place.url("show", item[0]) if place.has("show") else ""


def _sort_of(field: FieldDeclaration, column: Any) -> Sort | None:
    """Return the order of a column, empty values last; strings alike on both databases."""
    if not field.column.is_sortable:
        return None
    by = by_code_points(column) if field.column.kind == "string" else column
    return sorted_by(by, nullable=bool(column.nullable))
