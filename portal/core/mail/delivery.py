"""Sending what is due: claim a row, send it with no transaction open, write down how it went.

Mail servers give at-least-once (engineering 1C 15): who dies between their "250 OK" and our commit
leaves a mail that is sent again when the claim runs out, under the same Message-ID.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.headerregistry import Address

from sqlalchemy import ColumnElement, and_, or_, select

from portal.core.clock import now
from portal.core.database import db
from portal.core.mail.messages import as_message
from portal.core.mail.models import FAILED, QUEUED, SENT, OutboxMail
from portal.core.mail.outbox import forget_secrets
from portal.core.mail.transports import MailPutOff, MailRefused, Transport, TransportDown
from portal.core.unit_of_work import unit_of_work

logger = logging.getLogger(__name__)

BATCH = 50
#: Longer than the longest conversation with a mail server that our time-outs allow.
CLAIM = timedelta(minutes=10)
BACK_OFF: Sequence[timedelta] = tuple(timedelta(minutes=each) for each in (1, 5, 15, 60))
LONGEST_ERROR = 500


@dataclass(frozen=True, kw_only=True)
class Drained:
    """How a round went: the numbers of mails, and why it ended.

    ``is_down``: nothing gets out just now. ``is_full``: it reached its limit; more may be due.
    """

    sent: int = 0
    put_off: int = 0
    failed: int = 0
    is_down: bool = False
    is_full: bool = False


def drain(transport: Transport, sender: Address, *, limit: int = BATCH) -> Drained:
    """Send the mails that are due, the longest waiting first, ``limit`` of them at most.

    Needs an app context and no transaction: each claim and each outcome is one of its own. Any
    number of workers may do this at once. Stops at the first sign that the transport is down, so
    that a dead mail server costs one time-out a round and not one for every mail.
    """
    states: Counter[str] = Counter()
    is_down = False
    while not is_down and states.total() < limit:
        mail = claim_next()
        if mail is None:
            break
        state, is_down = _attempt(mail, transport, sender)
        states[state] += 1
    return Drained(
        sent=states[SENT],
        put_off=states[QUEUED],
        failed=states[FAILED],
        is_down=is_down,
        is_full=states.total() >= limit,
    )


def _attempt(mail: OutboxMail, transport: Transport, sender: Address) -> tuple[str, bool]:
    """Send a claimed mail; return its state after that, and whether the transport is down."""
    try:
        transport.send(as_message(mail, sender))
    except MailRefused as refusal:
        return _record_failure(mail, str(refusal), for_good=True), False
    except TransportDown as error:
        logger.warning("Mail cannot be sent: %s", error)
        return _record_failure(mail, str(error), for_good=False), True
    except MailPutOff as error:
        return _record_failure(mail, str(error), for_good=False), False
    except Exception as error:
        logger.exception("The mail %s could not be made or sent.", mail.mail_id)
        words = f"{type(error).__name__}: {error}"
        return _record_failure(mail, words, for_good=False), False
    return _record_success(mail), False


def claim_next() -> OutboxMail | None:
    """Take the mail that is due longest, for ten minutes, or return None; commits.

    SQLite has one writer at a time, PostgreSQL steps over rows that another worker has locked: no
    two workers get the same mail.
    """
    with unit_of_work("write"):
        moment = now()
        query = (
            select(OutboxMail)
            .where(is_due(moment))
            .order_by(OutboxMail.next_attempt_at, OutboxMail.mail_id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        mail = db.session.scalars(query).one_or_none()
        if mail is not None:
            mail.claimed_until = moment + CLAIM
            mail.attempts += 1
        return mail


def is_due(moment: datetime) -> ColumnElement[bool]:
    """Return the condition that a mail waits, its time has come and nobody is sending it."""
    return and_(
        OutboxMail.state == QUEUED,
        OutboxMail.next_attempt_at <= moment,
        or_(OutboxMail.claimed_until.is_(None), OutboxMail.claimed_until <= moment),
    )


def _record_success(claimed: OutboxMail) -> str:
    with unit_of_work("write"):
        mail = _locked(claimed)
        if mail is not None:
            mail.state, mail.sent_at = SENT, now()
            mail.claimed_until, mail.last_error = None, ""
            forget_secrets(mail)
    return SENT


def _record_failure(claimed: OutboxMail, error: str, *, for_good: bool) -> str:
    """Put the mail off, or give it up; return its state."""
    with unit_of_work("write"):
        mail = _locked(claimed)
        if mail is None or mail.attempts != claimed.attempts:
            return QUEUED  # the claim ran out meanwhile: another worker has the mail
        moment = now()
        mail.claimed_until, mail.last_error = None, error[:LONGEST_ERROR]
        mail.next_attempt_at = moment + BACK_OFF[min(mail.attempts, len(BACK_OFF)) - 1]
        if for_good or moment >= mail.give_up_at:
            mail.state = FAILED
            logger.error("The mail %s has failed: %s", mail.mail_id, mail.last_error)
        return mail.state


def _locked(claimed: OutboxMail) -> OutboxMail | None:
    query = select(OutboxMail).where(
        OutboxMail.mail_id == claimed.mail_id, OutboxMail.state == QUEUED
    )
    return db.session.scalars(query.with_for_update()).one_or_none()
