"""Canned reasons for rejecting a group, which those who approve share (forge 4.6)."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal.core.audit.recording import Subject, record
from portal.core.database import db
from portal.core.errors import Invalid, NotFound
from portal.core.visibletext import tidy_text, unseen_faults
from portal.groups.actions import REASON_ADD, REASON_REMOVE
from portal.groups.models import RejectionReason
from portal.groups.services import judged_reason

TITLE_LENGTHS = (3, 80)


def saved_reasons() -> Sequence[RejectionReason]:
    """Return the canned reasons by title."""
    return db.session.scalars(select(RejectionReason).order_by(RejectionReason.title)).all()


def find_reason(reason_id: int) -> RejectionReason:
    """Return one of them; raises ``NotFound`` when there is none with that key."""
    found = db.session.get(RejectionReason, reason_id)
    if found is None:
        raise NotFound(_("There is no such text."), _("Somebody may have removed it meanwhile."))
    return found


def save_reason(title: str, text: str) -> RejectionReason:
    """Keep a reason under a title; raises ``Invalid`` at ``title`` or ``reason``."""
    title, text = tidy_text(title), judged_reason(text)
    least, most = TITLE_LENGTHS
    if not least <= len(title) <= most:
        fault = _("A title has %(least)d to %(most)d characters.", least=least, most=most)
        raise Invalid({"title": [fault]})
    faults = unseen_faults(title)
    if faults:
        raise Invalid({"title": faults})
    reason = RejectionReason(title=title, text=text)
    try:
        with db.session.begin_nested():
            db.session.add(reason)
    except IntegrityError:
        fault = _("There is a text with the title %(title)s already.", title=title)
        raise Invalid({"title": [fault]}) from None
    record(REASON_ADD, _subject(reason), new={"text": text})
    return reason


def remove_reason(reason: RejectionReason) -> None:
    """Remove a canned reason; groups that were rejected with it keep theirs."""
    record(REASON_REMOVE, _subject(reason), old={"text": reason.text})
    db.session.delete(reason)
    db.session.flush()


def _subject(reason: RejectionReason) -> Subject:
    return Subject(kind="reason", id=reason.reason_id, name=reason.title)
