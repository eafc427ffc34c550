"""The core's forms with fields of plugins: those with ``edit: true`` (3.3.3), and form extensions (E-21)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar, cast

from flask import request

from portal.pluginengine.containing import PieceFailed
from portal.pluginengine.engine import current_engine
from portal.pluginengine.formextensions import CoreForm
from portal.pluginengine.objecttypes.attributes import ExtensionField, fields_of
from portal.web.extensionfields import acts_for, fields_shown
from portal.web.fieldinputs import EDITED, input_of, parsed, typed
from portal.web.formadditions import PREFIX, Addition
from portal.web.forms import Form

FormType = TypeVar("FormType", bound=Form)


class _Extended(Form):
    """A form with the fields that can be edited, and what extensions add, judged after all others."""

    edited: Sequence[ExtensionField] = ()
    additions: Sequence[Addition] = ()

    def added(self) -> list[Any]:
        """Return the inputs that plugins add, for pages that draw the form's own one by one."""
        return [each for name, each in self._fields.items() if name.startswith(PREFIX)]

    def validate(self, extra_validators: Any = None) -> bool:
        """Judge all fields, so that every error is told at once."""
        is_valid: bool = super().validate(extra_validators)
        return all([is_valid, *(each.judge(self) for each in self.additions)])


def extended_form(
    form_class: type[FormType], core_form: CoreForm, owner: Any, **given: Any
) -> FormType:
    """Return a form of that class with the fields of plugins behind its own.

    ``owner`` is the group or person that it changes: with an input for each field that can be edited.
    None stands for one that is being registered. ``given`` is what the class takes. The values are stored
    by ``store_fields``.
    """
    posted = given.get("formdata", request.form if request.method == "POST" else None)
    additions = list(_additions(core_form, owner, posted))
    fields = _edited(core_form, owner, additions)
    inputs = {PREFIX + each.name: input_of(each.declaration, each.label) for each in fields}
    values = {PREFIX + each.name: typed(each.declaration, each.value_of(owner)) for each in fields}
    made: Any = type(form_class.__name__, (_Extended, form_class), inputs)
    form = made(**values, **given)
    form.edited, form.additions = fields, additions
    for each in additions:
        each.put_on(form)
    return cast(FormType, form)


def store_fields(form: Form, owner: Any) -> tuple[str, str]:
    """Store what a valid ``extended_form`` says of the fields of a group or person.

    Returns what was there and what is now, for the audit log.
    """
    assert isinstance(form, _Extended), "only extended forms have fields of plugins"
    old, new = [], []
    for field, value in _sent(form, owner):
        before = field.value_of(owner)
        if value != before:
            field.write(owner, value)
            old.append(f"{field.label}: {before}")
            new.append(f"{field.label}: {value}")
    return "\n".join(old), "\n".join(new)


def _sent(form: _Extended, owner: Any) -> Iterator[tuple[ExtensionField, Any]]:
    for field in form.edited:
        sent = form._fields[PREFIX + field.name]
        yield field, parsed(field.declaration, sent.data, field.value_of(owner))
    for each in form.additions:
        yield from ((each.fields[name], value) for name, value in each.values.items())


def _additions(core_form: CoreForm, owner: Any, posted: Any) -> Iterator[Addition]:
    """Yield what the extensions of acting plugins add; one whose code fails is left out."""
    type_name = core_form.core.name
    for plugin in current_engine().plugins.values():
        for extension in plugin.extensions:
            if core_form.name in extension.forms and acts_for(plugin.handle, type_name, owner):
                try:
                    yield Addition(extension, fields_of(type_name), owner, posted)
                except PieceFailed:
                    continue


def _edited(core_form: CoreForm, owner: Any, additions: Sequence[Addition]) -> list[ExtensionField]:
    """Return the fields that have an input without an extension."""
    if owner is None:
        return []
    added = {name for each in additions for name in each.fields}
    shown = fields_shown(core_form.core.name, owner)
    return [each for each in shown if _is_edited(each) and each.name not in added]


def _is_edited(field: ExtensionField) -> bool:
    return bool(field.declaration.edit) and field.declaration.column.kind in EDITED
