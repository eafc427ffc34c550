"""The plugin's form. ``Form`` brings the CSRF token."""

from wtforms import StringField
from wtforms.validators import DataRequired, Length

from portal.pluginapi import Form
from portal.pluginapi import lazy_gettext as _

from .models import LONGEST_TEXT


class GreetingForm(Form):
    """A greeting to be added."""

    text = StringField(
        _("Your greeting"),
        filters=[lambda text: " ".join(text.replace("\0", "").split()) if text else text],
        validators=[DataRequired(_("Write a few words.")), Length(max=LONGEST_TEXT)],
    )
