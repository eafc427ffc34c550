"""Reads of the outbox, for site admin and for `portal doctor`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from flask_babel import gettext as _
from sqlalchemy import Select, func, select

from portal.core.clock import now
from portal.core.database import db
from portal.core.errors import NotFound
from portal.core.mail.models import QUEUED, STATES, OutboxMail

LATE_AFTER = timedelta(minutes=15)


def mails(state: str = "") -> Select[OutboxMail]:
    """Return a SELECT of the mails in a state, of all for ""; order and limits are the caller's."""
    query = select(OutboxMail)
    return query.where(OutboxMail.state == state) if state else query


def find_mail(mail_id: int) -> OutboxMail:
    """Return the mail; raises ``NotFound``."""
    mail = db.session.get(OutboxMail, mail_id)
    if mail is None:
        raise NotFound(_("There is no such mail."), _("Old mails are removed after thirty days."))
    return mail


def count_by_state() -> Mapping[str, int]:
    """Return the number of mails in each state; one SELECT."""
    query = select(OutboxMail.state, func.count()).group_by(OutboxMail.state)
    found = dict(db.session.execute(query).all())
    return {state: found.get(state, 0) for state in STATES}


def late_mails() -> Select[int]:
    """Return a SELECT of the number of mails that wait longer than they should."""
    return select(func.count(OutboxMail.mail_id)).where(
        OutboxMail.state == QUEUED, OutboxMail.created_at < now() - LATE_AFTER
    )
