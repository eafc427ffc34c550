"""What a form extension of a plugin adds to one form of the core: drawn and judged at its own cost (E-21)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final, TypeVar

from flask_wtf import FlaskForm
from markupsafe import Markup
from wtforms import Field
from wtforms.form import BaseForm

from portal.core.errors import Invalid
from portal.pluginengine.containing import PieceFailed, contained
from portal.pluginengine.errors import Veto
from portal.pluginengine.formextensions import AddedField, LoadedExtension
from portal.pluginengine.fragments import FragmentChecker
from portal.pluginengine.health.places import FORM
from portal.pluginengine.objecttypes.attributes import ExtensionField
from portal.pluginengine.objecttypes.fieldvalues import shown
from portal.web.fieldinputs import input_of, local_time, parsed, typed
from portal.web.forms import Form

PREFIX: Final = "field_"

#: What people type stands in inputs, each character in six at most; a request holds two megabytes.
_CHECKER: Final = FragmentChecker(max_bytes=16 * 1024 * 1024)

Result = TypeVar("Result")


class _Meta(FlaskForm.Meta):  # type: ignore[misc]
    """How the core's forms are read and translated; their token guards what is added, too."""

    csrf = False


class AddedInput:
    """An input of a plugin as forms and macros take a field; its code runs in calls that are contained."""

    def __init__(
        self, run: Callable[[Callable[[], Any]], Any], field: Field, mark: str = ""
    ) -> None:
        self._run, self._field, self._mark = run, field, mark
        self.id, self.name, self.type = str(field.id), str(field.name), str(field.type)
        self.label = field.label
        self.label.text = str(field.label.text)
        self.description = str(field.description or "")
        self.flags = field.flags
        self.errors = [str(each) for each in field.errors]
        self.data = field.data

    def __call__(self, **attributes: Any) -> Markup:
        """Return the input's markup; nothing where the plugin's code fails."""
        try:
            drawn: Markup = self._run(lambda: _CHECKER.checked(self._field(**attributes)))
        except PieceFailed:
            return Markup("")
        marker = Markup('<input type="hidden" name="{}" value="1">').format(self._mark)
        return marker + drawn if self._mark else drawn

    def __iter__(self) -> Iterator[AddedInput]:
        """Yield the options of an input that has some, as radio buttons."""
        try:
            options = self._run(lambda: [AddedInput(self._run, each) for each in self._field])
        except PieceFailed:
            options = []
        return iter(options)

    def validate(self, form: Any, extra_validators: Any = ()) -> bool:
        """Let the form pass: ``Addition.judge`` judges, when all other fields have been."""
        return True


