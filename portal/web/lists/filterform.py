"""The filter form of a list and the chips of the filters that are set, as values for the template."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import format_date
from flask_babel import gettext as _

from portal.web.lists.addresses import Addresses
from portal.web.lists.columns import Column
from portal.web.lists.filters import EMPTY
from portal.web.lists.query import FILTER, Condition, ListQuery


@dataclass(frozen=True, kw_only=True)
class FormField:
    """A field of the form: ``kind`` is text, number, date or select (with ``choices``)."""

    name: str
    label: str
    kind: str
    value: str = ""
    choices: Sequence[tuple[str, Any]] = ()


@dataclass(frozen=True, kw_only=True)
class Chip:
    """A filter that is set, in words, and the address of the list without it."""

    text: str
    remove_url: str


def form_fields(columns: Iterable[Column], conditions: Iterable[Condition]) -> list[FormField]:
    """Return a field for the commonest filters of each column: contains, from and to, one choice."""
    given = {each.name: each.text for each in conditions}
    return [
        FormField(
            name=each.name,
            label=each.label,
            kind=each.kind,
            value=given.get(each.name, ""),
            choices=each.choices,
        )
        for column in columns
        if column.filter is not None
        for each in _fields(column)
    ]


def _fields(column: Column) -> Iterator[FormField]:
    name, title = f"{FILTER}{column.key}", str(column.title)
    if column.kind == "text":
        yield FormField(name=f"{name}.contains", label=title, kind="text")
    elif column.kind == "choice":
        choices = [("", _("any")), *(column.choices() if column.choices else ())]
        yield FormField(name=f"{name}.eq", label=title, kind="select", choices=choices)
    elif column.kind == "bool":
        choices = [("", _("any")), ("1", _("yes")), ("0", _("no"))]
        yield FormField(name=f"{name}.eq", label=title, kind="select", choices=choices)
    else:
        least, most = _("%(title)s from", title=title), _("%(title)s to", title=title)
        yield FormField(name=f"{name}.ge", label=least, kind=column.kind)
        yield FormField(name=f"{name}.le", label=most, kind=column.kind)


def chips(query: ListQuery, addresses: Addresses) -> list[Chip]:
    """Return a chip for the words and for each filter that is set."""
    found = [
        Chip(text=_in_words(each), remove_url=addresses.without(each)) for each in query.conditions
    ]
    if query.words:
        text = _("Words: %(words)s", words=query.words)
        found.insert(0, Chip(text=text, remove_url=addresses.without_words()))
    return found


def _in_words(condition: Condition) -> str:
    title = str(condition.column.title)
    if condition.op in EMPTY:
        is_empty = condition.op == "empty"
        return _("%(title)s: none", title=title) if is_empty else _("%(title)s: some", title=title)
    operators = {
        "contains": _("%(title)s contains %(value)s", title=title, value=_value(condition)),
        "eq": _("%(title)s: %(value)s", title=title, value=_value(condition)),
        "ne": _("%(title)s not %(value)s", title=title, value=_value(condition)),
        "lt": _("%(title)s below %(value)s", title=title, value=_value(condition)),
        "le": _("%(title)s to %(value)s", title=title, value=_value(condition)),
        "gt": _("%(title)s above %(value)s", title=title, value=_value(condition)),
        "ge": _("%(title)s from %(value)s", title=title, value=_value(condition)),
    }
    return operators[condition.op]


def _value(condition: Condition) -> str:
    column = condition.column
    if column.kind == "choice" and column.choices is not None:
        return str(dict(column.choices()).get(condition.value, condition.value))
    if column.kind == "bool":
        return _("yes") if condition.value else _("no")
    if column.kind == "date":
        return str(format_date(condition.value, "medium"))
    return condition.text
