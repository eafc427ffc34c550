"""Log-in is slowed down by account and by network address, the same in all workers (engineering A12).

Counters are rows, moved in short transactions of their own; so they outlive swaps, and a request that
is rolled back has still been counted. Names that no account has are counted like others.
"""

from __future__ import annotations

import hashlib
import math
from datetime import datetime, timedelta
from typing import Any, Final, cast

from flask import request
from sqlalchemy import CursorResult, case, delete, update
from sqlalchemy.dialects import postgresql, sqlite
from werkzeug.exceptions import TooManyRequests

from portal.accounts.models import LoginAttempts
from portal.core.clock import now
from portal.core.database import db
from portal.core.unit_of_work import unit_of_work

WINDOW: Final = timedelta(minutes=15)
#: Failures in a window after which an account, or an address, has to wait for its end.
MOST_OF_ACCOUNT: Final = 10
MOST_OF_ADDRESS: Final = 50
#: Mails that one address may ask for in a window, by registering, resending and lost passwords.
MOST_MAILS: Final = 20


def count_attempt(user_name: str) -> None:
    """Count an attempt to log in before it is judged; raises TooManyRequests, with the seconds to wait.

    Not for writing units of work: it opens one of its own, which SQLite would keep waiting.
    """
    _count({_account(user_name): MOST_OF_ACCOUNT, _address("login"): MOST_OF_ADDRESS})


def count_mail() -> None:
    """Count a mail that a visitor asks for; raises like ``count_attempt``."""
    _count({_address("mail"): MOST_MAILS})


def forgive(user_name: str) -> None:
    """After a success: the account begins anew, and the address has not failed this time."""
    with unit_of_work():
        db.session.execute(delete(LoginAttempts).where(_is(_account(user_name))))
        db.session.execute(
            update(LoginAttempts)
            .where(_is(_address("login")), LoginAttempts.failures > 0)
            .values(failures=LoginAttempts.failures - 1)
        )


def purge_attempts() -> int:
    """Delete the counters whose window is over; return how many."""
    old = delete(LoginAttempts).where(LoginAttempts.began_at <= now() - WINDOW)
    return cast("CursorResult[Any]", db.session.execute(old)).rowcount


def _count(most: dict[str, int]) -> None:
    moment = now()
    waits = []
    with unit_of_work():
        for subject in sorted(most):  # one order for all, so that no two wait for each other
            failures, began_at = _add(subject, moment)
            if failures > most[subject]:
                waits.append(began_at + WINDOW - moment)
    if waits:
        raise TooManyRequests(retry_after=math.ceil(max(waits).total_seconds()))


def _add(subject: str, moment: datetime) -> tuple[int, datetime]:
    """Add one to a counter, or begin a window; return its number and when it began."""
    dialect = postgresql if db.session.get_bind().dialect.name == "postgresql" else sqlite
    is_over = LoginAttempts.began_at <= moment - WINDOW
    statement = (
        dialect.insert(LoginAttempts)
        .values(subject=subject, failures=1, began_at=moment)
        .on_conflict_do_update(
            index_elements=[LoginAttempts.subject],
            set_={
                "failures": case((is_over, 1), else_=LoginAttempts.failures + 1),
                "began_at": case((is_over, moment), else_=LoginAttempts.began_at),
            },
        )
        .returning(LoginAttempts.failures, LoginAttempts.began_at)
    )
    failures, began_at = db.session.execute(statement).one()
    return failures, began_at


def _account(user_name: str) -> str:
    return _hash("account", user_name.strip().lower())


def _address(what: str) -> str:
    return _hash(what, request.remote_addr or "")


def _hash(kind: str, text: str) -> str:
    return hashlib.sha256(f"{kind} {text}".encode("utf-8", "replace")).hexdigest()


def _is(subject: str) -> Any:
    return LoginAttempts.subject == subject
