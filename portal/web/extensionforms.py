"""Inputs for the fields that plugins add with ``edit: true``, on the core's own forms (3.3.3)."""

from __future__ import annotations

from typing import Any, Final, TypeVar

from flask_babel import gettext as _
from wtforms import BooleanField, Field, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import ValidationError
from wtforms.widgets import NumberInput

from portal.pluginengine.columns import INTEGER_RANGES
from portal.pluginengine.objecttypes.attributes import ExtensionField
from portal.pluginengine.objecttypes.fieldvalues import checked
from portal.web.extensionfields import fields_shown
from portal.web.forms import Form

PREFIX: Final = "field_"
#: What has an input; moments and bytes are written by the plugin itself.
EDITED: Final = frozenset({*INTEGER_RANGES, "float", "double", "boolean", "string", "text"})

FormType = TypeVar("FormType", bound=Form)


def extended_form(form_class: type[FormType], type_name: str, owner: Any, **given: Any) -> FormType:
    """Return a form of that class with an input for each field of ``owner`` that can be edited.

    ``given`` is what the class takes. Its values are stored by ``store_fields``.
    """
    fields = _edited(type_name, owner)
    made = type(form_class.__name__, (form_class,), {PREFIX + f.name: _input(f) for f in fields})
    values = {PREFIX + field.name: _typed(field.value_of(owner)) for field in fields}
    return made(**values, **given)


def store_fields(form: Form, type_name: str, owner: Any) -> tuple[str, str]:
    """Store what a valid form says of the fields; returns what was there and what is now, for the audit log."""
    old, new = [], []
    for field in _edited(type_name, owner):
        sent = form._fields.get(PREFIX + field.name)
        if sent is None:
            continue
        before, value = field.value_of(owner), parsed(field, sent.data)
        if value != before:
            field.write(owner, value)
            old.append(f"{field.label}: {before}")
            new.append(f"{field.label}: {value}")
    return "\n".join(old), "\n".join(new)


def parsed(field: ExtensionField, sent: Any) -> Any:
    """Return what was typed as a value of the field; ValueError says what is wrong with it."""
    column = field.declaration.column
    if isinstance(sent, str) and (column.kind not in ("string", "text") or not sent):
        sent = _read(field, sent.strip())
    return checked(field.declaration, sent)


def _read(field: ExtensionField, text: str) -> Any:
    """Return the value of a text that is none, or no text's."""
    column = field.declaration.column
    if not text:
        return "" if column.kind in ("string", "text") and column.not_null else None
    try:
        return int(text) if column.kind in INTEGER_RANGES else float(text)
    except ValueError:
        raise ValueError(_("A number belongs here.")) from None


def _edited(type_name: str, owner: Any) -> list[ExtensionField]:
    return [
        field
        for field in fields_shown(type_name, owner)
        if field.declaration.edit and field.declaration.column.kind in EDITED
    ]


class _Fits:
    """A validator: what was typed is a value of the field."""

    def __init__(self, field: ExtensionField) -> None:
        self._field = field

    def __call__(self, form: Form, field: Field) -> None:
        try:
            parsed(self._field, field.data)
        except ValueError as fault:
            raise ValidationError(str(fault)) from fault


def _input(field: ExtensionField) -> Any:
    declaration = field.declaration
    column, rules = declaration.column, [_Fits(field)]
    if column.kind == "boolean":
        return BooleanField(field.label)
    if declaration.choices:
        offered = [SelectChoice(each, each) for each in declaration.choices]
        if not column.not_null:
            offered.insert(0, SelectChoice("", _("(nothing)")))
        return SelectField(field.label, rules, choices=offered)
    if column.kind == "text":
        return TextAreaField(field.label, rules)
    if column.kind == "string":
        return StringField(field.label, rules, render_kw={"maxlength": column.size})
    widget = NumberInput(
        step=1 if column.kind in INTEGER_RANGES else "any",
        min=declaration.minimum,
        max=declaration.maximum,
    )
    return StringField(field.label, rules, widget=widget)


def _typed(value: Any) -> Any:
    """Return a value as it stands in its input."""
    return value if isinstance(value, bool) else "" if value is None else str(value)
