"""The tables ``users``, ``user_plugin``, ``user_sessions`` and ``login_attempts``."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, validates

from portal.core.clock import UtcDateTime, now
from portal.core.database import Model
from portal.core.ordering import folded, ordered_text
from portal.pluginengine.usage import PluginOwner

PENDING, ACTIVE, SUSPENDED, DELETED = "P", "A", "S", "D"


class UserPlugin(Model):
    """A user's explicit choice for one plugin; no row: the policy's default (seed 001)."""

    __tablename__ = "user_plugin"
    __table_args__ = (UniqueConstraint("user_id", "plugin_id"),)

    user_plugin_id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.user_id", ondelete="CASCADE"))
    plugin_id: Mapped[int] = mapped_column(
        ForeignKey("plugins.plugin_id", ondelete="CASCADE"), index=True
    )
    used: Mapped[bool]


class User(Model, PluginOwner):
    """A person with an account. ``user_name`` never changes; status is P, A, S or D (forge 4.0)."""

    __tablename__ = "users"
    __table_args__ = (
        CheckConstraint("status IN ('P', 'A', 'S', 'D')", name="status"),
        Index(None, "real_name_ci", "user_id"),
        Index(None, "status", "user_id"),
        Index(None, "created_at", "user_id"),
        Index(None, "last_login_at", "user_id"),
    )

    plugin_scope = "user"
    plugin_use = UserPlugin
    plugin_owner_key = "user_id"
    plugin_owner_name = "user_name"

    user_id: Mapped[int] = mapped_column(primary_key=True)
    user_name: Mapped[str] = mapped_column(ordered_text(32), unique=True)
    real_name: Mapped[str] = mapped_column(String(80))
    real_name_ci: Mapped[str] = mapped_column(ordered_text(240))
    email: Mapped[str] = mapped_column(String(254))
    #: Folded; behind a space the login name, while the address is not confirmed (``claimed_address``).
    email_ci: Mapped[str] = mapped_column(ordered_text(300), unique=True)
    password_hash: Mapped[str] = mapped_column(String(255), default="")
    status: Mapped[str] = mapped_column(String(1), default=PENDING)
    language: Mapped[str | None] = mapped_column(String(16))
    timezone: Mapped[str | None] = mapped_column(String(64))
    theme: Mapped[str] = mapped_column(String(8), default="auto")
    #: Rows on a page of a list; None: as the site does.
    page_size: Mapped[int | None]
    session_epoch: Mapped[int] = mapped_column(default=1)
    #: When the account became active for the first time; None: never, or before this was kept.
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_login_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now, onupdate=now)

    @validates("real_name")
    def _fold_real_name(self, key: str, real_name: str) -> str:
        """Keep the twin by which lists are ordered."""
        self.real_name_ci = folded(real_name)
        return real_name

    @property
    def is_active(self) -> bool:
        """True when the account may log in."""
        return self.status == ACTIVE

    @property
    def is_authenticated(self) -> bool:
        """True: unlike Flask-Login's anonymous stand-in, this is somebody."""
        return True

    @property
    def is_anonymous(self) -> bool:
        """False, see ``is_authenticated``."""
        return False

    def get_id(self) -> str:
        """Return what a session keeps: the key and the epoch it belongs to (engineering 2p)."""
        return f"{self.user_id}.{self.session_epoch}"


class UserSession(Model):
    """A browser in which somebody is logged in; who has no row here is logged out (forge 4.2)."""

    __tablename__ = "user_sessions"
    __table_args__ = (
        Index(None, "user_id", "last_seen_at"),
        Index(None, "last_seen_at", "session_id"),
        Index(None, "created_at", "session_id"),
    )

    session_id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.user_id", ondelete="CASCADE"))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    #: What the browser said of itself at the log-in, cut.
    user_agent: Mapped[str] = mapped_column(String(255), default="")
    #: The network address that it was used from last.
    address: Mapped[str] = mapped_column(String(64), default="")


class LoginAttempts(Model):
    """Failed attempts of late to prove who one is, counted for one account or one network address.

    ``subject`` is a hash: what is typed as a login name may be somebody's password.
    """

    __tablename__ = "login_attempts"

    subject: Mapped[str] = mapped_column(String(64), primary_key=True)
    failures: Mapped[int]
    began_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


def claimed_address(email: str, user_name: str) -> str:
    """Return what stands in ``email_ci`` while nobody has shown that the address is theirs.

    So an address that somebody else typed keeps nobody from it, and no answer tells whether it is
    known (engineering 1C 13). Addresses have no space, so none is equal to this.
    """
    return f"{email.casefold()} {user_name}"
