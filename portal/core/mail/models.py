"""The table ``outbox_mail``: every mail from the moment it is composed, and what became of it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.clock import UtcDateTime, now
from portal.core.database import Model

QUEUED, SENT, FAILED, DISCARDED = STATES = ("queued", "sent", "failed", "discarded")


class OutboxMail(Model):
    """One mail to one person.

    ``queued`` waits for ``next_attempt_at``, ``sent`` has been taken by the mail server, ``failed`` was
    refused for good or not taken before ``give_up_at``, ``discarded`` was withdrawn by a site admin.
    While ``claimed_until`` lies ahead a worker is sending it; ``attempts`` counts the claims.
    """

    __tablename__ = "outbox_mail"
    __table_args__ = (
        CheckConstraint("state IN ('queued', 'sent', 'failed', 'discarded')", name="state"),
        Index(None, "state", "next_attempt_at"),
        Index(None, "state", "mail_id"),
    )

    mail_id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[str] = mapped_column(String(255), unique=True)
    kind: Mapped[str] = mapped_column(String(64))
    recipient: Mapped[str] = mapped_column(String(254))
    language: Mapped[str] = mapped_column(String(16))
    subject: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[str] = mapped_column(String(16), default=QUEUED)
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    next_attempt_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    claimed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    give_up_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def is_claimed(self) -> bool:
        """True while a worker is sending it."""
        return self.claimed_until is not None and self.claimed_until > now()
