"""Places in a list, and their form in an address: opaque, and worthless when somebody made it up."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.types import TypeDecorator, TypeEngine

from portal.web.lists.columns import Sort

LONGEST_PLACE = 3000
LARGEST_KEY = 2**31 - 1
LARGEST_WHOLE = 2**63 - 1


@dataclass(frozen=True, kw_only=True)
class Place:
    """A row's place: the part of the order that it stands in, its value there, and its key."""

    part: int
    value: Any
    key: int


def written_place(place: Place) -> str:
    """Return the place as an address carries it."""
    value = place.value
    if isinstance(value, datetime):
        value = value.isoformat()
    elif isinstance(value, Decimal):
        value = str(value)
    text = json.dumps([place.part, value, place.key], ensure_ascii=False, separators=(",", ":"))
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_place(text: str, sort: Sort) -> Place | None:
    """Read a place in that order; None for what is no such place."""
    try:
        if len(text) > LONGEST_PLACE:
            return None
        packed = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
        part, value, key = json.loads(packed.decode())
        if not _is_whole(part, 0, len(sort.parts) - 1) or not _is_whole(key, 0, LARGEST_KEY):
            return None
        return Place(part=part, value=_read_value(value, sort.parts[part].by), key=key)
    except (ValueError, TypeError, InvalidOperation, RecursionError):
        return None


def _read_value(value: Any, by: ColumnElement[Any] | None) -> Any:
    """Return the value in the type of the column; raises ValueError or TypeError when it is not of it."""
    if by is None:
        return None
    kind = _python_type(by.type)
    if kind is datetime:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise ValueError
        return moment
    if kind is Decimal:
        return Decimal(str(value))
    if kind is float and isinstance(value, int | float):
        return float(value)
    if type(value) is not kind:
        raise TypeError
    if isinstance(value, str):
        value.encode()  # a lone surrogate is no text of a database
        if "\0" in value:
            raise ValueError
    if kind is int and not _is_whole(value, -LARGEST_WHOLE, LARGEST_WHOLE):
        raise ValueError
    return value


def _python_type(kind: TypeEngine[Any]) -> type[Any]:
    below = kind.impl_instance if isinstance(kind, TypeDecorator) else kind
    return below.python_type


def _is_whole(value: object, least: int, most: int) -> bool:
    return type(value) is int and least <= value <= most
