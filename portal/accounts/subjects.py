"""What one-time tokens call a person, and back."""

from __future__ import annotations

from portal.accounts.models import User
from portal.core.database import db


def token_subject(user: User) -> str:
    """Return the subject of tokens that are about this person."""
    return f"user:{user.user_id}"


def subject_user(subject: str) -> User | None:
    """Return the person a token is about, whatever their status; None when the row is gone."""
    kind, _colon, key = subject.partition(":")
    return db.session.get(User, int(key)) if kind == "user" and key.isdecimal() else None
