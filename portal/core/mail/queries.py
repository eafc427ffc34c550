"""Reads of the outbox, for site admin and for `portal doctor`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta

from flask_babel import gettext as _
from sqlalchemy import Row, Select, func, select

from portal.core.clock import now
from portal.core.database import db
from portal.core.errors import NotFound
from portal.core.mail.models import QUEUED, STATES, OutboxMail

LATE_AFTER = timedelta(minutes=15)


def find_mail(mail_id: int) -> OutboxMail:
    """Return the mail; raises ``NotFound``."""
    mail = db.session.get(OutboxMail, mail_id)
    if mail is None:
        raise NotFound(_("There is no such mail."), _("Old mails are removed after thirty days."))
    return mail


def count_by_state() -> Mapping[str, int]:
    """Return the number of mails in each state; one SELECT."""
    return all_counts(db.session.execute(counts()).all())


def counts() -> Select[str, int]:
    """Return a SELECT of states and their numbers of mails; see ``all_counts``."""
    return select(OutboxMail.state, func.count()).group_by(OutboxMail.state)


def all_counts(rows: Iterable[Row[str, int]]) -> Mapping[str, int]:
    """Return what ``counts`` found, with 0 for the states in which there is no mail."""
    return {**dict.fromkeys(STATES, 0), **dict(rows)}


def late() -> Select[int]:
    """Return a SELECT of the number of mails that have waited for more than a quarter of an hour."""
    return select(func.count(OutboxMail.mail_id)).where(
        OutboxMail.state == QUEUED, OutboxMail.created_at < now() - LATE_AFTER
    )
