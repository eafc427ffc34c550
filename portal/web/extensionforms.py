"""Inputs for the fields that plugins add with ``edit: true``, on the core's own forms (3.3.3)."""

from __future__ import annotations

from typing import Any, Final, TypeVar

from portal.pluginengine.objecttypes.attributes import ExtensionField
from portal.web.extensionfields import fields_shown
from portal.web.fieldinputs import EDITED, input_of, parsed, typed
from portal.web.forms import Form

PREFIX: Final = "field_"

FormType = TypeVar("FormType", bound=Form)


def extended_form(form_class: type[FormType], type_name: str, owner: Any, **given: Any) -> FormType:
    """Return a form of that class with an input for each field of ``owner`` that can be edited.

    ``given`` is what the class takes. Its values are stored by ``store_fields``.
    """
    fields = _edited(type_name, owner)
    inputs = {PREFIX + each.name: input_of(each.declaration, each.label) for each in fields}
    made = type(form_class.__name__, (form_class,), inputs)
    values = {PREFIX + each.name: typed(each.declaration, each.value_of(owner)) for each in fields}
    return made(**values, **given)


def store_fields(form: Form, type_name: str, owner: Any) -> tuple[str, str]:
    """Store what a valid form says of the fields; returns what was there and what is now, for the audit log."""
    old, new = [], []
    for field in _edited(type_name, owner):
        sent = form._fields.get(PREFIX + field.name)
        if sent is None:
            continue
        before = field.value_of(owner)
        value = parsed(field.declaration, sent.data, before)
        if value != before:
            field.write(owner, value)
            old.append(f"{field.label}: {before}")
            new.append(f"{field.label}: {value}")
    return "\n".join(old), "\n".join(new)


def _edited(type_name: str, owner: Any) -> list[ExtensionField]:
    return [
        field
        for field in fields_shown(type_name, owner)
        if field.declaration.edit and field.declaration.column.kind in EDITED
    ]
