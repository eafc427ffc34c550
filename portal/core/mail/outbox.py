"""The outbox: takes mails in, and lets a site admin send one again or withdraw it.

Everything here happens in the running unit of work: what rolls back was never written.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, cast

from flask import Flask, current_app
from flask_babel import gettext as _
from sqlalchemy import CursorResult, delete, select

from portal.core.audit.actions import Action
from portal.core.audit.recording import Subject, record
from portal.core.clock import now
from portal.core.database import db
from portal.core.errors import Conflict, NotFound
from portal.core.mail.actions import MAIL_DISCARD, MAIL_RETRY
from portal.core.mail.messages import Mail
from portal.core.mail.models import DISCARDED, FAILED, QUEUED, SENT, OutboxMail
from portal.core.tokens import mask_tokens
from portal.core.unit_of_work import after_commit, current_unit

EXTENSION = "portal.mail"
GIVE_UP_AFTER = timedelta(days=2)
KEPT_FOR = timedelta(days=30)


def when_queued(app: Flask, call: Callable[[], object]) -> None:
    """Have ``call`` run after each commit that put a mail into the outbox of ``app``."""
    app.extensions[EXTENSION] = call


def queue_mail(mail: Mail, *, domain: str) -> OutboxMail:
    """Write a mail into the running unit of work; it is sent once that has committed.

    ``domain`` is the right side of its Message-ID.
    """
    moment = now()
    row = OutboxMail(
        message_id=f"<{uuid.uuid4().hex}@{domain}>",
        kind=mail.kind,
        recipient=mail.recipient,
        language=mail.language,
        subject=mail.subject,
        text=mail.text,
        html=mail.html,
        created_at=moment,
        next_attempt_at=moment,
        give_up_at=moment + GIVE_UP_AFTER,
    )
    db.session.add(row)
    db.session.flush()
    _tell()
    return row


def retry_mail(mail_id: int) -> OutboxMail:
    """Let a waiting or failed mail be tried at once, and for two days more.

    Raises ``NotFound`` for an unknown one, ``Conflict`` for one that is out, withdrawn or in hand.
    """
    mail = _unclaimed(mail_id)
    _requeue(mail, now())
    _tell()
    return mail


def retry_failed() -> int:
    """Let every failed mail be tried again, as after a fault of the site's own; return how many."""
    failed = db.session.scalars(select(OutboxMail).where(OutboxMail.state == FAILED)).all()
    moment = now()
    for mail in failed:
        _requeue(mail, moment)
    if failed:
        _tell()
    return len(failed)


def discard_mail(mail_id: int) -> OutboxMail:
    """Withdraw a waiting or failed mail; raises like ``retry_mail``."""
    mail = _unclaimed(mail_id)
    old, mail.state = mail.state, DISCARDED
    forget_secrets(mail)
    _record(MAIL_DISCARD, mail, old)
    return mail


def purge_mail() -> int:
    """Delete what was sent or withdrawn more than thirty days ago; return how many rows."""
    old = delete(OutboxMail).where(
        OutboxMail.state.in_((SENT, DISCARDED)), OutboxMail.created_at < now() - KEPT_FOR
    )
    return cast("CursorResult[Any]", db.session.execute(old)).rowcount


def forget_secrets(mail: OutboxMail) -> None:
    """Take the one-time tokens out of a mail that is done with: the row outlives their use."""
    mail.text, mail.html = mask_tokens(mail.text), mask_tokens(mail.html)


def _unclaimed(mail_id: int) -> OutboxMail:
    """Return a mail that may still be changed, locked against the workers."""
    query = select(OutboxMail).where(OutboxMail.mail_id == mail_id).with_for_update()
    mail = db.session.scalars(query).one_or_none()
    if mail is None:
        raise NotFound(_("There is no such mail."))
    if mail.state not in (QUEUED, FAILED):
        raise Conflict(_("This mail has been sent or discarded already."))
    if mail.is_claimed:
        raise Conflict(_("This mail is being sent just now."), _("Look again in a minute."))
    return mail


def _requeue(mail: OutboxMail, moment: datetime) -> None:
    old, mail.state = mail.state, QUEUED
    mail.claimed_until = None
    mail.next_attempt_at = moment
    mail.give_up_at = moment + GIVE_UP_AFTER
    _record(MAIL_RETRY, mail, old)


def _record(action: Action, mail: OutboxMail, old: str) -> None:
    """Write it into the audit log, under the mail's occasion; flushes."""
    subject = Subject(kind="mail", id=mail.mail_id, name=mail.kind)
    record(action, subject, old={"state": old}, new={"state": mail.state})


def _tell() -> None:
    """Have the worker told after the commit, once however many mails there are."""
    call = current_app.extensions.get(EXTENSION)
    if call is not None and call not in current_unit().waiting:
        after_commit(call)
