"""The base of every form: Flask-WTF with CSRF, errors from services shown at their fields."""

from __future__ import annotations

from typing import Any

from flask_wtf import FlaskForm

from portal.core.errors import Invalid


class Form(FlaskForm):  # type: ignore[misc]
    """A form with a CSRF token; validates itself when the request posts it.

    `id_prefix` goes before the id of every field, not before its name: a page with several forms
    gives each its own.
    """

    id_prefix = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self if self.id_prefix else ():
            field.id = field.label.field_id = self.id_prefix + field.id

    def take_errors(self, refusal: Invalid) -> None:
        """Put the errors of a service at the fields they name; the rest above the form."""
        for name, texts in refusal.errors.items():
            field = self._fields.get(name)
            if field is None:
                self.form_errors.extend(texts)
            else:
                field.errors = [*field.errors, *texts]


class EmptyForm(Form):
    """A form of a single button: nothing but the CSRF token."""
