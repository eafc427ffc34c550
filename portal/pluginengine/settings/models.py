"""The table of plugin settings (3.3.6): one row for each value that somebody has set."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.database import Model

#: The key that stands for the site itself, so that uniqueness holds without NULL (engineering 2 (bb)).
SITE = 0


class SettingRow(Model):
    """A setting of a plugin as it was set for the site, a group or a person; ``value`` is JSON.

    ``scope_id`` is the owner's key, opaque to the engine; whoever deletes an owner calls
    ``forget_owner``. Without a row, what lies further out is in force.
    """

    __tablename__ = "engine_plugin_settings"
    __table_args__ = (
        UniqueConstraint(
            "plugin_id", "scope", "scope_id", "name", name="uq_engine_plugin_settings_place"
        ),
        CheckConstraint("scope IN ('site', 'group', 'user')", name="scope"),
        Index("ix_engine_plugin_settings_owner", "scope", "scope_id"),
    )

    setting_id: Mapped[int] = mapped_column(primary_key=True)
    plugin_id: Mapped[int] = mapped_column(ForeignKey("plugins.plugin_id", ondelete="CASCADE"))
    scope: Mapped[str] = mapped_column(String(8))
    scope_id: Mapped[int] = mapped_column(default=SITE)
    name: Mapped[str] = mapped_column(String(64))
    value: Mapped[str] = mapped_column(Text)
