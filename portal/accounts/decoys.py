"""The work of a mail for nobody: a visitor cannot tell by the time an answer takes whom the site knows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from portal.core.database import db
from portal.core.tokens import issue_token
from portal.web.mails import compose_for


@dataclass(frozen=True, kw_only=True)
class _Nobody:
    user_name: str = "nobody"
    real_name: str = "Nobody"
    email: str = "nobody@example.org"
    language: str | None = None
    timezone: str | None = None


def compose_decoy(template: str, **context: Any) -> None:
    """Compose a mail with a token as for a person, and take both back."""
    nobody = _Nobody()
    with db.session.begin_nested() as undone:
        token = issue_token("nobody", "nobody", 1)
        compose_for(nobody, template, user=nobody, token=token, **context)
        undone.rollback()
