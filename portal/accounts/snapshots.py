"""A person's data at one moment, frozen: what plugins get of an account as it was (engineering 2t)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from portal.accounts.models import User


@dataclass(frozen=True, kw_only=True)
class UserSnapshot:
    """What is known of an account, without what is secret; times are aware UTC."""

    user_id: int
    user_name: str
    real_name: str
    email: str
    status: str
    language: str | None
    timezone: str | None
    created_at: datetime


def snapshot(user: User) -> UserSnapshot:
    """Return the account as it is now; later changes of the row leave it alone."""
    return UserSnapshot(
        user_id=user.user_id,
        user_name=user.user_name,
        real_name=user.real_name,
        email=user.email,
        status=user.status,
        language=user.language,
        timezone=user.timezone,
        created_at=user.created_at,
    )
