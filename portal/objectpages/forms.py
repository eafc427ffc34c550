"""The form of a row: an input for each field that its type asks for (3.3.2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flask_babel import gettext as _
from wtforms import Field, HiddenField, StringField
from wtforms.validators import DataRequired, ValidationError

from portal.core.errors import Invalid
from portal.objectpages import references
from portal.objectpages.places import Place
from portal.pluginengine.errors import Veto
from portal.pluginengine.manifest import FieldDeclaration
from portal.web.fieldinputs import EDITED, input_of, parsed, typed
from portal.web.forms import Form

#: Stands before the names of inputs, so that no column is taken for a part of the form, or for ``group_id``.
PREFIX: Final = "field_"


class RowForm(Form):
    """The form without its inputs; ``digest`` says which state of the row was read."""

    digest = HiddenField()

    def take_refusal(self, refusal: Veto | Invalid) -> None:
        """Put what the type's class or the database says against the row at the fields that it names."""
        if isinstance(refusal, Veto):
            refusal = Invalid({refusal.field or "": [str(refusal.message)]})
        if not refusal.errors:
            self.form_errors.append(refusal.message)
        named = {f"{PREFIX}{name}": texts for name, texts in refusal.errors.items()}
        self.take_errors(Invalid(named))


def asked(place: Place) -> list[FieldDeclaration]:
    """Return the fields that the form has inputs for; group, person and moments are set by the host."""
    return [each for each in place.page.edited if each.column.kind in EDITED]


def form_of(place: Place, row: Any = None, digest: str = "") -> RowForm:
    """Return the form of a row, None for a new one, filled with what it holds or with defaults."""
    inputs, values = {}, {"digest": digest}
    for field in asked(place):
        value: Any = field.column.default if row is None else getattr(row, field.name)
        if field.column.references is None:
            inputs[PREFIX + field.name] = input_of(field, field.label, required=_is_required(field))
            values[PREFIX + field.name] = typed(field, value)
        else:
            inputs[PREFIX + field.name] = _name_input(field, value)
            values[PREFIX + field.name] = references.written(field, value)
    made: type[RowForm] = type(RowForm.__name__, (RowForm,), inputs)
    return made(**values)


def values_of(form: RowForm, place: Place, row: Any = None) -> Mapping[str, Any]:
    """Return what a valid form says, by field; the row is the one that it was filled with."""
    found = {}
    for field in asked(place):
        sent = form._fields[PREFIX + field.name].data
        standing = None if row is None else getattr(row, field.name)
        if field.column.references is None:
            found[field.name] = parsed(field, sent, standing)
        else:
            found[field.name] = references.read(field, sent or "", standing)
    return found


def _is_required(field: FieldDeclaration) -> bool:
    """Tell whether a text must not be left empty; other kinds see to it themselves (3.3.2)."""
    column = field.column
    return column.not_null and column.default is None and column.kind in ("string", "text")


def _name_input(field: FieldDeclaration, standing: int | None) -> Any:
    is_person = field.column.references == references.USERS
    is_asked = field.column.not_null and (
        standing is None or bool(references.written(field, standing))
    )
    rules = [*([DataRequired()] if is_asked else []), _Names(field, standing)]
    help_text = _("A login name.") if is_person else _("The name of a group, as in its address.")
    return StringField(field.label, rules, description=help_text, render_kw={"maxlength": 64})


class _Names:
    """A validator: what was typed names somebody, or a group, that the viewer can see."""

    def __init__(self, field: FieldDeclaration, standing: int | None) -> None:
        self._field, self._standing = field, standing

    def __call__(self, form: Form, field: Field) -> None:
        try:
            references.read(self._field, field.data or "", self._standing)
        except ValueError as fault:
            raise ValidationError(str(fault)) from fault
