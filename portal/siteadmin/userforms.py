"""The forms about people in site admin (forge 4.1, 4.13)."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, EmailField, StringField
from wtforms.validators import InputRequired, Length

from portal.accounts.forms import RegistrationForm, ResetForm
from portal.accounts.names import LONGEST_REAL_NAME
from portal.accounts.objecttype import USER
from portal.pluginengine.formextensions import CoreForm
from portal.web.forms import Form

#: Name and address of an account, which plugins may extend (E-21).
ADMINISTRATION = CoreForm(name="user_administration", core=USER)


class NewUserForm(RegistrationForm):
    """An account for somebody else."""

    at_once = BooleanField(
        _l("Activate at once"),
        description=_l(
            "No mail is sent; you vouch for the address, and tell the password yourself."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.email.description = _l("The link that confirms the account is mailed there.")
        for field in (self.user_name, self.real_name, self.email):
            field.render_kw = {**field.render_kw, "autocomplete": "off"}


class UserForm(Form):
    """Name and address of an account."""

    real_name = StringField(_l("Name"), [InputRequired(), Length(max=LONGEST_REAL_NAME)])
    email = EmailField(
        _l("E-mail"),
        [InputRequired(), Length(max=254)],
        description=_l("Counts at once. Links that were mailed before become useless."),
    )


class SetPasswordForm(ResetForm):
    """A password for somebody else."""

    id_prefix = "password-"


class DeleteUserForm(Form):
    """Deletes an account, for somebody who has ticked that they mean it."""

    sure = BooleanField(_l("Yes, delete this account for good"), [InputRequired()])


class MembershipForm(Form):
    """Puts a person into a group."""

    id_prefix = "membership-"

    group = StringField(
        _l("Group"),
        [InputRequired(), Length(max=32)],
        description=_l("Its name in addresses."),
        render_kw={"autocapitalize": "none", "spellcheck": "false"},
    )
    role = StringField(
        _l("Role"),
        [InputRequired(), Length(max=64)],
        description=_l("The name of a role of that group."),
        default="Developer",
    )
