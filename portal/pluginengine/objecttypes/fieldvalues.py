"""The values of a field: what is read where nothing is stored, and what may be stored (3.3.3)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

from flask_babel import gettext as _

from portal.pluginengine.columns import INTEGER_RANGES, ColumnDefinition
from portal.pluginengine.manifest import FieldDeclaration

#: What a field that may not be empty and has no default reads as, as in Movable Type.
_NOUGHT: Final[Mapping[str, Any]] = MappingProxyType(
    {"string": "", "text": "", "boolean": False, "blob": b"", "float": 0.0, "double": 0.0}
)


def shown(field: FieldDeclaration, stored: Any) -> Any:
    """Return what a field reads as: the stored value, else its default, else nothing.

    A field that may not be empty reads as nought, an empty text or False.
    """
    if stored is not None:
        return stored
    column = field.column
    if column.default is not None:
        return float(column.default) if isinstance(column.default, Decimal) else column.default
    if not column.not_null:
        return None
    return 0 if column.kind in INTEGER_RANGES else _NOUGHT.get(column.kind)


def checked(field: FieldDeclaration, value: Any) -> Any:
    """Return the value as it is stored; ValueError says, for people, what is wrong with it."""
    column = field.column
    if value is None:
        if column.not_null:
            raise ValueError(_("This may not be empty."))
        return None
    value = _fitting(column, value)
    if field.choices and str(value) not in field.choices:
        raise ValueError(_("One of %(choices)s belongs here.", choices=", ".join(field.choices)))
    size = len(value) if isinstance(value, str | bytes) else value
    if isinstance(size, int | float):
        if field.minimum is not None and size < field.minimum:
            raise ValueError(_("At least %(least)s belongs here.", least=field.minimum))
        if field.maximum is not None and size > field.maximum:
            raise ValueError(_("At most %(most)s belongs here.", most=field.maximum))
    return value


def _fitting(column: ColumnDefinition, value: Any) -> Any:
    """Return the value in the type of the column; ValueError when it is of another."""
    is_number = _is_number(value)
    if column.kind in INTEGER_RANGES:
        least, greatest = INTEGER_RANGES[column.kind]
        if not is_number or value != int(value) or not least <= value <= greatest:
            raise ValueError(_("A whole number belongs here."))
        return int(value)
    if column.kind in ("float", "double") and is_number:
        return float(value)
    if column.kind == "boolean" and isinstance(value, bool):
        return value
    if column.kind in ("datetime", "timestamp") and isinstance(value, datetime) and value.tzinfo:
        return value
    if column.kind == "blob" and isinstance(value, bytes):
        return value
    if column.kind in ("string", "text") and isinstance(value, str):
        if "\0" in value:
            raise ValueError(_("This holds a character that cannot be stored."))
        if column.size is not None and len(value) > column.size:
            raise ValueError(_("At most %(most)d characters belong here.", most=column.size))
        return value
    raise ValueError(_("A value of kind %(kind)s belongs here.", kind=column.kind))


def _is_number(value: Any) -> bool:
    """Tell whether this is a number that stands in an order: no list could be paged by NaN."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return False
    try:
        return math.isfinite(value)
    except (OverflowError, ValueError):  # beyond every float; a signalling NaN
        return False
