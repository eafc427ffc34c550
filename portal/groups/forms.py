"""The forms of a group's administration; rules that need the database stand in the services."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length
from wtforms.widgets import CheckboxInput

from portal.access.stockroles import READER
from portal.groups.services import GroupInformation
from portal.web.forms import Form


class InformationForm(Form):
    """What a group tells about itself."""

    full_name = StringField(
        _l("Full name"),
        [InputRequired(), Length(max=80)],
        description=_l("The name that people read, 3 to 40 characters; it can be changed later."),
    )
    description = TextAreaField(
        _l("Description"),
        [InputRequired(), Length(max=1000)],
        description=_l("One or two sentences on what the group is for, 10 to 255 characters."),
    )
    homepage = StringField(
        _l("Home page"),
        [Length(max=255)],
        description=_l("A full address, as in https://example.org/."),
    )
    is_public = BooleanField(
        _l("Everybody may see this group"),
        description=_l("Otherwise it exists for its members only; others get “not found”."),
    )
    accepts_requests = BooleanField(
        _l("People may ask to join"),
        default=True,
        description=_l("Its administrators get a mail for each request, and answer it."),
    )

    def information(self) -> GroupInformation:
        """Return the values as the services take them."""
        return GroupInformation(
            full_name=self.full_name.data or "",
            description=self.description.data or "",
            homepage=self.homepage.data or "",
            is_public=bool(self.is_public.data),
            accepts_requests=bool(self.accepts_requests.data),
        )


class RegistrationForm(InformationForm):
    """Asks for a new group; the purpose is left out where nobody has to judge it."""

    name = StringField(
        _l("Name in addresses"),
        [InputRequired(), Length(max=32)],
        description=_l(
            "3 to 15 lower case letters, digits and dashes, beginning with a letter. It stays forever."
        ),
    )
    purpose = TextAreaField(
        _l("Purpose"),
        [InputRequired(), Length(max=3000)],
        description=_l(
            "Only those who approve groups read this: what you want to do here, and why."
        ),
    )


class AddMemberForm(Form):
    """Takes a person into the group."""

    user_name = StringField(
        _l("User name or e-mail address"),
        [InputRequired(), Length(max=254)],
        render_kw={"autocapitalize": "none", "spellcheck": "false"},
    )
    role = SelectField(_l("Role"), default=READER)


class MemberRolesForm(Form):
    """Gives a member the ticked roles, and no other."""

    role = SelectMultipleField(_l("Roles"), option_widget=CheckboxInput())
