"""One-time tokens: the secret in a mailed link, of which the database keeps only a hash.

A token belongs to a purpose ("password", "email") and a subject (whatever the caller calls the one
it is about, as in ``user:12``), works once, and not after its time (forge 4.1 to 4.3).
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import (
    JSON,
    ColumnElement,
    CursorResult,
    Delete,
    Index,
    String,
    and_,
    delete,
    select,
)
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.clock import UtcDateTime, now
from portal.core.database import Model, db

SECRET_BYTES = 32
#: What 32 random bytes look like in a link: 43 characters of the URL-safe alphabet.
_SHAPE = re.compile(r"(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])")


class OneTimeToken(Model):
    """A token that was given out; the row goes when it is used, revoked or long out of date."""

    __tablename__ = "one_time_tokens"
    __table_args__ = (Index(None, "subject", "purpose"),)

    token_id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    purpose: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(String(255))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


@dataclass(frozen=True, kw_only=True)
class TokenGrant:
    """What a good token says: who or what it is about, and what its giver wrote down."""

    subject: str
    payload: Mapping[str, Any]


def issue_token(
    purpose: str,
    subject: str,
    lifetime_seconds: float,
    payload: Mapping[str, Any] | None = None,
) -> str:
    """Return a new token, 43 characters fit for a link; it is kept nowhere.

    ``payload`` holds plain JSON values. Earlier tokens stay good; see ``revoke_tokens``.
    """
    token = secrets.token_urlsafe(SECRET_BYTES)
    moment = now()
    db.session.add(
        OneTimeToken(
            token_hash=_hash(token),
            purpose=purpose,
            subject=subject,
            payload=dict(payload or {}),
            created_at=moment,
            expires_at=moment + timedelta(seconds=lifetime_seconds),
        )
    )
    db.session.flush()
    return token


def peek_token(purpose: str, token: str) -> TokenGrant | None:
    """Return what a token says without using it up, for the page behind the link; None if not good."""
    row = db.session.execute(
        select(OneTimeToken.subject, OneTimeToken.payload).where(_is_good(purpose, token))
    ).one_or_none()
    return TokenGrant(subject=row.subject, payload=row.payload) if row else None


def redeem_token(purpose: str, token: str) -> TokenGrant | None:
    """Use a token up, in the running transaction; None for one that is unknown, used or too late.

    Of two that redeem it at once one gets None. The row is found by the token's hash, so the time
    that takes says nothing about the token.
    """
    row = db.session.execute(
        delete(OneTimeToken)
        .where(_is_good(purpose, token))
        .returning(OneTimeToken.subject, OneTimeToken.payload)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    return TokenGrant(subject=row.subject, payload=row.payload) if row else None


def revoke_tokens(subject: str, purpose: str | None = None) -> int:
    """Make the tokens of a subject useless, all or those of one purpose; return how many."""
    query = delete(OneTimeToken).where(OneTimeToken.subject == subject)
    if purpose is not None:
        query = query.where(OneTimeToken.purpose == purpose)
    return _deleted(query)


def purge_tokens() -> int:
    """Delete the tokens whose time is over; return how many."""
    return _deleted(delete(OneTimeToken).where(OneTimeToken.expires_at <= now()))


def mask_tokens(text: str) -> str:
    """Return the text with everything that looks like a token replaced by dots."""
    return _SHAPE.sub("•••", text)


def _deleted(query: Delete) -> int:
    return cast("CursorResult[Any]", db.session.execute(query)).rowcount


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _is_good(purpose: str, token: str) -> ColumnElement[bool]:
    return and_(
        OneTimeToken.token_hash == _hash(token),
        OneTimeToken.purpose == purpose,
        OneTimeToken.expires_at > now(),
    )
