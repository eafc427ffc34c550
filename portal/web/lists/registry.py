"""The lists of an app by name, and the columns that others add to them while the app is built."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, cast

from flask import Flask, current_app
from flask_babel.speaklater import LazyString
from sqlalchemy import ColumnElement

from portal.web.lists.columns import Column

EXTENSION = "portal.lists"
ROWS_PER_PAGE = 25


@dataclass(frozen=True, kw_only=True, eq=False)
class ListView:
    """A list that pages show: its columns, the unique whole-number key of its rows, and its own order.

    ``search`` makes a condition of one word (``?q=``; every word must be met), ``search_label`` says
    what is searched. ``rows`` is the number of rows on a page. ``is_narrow`` says that the list's SELECT
    leaves few of the rows of its table, as that of one group's members does.
    """

    name: str
    key: Any
    columns: tuple[Column, ...]
    default_sort: str
    default_descending: bool = False
    search: Callable[[str], ColumnElement[bool]] | None = None
    search_label: str | LazyString = ""
    rows: int = ROWS_PER_PAGE
    is_narrow: bool = False


@dataclass
class Offered:
    """The lists of an app, and what was added to each."""

    views: dict[str, ListView] = field(default_factory=dict)
    added: dict[str, list[Column]] = field(default_factory=dict)


def offer_list(app: Flask, view: ListView) -> None:
    """Let the app know a list; ValueError when two lists or two of its columns have the same name."""
    offered = _offered(app)
    if view.name in offered.views:
        raise ValueError(f"There is a list {view.name!r} already; choose another name.")
    offered.views[view.name] = view
    _check_keys(view.name, _columns(offered, view.name))


def add_columns(app: Flask, name: str, columns: Iterable[Column]) -> None:
    """Put columns behind those of the list of that name, only while the app is built.

    ValueError when the list has a column of the same key. The list may be offered later.
    """
    offered = _offered(app)
    offered.added.setdefault(name, []).extend(columns)
    _check_keys(name, _columns(offered, name))


def lists_of(app: Flask, key: object) -> list[ListView]:
    """Return the lists whose rows have this key: those of groups for ``Group.group_id``."""
    return [view for view in _offered(app).views.values() if view.key is key]


def view_named(name: str) -> ListView:
    """Return the running app's list of that name; KeyError when it has none."""
    return _offered(current_app).views[name]


def columns_of(name: str) -> dict[str, Column]:
    """Return the columns of the running app's list by key, in order: its own, then the added ones."""
    columns = _columns(_offered(current_app), name)
    return {column.key: column for column in columns if column.is_there()}


def _columns(offered: Offered, name: str) -> list[Column]:
    view = offered.views.get(name)
    return [*(view.columns if view else ()), *offered.added.get(name, ())]


def _check_keys(name: str, columns: list[Column]) -> None:
    keys = [column.key for column in columns]
    twice = sorted({key for key in keys if keys.count(key) > 1})
    if twice:
        raise ValueError(f"The list {name!r} would have two columns {', '.join(twice)}.")


def _offered(app: Flask) -> Offered:
    return cast(Offered, app.extensions.setdefault(EXTENSION, Offered()))
