"""The forms about groups in site admin: rejecting one, deleting one (forge 4.6, 4.8)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from portal.groups.models import Group, RejectionReason
from portal.web.forms import Form


class RejectForm(Form):
    """Says why a group is rejected: by a canned text, words of one's own, or both."""

    canned = SelectField(_l("Canned text"), default="")
    reason = TextAreaField(
        _l("Your own words"),
        [Length(max=3000)],
        description=_l("The person who registered the group reads them, below the canned text."),
    )
    is_kept = BooleanField(_l("Keep my words as a canned text"))
    title = StringField(_l("Title of the canned text"), [Length(max=80)])

    def __init__(self, group: Group, reasons: Sequence[RejectionReason], **options: Any) -> None:
        self.id_prefix = f"reject-{group.group_id}-"
        super().__init__(**options)
        self._texts = {str(each.reason_id): each.text for each in reasons}
        self.canned.choices = [
            ("", _("None")),
            *((str(each.reason_id), each.title) for each in reasons),
        ]

    def text(self) -> str:
        """Return the reason as the founder gets it."""
        parts = (self._texts.get(self.canned.data or "", ""), (self.reason.data or "").strip())
        return "\n\n".join(part for part in parts if part)


class DeleteGroupForm(Form):
    """Three boxes, all to be ticked, before a group is deleted (forge 4.8)."""

    closes = BooleanField(
        _l("Its pages close at once, for its members too"),
        [InputRequired(_l("Tick this box, too."))],
    )
    goes = BooleanField(
        _l("When the days to restore it are over, everything in it is gone for good"),
        [InputRequired(_l("Tick this box, too."))],
    )
    sure = BooleanField(_l("I am sure"), [InputRequired(_l("Tick this box, too."))])
