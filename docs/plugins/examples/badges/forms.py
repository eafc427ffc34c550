"""The number on somebody's badge: asked for when they register, and among their settings."""

from wtforms import StringField
from wtforms.validators import InputRequired, Regexp

from portal.pluginapi import FormExtension, Veto
from portal.pluginapi import gettext as _
from portal.pluginapi import lazy_gettext as _l


class Badge(FormExtension):
    """Everybody has a badge; who is still to come may say from when on."""

    extends = "registration", "profile"
    fields = {"starts_at": {"description": _l("Only if you have not begun yet.")}}
    badge = StringField(
        _l("Badge"),
        [
            InputRequired(),
            Regexp(r"[A-Z]-\d{4}\Z", message=_l("A letter, a dash and four digits.")),
        ],
        description=_l("As it is printed below your picture."),
    )

    def check(self, values, owner):
        if values["badge"].startswith("V-"):
            raise Veto(_("This badge is for visitors."), field="badge")
