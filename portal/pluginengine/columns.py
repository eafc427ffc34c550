"""The column definitions of Movable Type, such as ``string(255) not null``: parsed, never executed.

The grammar is ``TYPE [ '(' digits ')' ] { MODIFIER }``, in any case (M-18, M-19). What a
definition becomes in a database is the business of the object types.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from types import MappingProxyType
from typing import Final, Literal, cast, get_args

from flask_babel import gettext as _

from portal.pluginengine.errors import BadValue

ColumnKind = Literal[
    "string", "integer", "smallint", "bigint", "boolean",
    "datetime", "timestamp", "float", "double", "text", "blob",
]  # fmt: skip
Reference = Literal["groups", "users"]

STRING_SIZE: Final = 255
"""The size of a `string` that gives none, in characters."""
LARGEST_STRING: Final = 4000

INTEGER_RANGES: Final[Mapping[str, tuple[int, int]]] = MappingProxyType(
    {kind: (-(2**bits), 2**bits - 1) for kind, bits in
     (("smallint", 15), ("integer", 31), ("bigint", 63))}
)  # fmt: skip
"""The least and the greatest value of each kind of integer, on both databases."""

_KINDS: Final = frozenset(get_args(ColumnKind))
_FRACTIONAL: Final = frozenset({"float", "double"})
_NOT_FILTERED: Final = frozenset({"blob"})
_NOT_SORTED: Final = frozenset({"text", "blob"})

_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
_HEAD = re.compile(r"\s*([a-z]+)\s*(?:\(\s*([0-9]{1,9})\s*\))?(?=\s|\Z)", re.ASCII | re.IGNORECASE)
_MODIFIER = re.compile(
    r"\s+(?:(?P<flag>not\s+null|auto[_\s]increment|primary\s+key|indexed|noindex|meta|revisioned)"
    r"|default\s+(?:'(?P<quoted>(?:[^']|'')*)'|(?P<number>[+-]?[0-9]{1,40}(?:\.[0-9]{1,40})?))"
    r"|references\s+(?P<target>[a-z_]+))(?=\s|\Z)",
    re.ASCII | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnDefinition:
    """One column as declared; ``text`` is the definition as written.

    ``size`` is in characters and set for `string` only. ``default`` is a str for string and text,
    an int for the integers, a bool for boolean, a Decimal for float and double.
    ``indexed`` and ``noindex`` record the modifier; whether an index is made is decided by use.
    """

    text: str
    kind: ColumnKind
    size: int | None = None
    not_null: bool = False
    primary_key: bool = False
    auto_increment: bool = False
    indexed: bool = False
    noindex: bool = False
    default: str | int | bool | Decimal | None = None
    references: Reference | None = None

    @property
    def is_sortable(self) -> bool:
        """Whether lists can be sorted by it (3.3.2: all but text and blob)."""
        return self.kind not in _NOT_SORTED

    @property
    def is_filterable(self) -> bool:
        """Whether lists can be filtered by it; text by "contains" only."""
        return self.kind not in _NOT_FILTERED


def check_column_name(text: str) -> str:
    """Return ``text`` when it may name a column, else raise BadValue."""
    if not _NAME.fullmatch(text):
        raise BadValue(
            text,
            _(
                "A column is named with 1 to 63 lower-case ASCII letters, digits and underscores"
                " and begins with a letter."
            ),
        )
    return text


def parse_column(text: str) -> ColumnDefinition:
    """Read one definition; raises BadValue that names the first part which breaks a rule (M-19)."""
    head = _HEAD.match(text)
    kind = head[1].lower() if head else ""
    if head is None or kind not in _KINDS:
        raise BadValue(
            text,
            _(
                "A column definition begins with one of %(kinds)s, then its modifiers, for"
                " example string(255) not null.",
                kinds=", ".join(get_args(ColumnKind)),
            ),
        )
    column = ColumnDefinition(
        text=text, kind=cast(ColumnKind, kind), size=_size(text, kind, head[2])
    )
    position = head.end()
    rest = text.rstrip()
    while position < len(rest):
        modifier = _MODIFIER.match(rest, position)
        if modifier is None:
            raise BadValue(
                text,
                _(
                    "Not understood: %(part)s. The modifiers are not null, auto_increment,"
                    " primary key, indexed, noindex, default 'text', default number, references"
                    " groups, references users, meta and revisioned.",
                    part=rest[position:].strip(),
                ),
            )
        column = _modified(column, modifier)
        position = modifier.end()
    return column


def primary_key_of(columns: Mapping[str, ColumnDefinition]) -> str | None:
    """The name of the primary key among ``columns``, None when an `id` is to be added (M-18).

    Raises BadValue when there are several, or when `id` is declared and no key is.
    """
    keys = [name for name, column in columns.items() if column.primary_key]
    if len(keys) > 1:
        raise BadValue(", ".join(keys), _("A type has exactly one primary key."))
    if not keys and "id" in columns:
        raise BadValue(
            columns["id"].text,
            _(
                "The column id is the primary key: add auto_increment or primary key, or leave"
                " it out."
            ),
        )
    return keys[0] if keys else None


def _size(text: str, kind: str, digits: str | None) -> int | None:
    if kind != "string":
        if digits is not None:
            raise BadValue(text, _("Only string has a size."))
        return None
    size = STRING_SIZE if digits is None else int(digits)
    if not 1 <= size <= LARGEST_STRING:
        raise BadValue(
            text, _("The size of a string is 1 to %(limit)s characters.", limit=LARGEST_STRING)
        )
    return size


def _modified(column: ColumnDefinition, modifier: re.Match[str]) -> ColumnDefinition:
    if modifier["flag"]:
        flag = "_".join(modifier["flag"].lower().split())
        return _FLAGS[flag](column)
    if modifier["target"]:
        return _referring(column, modifier["target"].lower())
    if column.default is not None:
        raise BadValue(column.text, _("A column has one default."))
    if modifier["number"]:
        return replace(column, default=_number(column, modifier["number"]))
    return replace(column, default=_quoted(column, modifier["quoted"].replace("''", "'")))


def _auto_increment(column: ColumnDefinition) -> ColumnDefinition:
    if column.kind not in INTEGER_RANGES:
        raise BadValue(column.text, _("Only smallint, integer and bigint count up by themselves."))
    return replace(column, auto_increment=True, primary_key=True)


_FLAGS: Final[Mapping[str, Callable[[ColumnDefinition], ColumnDefinition]]] = MappingProxyType(
    {
        "not_null": lambda column: replace(column, not_null=True),
        "auto_increment": _auto_increment,
        "primary_key": lambda column: replace(column, primary_key=True),
        "indexed": lambda column: replace(column, indexed=True),
        "noindex": lambda column: replace(column, noindex=True),
        # without effect: the original keeps such fields in a narrow table, or their history
        "meta": lambda column: column,
        "revisioned": lambda column: column,
    }
)


def _referring(column: ColumnDefinition, target: str) -> ColumnDefinition:
    if target not in get_args(Reference) or column.kind not in INTEGER_RANGES:
        raise BadValue(column.text, _("Only an integer refers, and only to groups or users."))
    return replace(column, references=cast(Reference, target))


def _number(column: ColumnDefinition, digits: str) -> int | bool | Decimal:
    number = Decimal(digits)
    if column.kind in _FRACTIONAL:
        return number
    least, greatest = INTEGER_RANGES.get(column.kind, (0, 1))
    if column.kind == "boolean" or column.kind in INTEGER_RANGES:
        if "." in digits or not least <= number <= greatest:
            raise BadValue(
                column.text,
                _(
                    "The default of %(kind)s is a whole number from %(least)s to %(greatest)s.",
                    kind=column.kind, least=least, greatest=greatest,
                ),
            )  # fmt: skip
        return bool(number) if column.kind == "boolean" else int(number)
    raise BadValue(
        column.text, _("A column of kind %(kind)s has no number as default.", kind=column.kind)
    )


def _quoted(column: ColumnDefinition, default: str) -> str:
    if column.kind not in ("string", "text"):
        raise BadValue(column.text, _("A default in quotes is for string and text only."))
    if column.size is not None and len(default) > column.size:
        raise BadValue(
            column.text, _("The default is longer than %(size)s characters.", size=column.size)
        )
    return default
