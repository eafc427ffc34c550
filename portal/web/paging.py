"""Paging by key, never by OFFSET: a page begins after the last key of the one before (design 8).

The comparison is the database's own, on a unique column, so that both databases page alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from flask import request, url_for
from sqlalchemy import Select
from sqlalchemy.orm import InstrumentedAttribute

from portal.core.database import db

Item = TypeVar("Item")
LONGEST_KEY = 400
#: Keys are 32-bit integers on PostgreSQL.
LARGEST_NUMBER = 2**31 - 1


@dataclass(frozen=True, kw_only=True)
class Page(Generic[Item]):
    """One page of a list; the addresses are empty where there is no such page."""

    items: Sequence[Item]
    previous_url: str = ""
    next_url: str = ""

    @property
    def is_first(self) -> bool:
        """True on the first page."""
        return not self.previous_url


def page_of(
    statement: Select[Any],
    key: InstrumentedAttribute[Any],
    size: int,
    *,
    newest_first: bool = False,
) -> Page[Any]:
    """Return the page that the request asks for, ``size`` entities in the order of ``key``.

    ``key`` must be unique, a text or a whole number; with ``newest_first`` the largest comes first. The
    parameters ``after`` and ``before`` of the address carry a key; what is not there pages like a key
    between its neighbours, and what cannot be one like the first page. One SELECT.
    """
    after, before = _asked("after", key), _asked("before", key)
    is_descending = newest_first != (before is not None)
    ordered = statement.order_by(key.desc() if is_descending else key).limit(size + 1)
    if before is not None or after is not None:
        place = after if before is None else before
        ordered = ordered.where(key < place if is_descending else key > place)
    rows = list(db.session.scalars(ordered))
    has_more, rows = len(rows) > size, rows[:size]
    if before is not None:
        rows.reverse()
    has_previous = has_more if before is not None else after is not None
    has_next = before is not None or has_more
    return Page(
        items=rows,
        previous_url=_address(before=getattr(rows[0], key.key)) if rows and has_previous else "",
        next_url=_address(after=getattr(rows[-1], key.key)) if rows and has_next else "",
    )


def _asked(name: str, key: InstrumentedAttribute[Any]) -> str | int | None:
    """Return the key that the address asks for, None when there is none or it cannot be one."""
    text = request.args.get(name, "")[:LONGEST_KEY].replace("\0", "")
    if key.type.python_type is not int:
        return text or None
    is_number = text.isascii() and text.isdecimal() and int(text) <= LARGEST_NUMBER
    return int(text) if is_number else None


def _address(**place: str | int) -> str:
    kept = {name: value for name, value in request.args.items() if name not in ("after", "before")}
    return url_for(request.endpoint or "", **{**(request.view_args or {}), **kept, **place})
