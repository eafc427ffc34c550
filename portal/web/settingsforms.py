"""The automatic form of a plugin's settings, for the site, a group or a person (3.3.6).

Each setting is a field with a word on where its value comes from; what was set here can go back to that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from flask_babel import gettext as _
from wtforms import BooleanField, Field, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import ValidationError
from wtforms.widgets import EmailInput, NumberInput, PasswordInput, URLInput

from portal.core.errors import Conflict, Invalid
from portal.pluginengine.errors import BadValue
from portal.pluginengine.manifest.values import SettingValue
from portal.pluginengine.settings.reading import (
    Declared,
    InForce,
    SettingOwner,
    locked_settings,
    settings_of,
)
from portal.pluginengine.settings.values import parse
from portal.pluginengine.settings.writing import change_settings
from portal.web.forms import Form
from portal.web.settingwords import setting_text, setting_title

_VALUE: Final = "setting_"
_RESET: Final = "reset_"

#: Types that have no empty value: an empty field takes back what was set.
_NEVER_EMPTY: Final = ("integer", "number", "url", "email")


@dataclass(frozen=True, kw_only=True)
class SettingLine:
    """A setting as the page shows it; without a ``field`` the operator has fixed it, to ``text``."""

    title: str
    note: str
    field: Field | None
    reset: Field | None
    text: str
    misfit: bool


class SettingsForm(Form):
    """The settings of a plugin in one place; made by ``settings_form``, which adds the fields."""

    def __init__(self, declared: Declared, owner: SettingOwner | None) -> None:
        self._declared, self._owner = declared, owner
        self._standing = settings_of(declared, owner)
        super().__init__(
            data={_VALUE + each.declaration.name: _shown(each) for each in self._standing}
        )

    def lines(self) -> list[SettingLine]:
        """Return what the page shows, in the order of the manifest."""
        return [self._line(each) for each in self._standing]

    def operator_faults(self) -> Sequence[str]:
        """Return what is wrong with the operator's file."""
        return locked_settings(self._declared).faults

    def save(self) -> bool | None:
        """Store what was sent; False when nothing differs, None when it is refused, errors at the fields."""
        if not self.validate_on_submit():
            return None
        values: dict[str, SettingValue] = {}
        resets: set[str] = set()
        for each in self._standing:
            self._take(each, values, resets)
        try:
            return change_settings(self._declared, self._owner, values, resets)
        except Invalid as refusal:
            known = {each.declaration.name for each in self._standing}
            self.take_errors(
                Invalid(
                    {
                        _VALUE + name if name in known else name: texts
                        for name, texts in refusal.errors.items()
                    }
                )
            )
        except Conflict as conflict:
            self.form_errors.append(str(conflict))
        return None

    def is_reset(self, name: str) -> bool:
        """Tell whether the setting is to go back to what it would be."""
        field = self._fields.get(_RESET + name)
        return field is not None and bool(field.data)

    def _take(self, each: InForce, values: dict[str, SettingValue], resets: set[str]) -> None:
        name = each.declaration.name
        field = self._fields.get(_VALUE + name)
        if field is None:
            return
        sent = field.data
        if self.is_reset(name):
            resets.add(name)
        elif isinstance(sent, bool):
            values[name] = sent
        elif sent or not _empty_means_nothing(each):
            values[name] = parse(each.declaration, sent or "")
        elif each.is_set_here and not each.declaration.secret:
            resets.add(name)

    def _line(self, each: InForce) -> SettingLine:
        name = each.declaration.name
        return SettingLine(
            title=setting_title(each.declaration),
            note=_note(each),
            field=self._fields.get(_VALUE + name),
            reset=self._fields.get(_RESET + name),
            text=setting_text(each.declaration, each.value),
            misfit=each.misfit,
        )


def settings_form(declared: Declared, owner: SettingOwner | None) -> SettingsForm:
    """Return the form with a field for each setting that the owner (None: the site) can set."""
    fields: dict[str, Any] = {}
    for each in settings_of(declared, owner):
        if each.is_locked:
            continue
        name = each.declaration.name
        fields[_VALUE + name] = _field(each)
        if each.is_set_here:
            fields[_RESET + name] = BooleanField(_reset_label(each))
    made: type[SettingsForm] = type("SettingsFormOfPlugin", (SettingsForm,), fields)
    return made(declared, owner)


class _Parses:
    """A validator: the text is a value of the setting, or nothing where nothing means something."""

    def __init__(self, setting: InForce) -> None:
        self._setting = setting

    def __call__(self, form: SettingsForm, field: Field) -> None:
        setting = self._setting
        text = field.data or ""
        if form.is_reset(setting.declaration.name) or (not text and _empty_means_nothing(setting)):
            return
        try:
            parse(setting.declaration, text)
        except BadValue as bad:
            raise ValidationError(bad.rule) from bad


def _empty_means_nothing(setting: InForce) -> bool:
    """Tell whether an empty field says nothing: of a secret, a type without an empty value, a fresh text."""
    declaration = setting.declaration
    if declaration.secret or declaration.type in _NEVER_EMPTY or declaration.choices:
        return True
    return setting.value is None


def _field(setting: InForce) -> Any:
    declaration = setting.declaration
    title, rules = setting_title(declaration), [_Parses(setting)]
    if declaration.type == "boolean":
        return BooleanField(title)
    if declaration.secret:
        widget = PasswordInput(hide_value=True)
        return StringField(title, rules, widget=widget, render_kw={"autocomplete": "new-password"})
    if declaration.choices:
        offered = [SelectChoice(str(value), label) for value, label in declaration.choices]
        if setting.outer is None:
            offered.insert(0, SelectChoice("", _("(nothing)")))
        return SelectField(title, rules, choices=offered)
    if declaration.type == "text":
        return TextAreaField(title, rules, render_kw={"rows": 6})
    widgets = {
        "integer": NumberInput(step=1),
        "number": NumberInput(step="any"),
        "url": URLInput(),
        "email": EmailInput(),
    }
    return StringField(title, rules, widget=widgets.get(declaration.type))


def _shown(setting: InForce) -> object:
    """Return what stands in the field; of a secret nothing."""
    if setting.declaration.secret:
        return ""
    if setting.declaration.type == "boolean":
        return bool(setting.value)
    return "" if setting.value is None else str(setting.value)


def _note(setting: InForce) -> str:
    notes = {
        "default": _("This is the default."),
        "site": _("Set for the site."),
        "group": _("Set for this group."),
        "user": _("Set by you."),
        "operator": _("Fixed by the operator of the site."),
    }
    if not setting.declaration.secret:
        return notes[setting.source]
    state = _("A value is set; it is never shown.") if setting.value is not None else _("Not set.")
    return f"{state} {notes[setting.source]}" if setting.value is not None else state


def _reset_label(setting: InForce) -> str:
    if setting.declaration.secret:
        return _("Clear it")
    value = setting_text(setting.declaration, setting.outer)
    if setting.outer_source == "default":
        return _("Back to the default: %(value)s", value=value)
    return _("Back to what is set for the site: %(value)s", value=value)
