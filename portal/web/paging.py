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


def page_of(statement: Select[Any], key: InstrumentedAttribute[str], size: int) -> Page[Any]:
    """Return the page that the request asks for, ``size`` entities in the order of ``key``.

    ``key`` must be unique. The parameters ``after`` and ``before`` of the address carry a key; what
    is not there pages like a key between its neighbours. One SELECT.
    """
    after, before = _asked("after"), _asked("before")
    ordered = statement.order_by(key.desc() if before else key).limit(size + 1)
    if before:
        ordered = ordered.where(key < before)
    elif after:
        ordered = ordered.where(key > after)
    rows = list(db.session.scalars(ordered))
    has_more, rows = len(rows) > size, rows[:size]
    if before:
        rows.reverse()
    return Page(
        items=rows,
        previous_url=_address(before=getattr(rows[0], key.key))
        if rows and (has_more if before else after)
        else "",
        next_url=_address(after=getattr(rows[-1], key.key))
        if rows and (before or has_more)
        else "",
    )


def _asked(name: str) -> str:
    return request.args.get(name, "")[:LONGEST_KEY].replace("\0", "")


def _address(**place: str) -> str:
    kept = {name: value for name, value in request.args.items() if name not in ("after", "before")}
    return url_for(request.endpoint or "", **{**(request.view_args or {}), **kept, **place})
