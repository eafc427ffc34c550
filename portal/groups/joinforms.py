"""The forms of asking to join a group and of answering; the rules stand in ``access.joining``."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import SelectField, TextAreaField
from wtforms.validators import InputRequired, Length

from portal.access.joining import LONGEST_COMMENT
from portal.access.stockroles import READER
from portal.web.forms import Form

#: Browsers count a line end as one character and send two; what counts is judged by the service.
_ROOM = Length(max=2 * LONGEST_COMMENT)


class JoinForm(Form):
    """Asks to be taken in."""

    comment = TextAreaField(
        _l("Why you want to join"),
        [InputRequired(), _ROOM],
        description=_l("Say in a few words who you are. The group's administrators read it."),
        render_kw={"rows": 5, "maxlength": LONGEST_COMMENT},
    )


class AcceptForm(Form):
    """Takes in who has asked, with a role."""

    id_prefix = "accept-"

    role = SelectField(_l("Role"), default=READER)


class RejectForm(Form):
    """Refuses who has asked."""

    id_prefix = "reject-"

    reason = TextAreaField(
        _l("Reason"),
        [_ROOM],
        description=_l("The person reads it in the mail that tells of the rejection."),
        render_kw={"rows": 3, "maxlength": LONGEST_COMMENT},
    )
