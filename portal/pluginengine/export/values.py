"""A value of a table as JSON says it: nothing is rounded, nothing is guessed from how it looks (pure)."""

from __future__ import annotations

import base64
import math
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from types import MappingProxyType
from typing import Final, Literal

Kind = Literal[
    "boolean", "bytes", "date", "datetime", "decimal", "float", "integer", "other", "text", "time"
]
Json = None | bool | int | float | str | dict[str, str]

_MOMENTS: Final[Mapping[str, Callable[[str], date | datetime | time]]] = MappingProxyType(
    {
        "date": date.fromisoformat,
        "datetime": datetime.fromisoformat,
        "time": time.fromisoformat,
    }
)


def as_json(value: object, kind: Kind) -> Json:
    """Return a value of a column of this kind in a form that JSON has.

    Moments are ISO 8601 texts, decimals texts; bytes become ``{"base64": ...}`` and numbers that JSON
    lacks ``{"float": "nan"}``, so that an object is never a plain value. SQLite lets any column hold
    anything: what does not fit its column's kind stays what it is.
    """
    if isinstance(value, bytes | bytearray | memoryview):
        return {"base64": base64.b64encode(value).decode("ascii")}
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return _number(value, kind)
    text = str(value)
    return _moment(text, kind) if kind in _MOMENTS else text


def _number(value: int | float, kind: Kind) -> Json:
    if kind == "boolean" and value in (0, 1):
        return bool(value)
    if kind == "decimal":
        return str(value)
    if not math.isfinite(value):
        return {"float": str(value)}
    return value


def _moment(text: str, kind: Kind) -> str:
    try:
        return _MOMENTS[kind](text).isoformat()
    except ValueError:
        return text  # PostgreSQL's infinity, a plugin's own way to write
