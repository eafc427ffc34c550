"""Fields that plugins add to groups and people, on pages: columns and filters of lists, facts (M-21)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from babel.numbers import format_decimal
from flask import Flask
from flask_babel import get_locale, get_timezone
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Integer, SmallInteger, select, type_coerce

from portal.pluginengine.engine import current_engine
from portal.pluginengine.manifest import FieldDeclaration
from portal.pluginengine.masking import is_hidden
from portal.pluginengine.objecttypes.attributes import ExtensionField, all_fields, fields_of
from portal.pluginengine.objecttypes.extending import is_sortable
from portal.pluginengine.objecttypes.fieldvalues import shown
from portal.web.i18n import moment_text
from portal.web.lists.columns import Column, sorted_beside
from portal.web.lists.filters import COMPARISONS, Filter, Kind
from portal.web.lists.registry import ListView, add_columns, lists_of

KINDS: Mapping[str, Kind] = {
    "integer": "number",
    "smallint": "number",
    "bigint": "number",
    "float": "number",
    "double": "number",
    "boolean": "bool",
    "datetime": "date",
    "timestamp": "date",
}
#: Numbers below and from here on are written with an exponent, as Python does: Babel cannot, or at length.
_LEAST: Final = 1e-6
_TOO_LARGE: Final = 1e15


@dataclass(frozen=True, kw_only=True)
class Fact:
    """A field of one group or person as its page shows it."""

    label: str
    text: str


def init_app(app: Flask) -> None:
    """Put the fields of the app's generation into its lists; call it when lists and plugins are there."""
    for fields in all_fields(app).values():
        for field in fields.values():
            (key,) = field.core.table.primary_key.columns
            for view in lists_of(app, getattr(field.core.model, key.key)):
                _extend(app, view, field)
    app.jinja_env.globals["extension_facts"] = extension_facts


def extension_facts(type_name: str, owner: Any) -> list[Fact]:
    """Return what the fields of plugins say about a group or person, those without a value left out.

    Only of plugins that it uses, where the plugin leaves that choice. One SELECT for each such plugin.
    """
    told = [
        (field.label, text_of(field.value_of(owner))) for field in fields_shown(type_name, owner)
    ]
    return [Fact(label=label, text=text) for label, text in told if text]


def fields_shown(type_name: str, owner: Any) -> list[ExtensionField]:
    """Return the fields that act for a group or person: of plugins that it uses, where it has that choice."""
    return [
        each for each in fields_of(type_name).values() if acts_for(each.handle, type_name, owner)
    ]


def acts_for(handle: str, type_name: str, owner: Any) -> bool:
    """Tell whether the plugin's fields act for a group or person, None for one that is being registered.

    That one has chosen nothing: what counts is the policy.
    """
    switch = current_engine().activation.switch(handle)
    if is_hidden(handle):
        return False
    if switch is None or type_name not in switch.scopes:
        return True
    return switch.is_on(type_name, None) if owner is None else bool(owner.uses_plugin(handle))


def text_of(value: Any) -> str:
    """Return a value as people read it; nothing for none and for bytes."""
    if value is None or isinstance(value, bytes):
        return ""
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    if isinstance(value, datetime):
        return moment_text(value, "medium")
    return _number(value) if isinstance(value, float) else str(value)


def _number(value: float) -> str:
    """Return a number with all its digits."""
    if value and not _LEAST <= abs(value) < _TOO_LARGE:  # not a number, either
        return str(value)
    return str(format_decimal(value, locale=get_locale(), decimal_quantization=False))


def _extend(app: Flask, view: ListView, field: ExtensionField) -> None:
    """Add the column; named with the plugin's handle in front where the list has one of its name."""
    if field.declaration.column.kind == "blob":
        return
    taken = {column.key for column in view.columns}
    name = f"{field.handle}_{field.name}" if field.name in taken else field.name
    add_columns(app, view.name, [column_of(field, view, name)])


def kind_of(declaration: FieldDeclaration) -> Kind:
    """Return how lists show and filter a declared field."""
    return KINDS.get(declaration.column.kind, "choice" if declaration.choices else "text")


def comparable(column: Any) -> Any:
    """Return a column as filters compare it: a number asked for may be larger than a small integer."""
    return type_coerce(column, Integer) if isinstance(column.type, SmallInteger) else column


def column_of(field: ExtensionField, view: ListView, name: str) -> Column:
    """Return the column of a field for a list: sorted by the side table's index (B5)."""
    key = view.key
    definition = field.declaration.column
    choices = tuple((each, each) for each in field.declaration.choices)
    kind = kind_of(field.declaration)
    return Column(
        key=name[:64],
        title=field.label,
        kind=kind,
        load=_loader(field),
        sort=sorted_beside(field.column, field.owner, key, is_narrow=view.is_narrow)
        if is_sortable(definition)
        else None,
        filter=Filter(where=_condition(field, key, kind), can_be_empty=True),
        is_there=lambda: not is_hidden(field.handle),
        choices=(lambda: choices) if kind == "choice" else None,
        align="end" if kind == "number" else "start",
    )


def _loader(field: ExtensionField) -> Callable[[Sequence[Any]], Mapping[int, Any]]:
    """Return what reads a page's values: the first field of a side table reads those of all its fields."""
    (key,) = field.core.table.primary_key.columns
    model = field.core.model.__name__

    def load(items: Sequence[Any]) -> Mapping[int, Any]:
        owners = [getattr(item, model, item) for item in items]
        return field.values_of([getattr(owner, key.key) for owner in owners])

    return load


def _condition(
    field: ExtensionField, key: Any, kind: Kind
) -> Callable[[str, Any], ColumnElement[bool]]:
    """Return the filter: rows whose key is among those of the side table that meet it (B5)."""
    column = comparable(field.column)
    own, unset = Filter(by=column, can_be_empty=True), shown(field.declaration, None)

    def where(op: str, value: Any) -> ColumnElement[bool]:
        if op == "empty":
            return ~_has("not_empty", value)
        has_value = _has(op, value)
        return has_value | ~_has("not_empty", value) if _meets(unset, op, value) else has_value

    def _has(op: str, value: Any) -> ColumnElement[bool]:
        condition = own.condition(kind, op, value, get_timezone())
        found: ColumnElement[bool] = key.in_(select(field.owner).where(condition))
        return found

    return where


def _meets(unset: Any, op: str, value: Any) -> bool:
    """Tell whether what rows without a value read as meets a filter."""
    if unset is None or op == "empty":
        return False
    if isinstance(unset, str):
        text, wanted = unset.casefold(), str(value).casefold()
        return {"contains": wanted in text, "eq": unset == value}.get(op, unset != value)
    return bool(COMPARISONS[op](unset, value)) if op in COMPARISONS else True
