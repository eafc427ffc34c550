"""The rows of sessions: a log-in opens one, use keeps it, a log-out or a click elsewhere ends it.

The cookie carries a random token of which the row keeps a hash; a request whose row is gone or out of
date is nobody's, wherever its cookie was copied to. Services: the caller's unit of work writes.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, cast

from flask_babel import gettext as _
from sqlalchemy import CursorResult, Delete, delete, select, update

from portal.accounts.actions import USER_SESSIONS, person
from portal.accounts.browsers import browser_of
from portal.accounts.models import User, UserSession
from portal.config import current_settings
from portal.core.audit.recording import record
from portal.core.audit.values import cut
from portal.core.clock import now
from portal.core.database import db
from portal.core.errors import NotFound

TOKEN_BYTES: Final = 32
#: That a session is in use is written down no more often (design 8: reading costs no write).
SEEN_EVERY: Final = timedelta(minutes=5)
#: Whoever logs in more often without logging out loses the sessions not used for longest.
MOST_SESSIONS: Final = 100


@dataclass(frozen=True, kw_only=True)
class Visit:
    """From where somebody comes: what the browser says of itself, and the network address."""

    user_agent: str = ""
    address: str = ""


def token_hash(token: str) -> str:
    """Return what the database keeps of a session's token."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def open_session(user: User, visit: Visit) -> str:
    """Store a new session of the person; return its token, which is kept nowhere."""
    token, moment = secrets.token_urlsafe(TOKEN_BYTES), now()
    db.session.add(
        UserSession(
            user_id=user.user_id,
            token_hash=token_hash(token),
            created_at=moment,
            last_seen_at=moment,
            expires_at=moment + lifetime(),
            user_agent=cut(visit.user_agent, 255),
            address=cut(visit.address, 64),
        )
    )
    db.session.flush()
    db.session.execute(
        update(User)
        .where(User.user_id == user.user_id)
        .values(last_login_at=moment, updated_at=User.updated_at)  # the account has not changed
        .execution_options(synchronize_session=False)
    )
    newest = (
        select(UserSession.session_id)
        .where(UserSession.user_id == user.user_id)
        .order_by(UserSession.last_seen_at.desc(), UserSession.session_id.desc())
        .limit(MOST_SESSIONS)
    )
    _run(_of(user.user_id).where(UserSession.session_id.not_in(newest)))
    return token


def lifetime() -> timedelta:
    """Return how long a session lasts that nobody uses."""
    return timedelta(hours=current_settings().session_hours)


def keep_session(session_id: int, address: str, moment: datetime) -> None:
    """Note that the session was in use at ``moment``, from ``address``; it lasts anew from then on."""
    db.session.execute(
        update(UserSession)
        .where(
            UserSession.session_id == session_id, UserSession.last_seen_at <= moment - SEEN_EVERY
        )
        .values(last_seen_at=moment, expires_at=moment + lifetime(), address=cut(address, 64))
    )


def close_session(session_id: int) -> None:
    """End a session by logging out; nothing happens when it has ended already."""
    _run(delete(UserSession).where(UserSession.session_id == session_id))


def close_sessions(user: User) -> int:
    """End every session of the person; return how many. For changes of the account, which are recorded."""
    return _run(_of(user.user_id))


def sessions_of(user: User) -> Sequence[UserSession]:
    """Return the person's sessions that are good, the one in use last first; at most ``MOST_SESSIONS``."""
    return db.session.scalars(
        select(UserSession)
        .where(UserSession.user_id == user.user_id, UserSession.expires_at > now())
        .order_by(UserSession.last_seen_at.desc(), UserSession.session_id.desc())
        .limit(MOST_SESSIONS)
    ).all()


def find_session(session_id: int, user: User | None = None) -> UserSession:
    """Return the session with that key, only if it is ``user``'s when one is given; else ``NotFound``."""
    found = db.session.get(UserSession, session_id)
    if found is None or (user is not None and found.user_id != user.user_id):
        raise NotFound(_("There is no such session."), _("It may have ended already."))
    return found


def revoke_session(found: UserSession, user: User) -> None:
    """End one session of ``user``, of whatever browser."""
    old = {"browser": browser_of(found.user_agent), "address": found.address}
    db.session.delete(found)
    db.session.flush()
    record(USER_SESSIONS, person(user), old=old)


def revoke_sessions(user: User, *, but: int | None = None) -> int:
    """End the sessions of ``user``, all of them or all but the one with that key; return how many."""
    query = _of(user.user_id)
    count = _run(query if but is None else query.where(UserSession.session_id != but))
    if count:
        record(USER_SESSIONS, person(user), old={"ended": count})
    return count


def purge_sessions() -> int:
    """Delete the sessions whose time is over; return how many."""
    return _run(delete(UserSession).where(UserSession.expires_at <= now()))


def _of(user_id: int) -> Delete:
    return delete(UserSession).where(UserSession.user_id == user_id)


def _run(query: Delete) -> int:
    return cast("CursorResult[Any]", db.session.execute(query)).rowcount
