"""The tables ``groups``, ``group_plugin`` and ``rejection_reasons``."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.clock import UtcDateTime, now
from portal.core.database import Model
from portal.core.ordering import ordered_text
from portal.pluginengine.usage import PluginOwner

INCOMPLETE, PENDING, ACTIVE, HOLD, DELETED = "I", "P", "A", "H", "D"


class GroupPlugin(Model):
    """A group's explicit choice for one plugin; no row means the policy's default (seed 001, design 6)."""

    __tablename__ = "group_plugin"
    __table_args__ = (UniqueConstraint("group_id", "plugin_id"),)

    group_plugin_id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.group_id", ondelete="CASCADE"))
    plugin_id: Mapped[int] = mapped_column(
        ForeignKey("plugins.plugin_id", ondelete="CASCADE"), index=True
    )
    used: Mapped[bool]


class Group(Model, PluginOwner):
    """A project. ``name`` is its permanent name in addresses, ``full_name`` the one people read.

    States and their allowed moves: forge 4.0. A group that is not active shows to site admins only.
    """

    __tablename__ = "groups"
    __table_args__ = (
        CheckConstraint("status IN ('I', 'P', 'A', 'H', 'D')", name="status"),
        Index(None, "member_count", "group_id"),
        Index(None, "status", "group_id"),
        Index(None, "created_at", "group_id"),
    )

    plugin_scope = "group"
    plugin_use = GroupPlugin
    plugin_owner_key = "group_id"
    plugin_owner_name = "name"
    keeps_history = True

    group_id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(ordered_text(32), unique=True)
    full_name: Mapped[str] = mapped_column(String(80))
    full_name_ci: Mapped[str] = mapped_column(ordered_text(160), unique=True)
    description: Mapped[str] = mapped_column(String(255), default="")
    purpose: Mapped[str] = mapped_column(Text, default="")
    homepage: Mapped[str] = mapped_column(String(255), default="")
    is_public: Mapped[bool] = mapped_column(default=True)
    accepts_requests: Mapped[bool] = mapped_column(default=True)
    status: Mapped[str] = mapped_column(String(1), default=PENDING)
    member_count: Mapped[int] = mapped_column(default=0)
    registered_by: Mapped[int | None] = mapped_column(
        ForeignKey("users.user_id", ondelete="SET NULL"), index=True
    )
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now, onupdate=now)
    approved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def is_active(self) -> bool:
        """True when the group has been approved and is neither held nor deleted."""
        return self.status == ACTIVE


class RejectionReason(Model):
    """A text that those who approve groups send again and again (forge 4.6, canned texts)."""

    __tablename__ = "rejection_reasons"

    reason_id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(ordered_text(80), unique=True)
    text: Mapped[str] = mapped_column(Text)
