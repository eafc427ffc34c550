"""The forms of accounts; the rules of the values stand in the services."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from wtforms import PasswordField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from portal.accounts.choices import THEMES, languages, time_zones
from portal.accounts.names import LONGEST_PASSWORD, LONGEST_REAL_NAME
from portal.accounts.services import PersonalSettings
from portal.config import current_settings
from portal.core.errors import Invalid
from portal.web.forms import Form


def _choices(pairs: Iterable[tuple[str, str | LazyString]]) -> list[SelectChoice]:
    return [SelectChoice(value, label) for value, label in pairs]


class LoginForm(Form):
    """Who are you, and how do we know?"""

    user_name = StringField(
        _l("Login name"),
        [InputRequired(), Length(max=254)],
        render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"},
    )
    password = PasswordField(
        _l("Password"),
        [InputRequired(), Length(max=LONGEST_PASSWORD)],
        render_kw={"autocomplete": "current-password"},
    )


class SettingsForm(Form):
    """What a person sets for themselves."""

    real_name = StringField(
        _l("Name"),
        [InputRequired(), Length(max=LONGEST_REAL_NAME)],
        description=_l("The name that others read."),
        render_kw={"autocomplete": "name"},
    )
    timezone = SelectField(_l("Time zone"), description=_l("Times are shown in this zone."))
    language = SelectField(_l("Language"))
    theme = SelectField(_l("Appearance"), choices=_choices(THEMES.items()))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        site = current_settings()
        zone = _("As the site: %(zone)s", zone=site.default_timezone)
        self.timezone.choices = _choices([("", zone), *((name, name) for name in time_zones())])
        self.language.choices = _choices([("", _("As the browser asks")), *languages()])

    def settings(self) -> PersonalSettings:
        """Return the values as the services take them."""
        return PersonalSettings(
            real_name=self.real_name.data or "",
            timezone=self.timezone.data or None,
            language=self.language.data or None,
            theme=self.theme.data or "auto",
        )


class PasswordForm(Form):
    """Another password, for somebody who knows the present one."""

    old_password = PasswordField(
        _l("Present password"),
        [InputRequired(), Length(max=LONGEST_PASSWORD)],
        render_kw={"autocomplete": "current-password"},
    )
    new_password = PasswordField(
        _l("New password"),
        [InputRequired(), Length(max=LONGEST_PASSWORD)],
        description=_l("At least 8 characters."),
        render_kw={"autocomplete": "new-password"},
    )
    repetition = PasswordField(
        _l("New password once more"),
        [InputRequired(), Length(max=LONGEST_PASSWORD)],
        render_kw={"autocomplete": "new-password"},
    )

    def check_repetition(self) -> None:
        """Raise ``Invalid`` unless both new passwords are the same."""
        if self.new_password.data != self.repetition.data:
            raise Invalid({"repetition": [_("The two new passwords differ.")]})
