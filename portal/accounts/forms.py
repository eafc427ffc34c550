"""The forms of accounts; the rules of the values stand in the services."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from wtforms import EmailField, PasswordField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from portal.accounts.choices import PAGE_SIZES, THEMES, languages, time_zones
from portal.accounts.names import (
    LONGEST_PASSWORD,
    LONGEST_REAL_NAME,
    SHORTEST_PASSWORD,
    password_rule,
)
from portal.accounts.registration import Registration
from portal.accounts.services import PersonalSettings
from portal.config import current_settings
from portal.core.errors import Invalid
from portal.web.forms import Form


def _choices(pairs: Iterable[tuple[str, str | LazyString]]) -> list[SelectChoice]:
    return [SelectChoice(value, label) for value, label in pairs]


def _site_zone() -> str:
    return _("As the site: %(zone)s", zone=current_settings().default_timezone)


def _password_help() -> str:
    least = _("At least %(least)d characters.", least=SHORTEST_PASSWORD)
    return f"{least} {password_rule(current_settings().password_kinds)}".strip()


def _present_password(label: LazyString) -> PasswordField:
    return PasswordField(
        label,
        [InputRequired(), Length(max=LONGEST_PASSWORD)],
        render_kw={"autocomplete": "current-password"},
    )


def _new_password(label: LazyString) -> PasswordField:
    return PasswordField(
        label,
        [InputRequired(), Length(max=LONGEST_PASSWORD)],
        render_kw={"autocomplete": "new-password"},
    )


def _user_name(label: LazyString, description: LazyString | str = "") -> StringField:
    return StringField(
        label,
        [InputRequired(), Length(max=254)],
        description=description,
        render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"},
    )


class LoginForm(Form):
    """Who are you, and how do we know?"""

    user_name = _user_name(_l("Login name"))
    password = _present_password(_l("Password"))


class RegistrationForm(Form):
    """Who do you want to be here?"""

    user_name = _user_name(
        _l("Login name"),
        _l("3 to 32 lower-case letters, digits, dots, dashes and underscores. It never changes."),
    )
    real_name = StringField(
        _l("Name"),
        [InputRequired(), Length(max=LONGEST_REAL_NAME)],
        description=_l("The name that others read."),
        render_kw={"autocomplete": "name"},
    )
    email = EmailField(
        _l("E-mail"),
        [InputRequired(), Length(max=254)],
        description=_l("We send you a link there. Other people do not see it."),
        render_kw={"autocomplete": "email"},
    )
    password = _new_password(_l("Password"))
    repetition = _new_password(_l("Password once more"))
    timezone = SelectField(_l("Time zone"), description=_l("Times are shown in this zone."))
    language = SelectField(_l("Language"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.password.description = _password_help()
        self.timezone.choices = _choices(
            [("", _site_zone()), *((name, name) for name in time_zones())]
        )
        self.language.choices = _choices([("", _("As the browser asks")), *languages()])

    def registration(self) -> Registration:
        """Return the values as the services take them; raises ``Invalid`` when the passwords differ."""
        _check_same(self.password.data, self.repetition.data)
        return Registration(
            user_name=(self.user_name.data or "").strip(),
            real_name=self.real_name.data or "",
            email=self.email.data or "",
            password=self.password.data or "",
            timezone=self.timezone.data or None,
            language=self.language.data or None,
        )


class WhoForm(Form):
    """Whose account? For links that are mailed."""

    who = StringField(
        _l("Login name or e-mail"),
        [InputRequired(), Length(max=254)],
        render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"},
    )


class ResetForm(Form):
    """A new password, for somebody who followed a mailed link."""

    new_password = _new_password(_l("New password"))
    repetition = _new_password(_l("New password once more"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.new_password.description = _password_help()

    def check_repetition(self) -> None:
        """Raise ``Invalid`` unless both new passwords are the same."""
        _check_same(self.new_password.data, self.repetition.data)


class AddressForm(Form):
    """Another address; the password shows that it is not somebody at an open screen."""

    id_prefix = "address-"

    email = EmailField(
        _l("New e-mail address"),
        [InputRequired(), Length(max=254)],
        description=_l("We send a link there; your address changes when you follow it."),
        render_kw={"autocomplete": "email"},
    )
    password = _present_password(_l("Present password"))


class DeletionForm(Form):
    """The end of an account, confirmed by the password."""

    password = _present_password(_l("Present password"))


class ConfirmationForm(Form):
    """Is it still you?"""

    password = _present_password(_l("Password"))


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
    page_size = SelectField(_l("Length of lists"), description=_l("How many rows a page shows."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.timezone.choices = _choices(
            [("", _site_zone()), *((name, name) for name in time_zones())]
        )
        self.language.choices = _choices([("", _("As the browser asks")), *languages()])
        sizes = ((str(size), str(size)) for size in PAGE_SIZES)
        self.page_size.choices = _choices([("", _("As the site")), *sizes])

    def settings(self) -> PersonalSettings:
        """Return the values as the services take them."""
        return PersonalSettings(
            real_name=self.real_name.data or "",
            timezone=self.timezone.data or None,
            language=self.language.data or None,
            theme=self.theme.data or "auto",
            page_size=int(self.page_size.data) if self.page_size.data else None,
        )


class PasswordForm(ResetForm):
    """Another password, for somebody who knows the present one."""

    old_password = _present_password(_l("Present password"))
    new_password = _new_password(_l("New password"))
    repetition = _new_password(_l("New password once more"))


def _check_same(password: str | None, repetition: str | None) -> None:
    if password != repetition:
        raise Invalid({"repetition": [_("The two new passwords differ.")]})