class Addition:
    """The inputs of one extension on one form; ``values`` holds what to store, once it was judged.

    ``owner`` is the group or person to be changed, None for one that is being registered. ``posted`` is
    what was sent, None when the form is only drawn. Raises ``PieceFailed`` when the plugin's code fails.
    """

    def __init__(
        self,
        extension: LoadedExtension,
        fields: Mapping[str, ExtensionField],
        owner: Any,
        posted: Any,
    ) -> None:
        self.values: dict[str, Any] = {}
        self.fields = {each.name: fields[each.name] for each in extension.fields}
        self._extension = extension
        self._owner, self._posted = owner, posted
        self._standing: dict[str, Any] = {} if owner is None else self._read()
        self._form: BaseForm = self._run(self._built)
        self._inputs: dict[str, AddedInput] = self._run(self._drawn)

    def put_on(self, form: Form) -> None:
        """Put the inputs behind the other fields of the form."""
        form._fields.update({PREFIX + name: each for name, each in self._inputs.items()})

    def judge(self, form: Form) -> bool:
        """Tell whether what was sent is fit to be stored; errors come to stand at inputs and above the form.

        Where the plugin's code fails, its inputs leave the form, which goes on without them. What was not
        on the page that was sent stays as it is.
        """
        if not self._was_shown():
            return True
        try:
            errors, values = self._run(self._judged)
            if not errors:
                self._run(lambda: self._check(values), Invalid)
        except PieceFailed:
            for name in self._inputs:
                form._fields.pop(PREFIX + name, None)
            return True
        except Invalid as refusal:
            errors = refusal.errors or {"": [refusal.message]}
        self._tell(form, errors)
        self.values = {} if errors else values
        return not errors

    def _run(self, piece: Callable[[], Result], *passing: type[Exception]) -> Result:
        name = f"{self._extension.name}: {', '.join(self._extension.forms)}"
        return contained(self._extension.handle, FORM, name, piece, passing=passing)

    def _read(self) -> dict[str, Any]:
        return {name: field.value_of(self._owner) for name, field in self.fields.items()}

    def _was_shown(self) -> bool:
        """Tell whether the page that was sent had the inputs: it may be older than the plugin."""
        if self._owner is None:
            return True
        names = (self._mark, *(PREFIX + name for name in self.fields))
        return self._posted is not None and any(name in self._posted for name in names)

    @property
    def _mark(self) -> str:
        return f"shown_{self._extension.handle}_{self._extension.name}"

    def _built(self) -> BaseForm:
        inputs = {each.name: self._input(each) for each in self._extension.fields}
        form = BaseForm(inputs, prefix=PREFIX, meta=_Meta())
        for name, field in form._fields.items():
            if not hasattr(BaseForm, name) and name not in vars(
                form
            ):  # data is one of the form's own
                setattr(form, name, field)
        form.process(self._posted if self._was_shown() else None, data=self._shown())
        return form

    def _input(self, added: AddedField) -> Any:
        if added.given is not None:
            return added.given
        field = self.fields[added.name]
        return input_of(
            field.declaration,
            field.label,
            required=added.required,
            description=str(added.description),
        )

    def _shown(self) -> dict[str, Any]:
        """Return what stands in the inputs before anything is typed."""
        found: dict[str, Any] = {}
        for added in self._extension.fields:
            declaration = self.fields[added.name].declaration
            value = self._standing.get(added.name, shown(declaration, None))
            if value is None and self._owner is None:
                continue  # an input's own default, if it has one
            if added.given is None:
                value = typed(declaration, value)
            elif isinstance(value, datetime):
                value = local_time(value)
            found[added.name] = value
        return found

    def _drawn(self) -> dict[str, AddedInput]:
        """Return the inputs for the form, each drawn once: so what cannot be drawn is known in time."""
        found: dict[str, AddedInput] = {}
        for name, field in self._form._fields.items():
            is_marked = self._owner is not None and not found
            _CHECKER.checked(field())
            found[name] = AddedInput(self._run, field, self._mark if is_marked else "")
        return found

    def _judged(self) -> tuple[dict[str, list[str]], dict[str, Any]]:
        """Return what is wrong by field, and the values of what is not."""
        self._form.validate()
        errors: dict[str, list[str]] = {}
        values = {}
        for name, field in self._form._fields.items():
            if field.errors:
                errors[name] = [str(each) for each in field.errors]
                continue
            declaration = self.fields[name].declaration
            try:
                values[name] = parsed(declaration, field.data, self._standing.get(name))
            except ValueError as fault:
                errors[name] = [str(fault)]
        return errors, values

    def _check(self, values: Mapping[str, Any]) -> None:
        try:
            self._extension.extension.check(dict(values), self._owner)
        except Veto as veto:
            raise Invalid({veto.field or "": [str(veto.message)]}) from veto
        except Invalid as refusal:
            texts = {name: [str(each) for each in told] for name, told in refusal.errors.items()}
            raise Invalid(texts) from refusal

    def _tell(self, form: Form, errors: Mapping[str, list[str]]) -> None:
        for name, texts in errors.items():
            if name in self._inputs:
                self._inputs[name].errors = texts
            else:
                form.form_errors.extend(texts)
