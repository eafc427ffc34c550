"""The table ``audit_log``. Nothing in the portal changes or deletes its rows (forge 4.8, 4.13)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, event, text
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapped, Mapper, mapped_column

from portal.core.clock import UtcDateTime, now
from portal.core.database import Model
from portal.core.ordering import ordered_text


class AuditEntry(Model):
    """Something that happened. Names stand beside the keys, so that an entry outlives what it tells of.

    ``old_values`` and ``new_values`` hold the changed fields only. ``group_id`` says in which group's
    history the entry stands, ``user_id`` in which person's.
    """

    __tablename__ = "audit_log"
    __table_args__ = (
        Index(None, "happened_at", "audit_id"),
        Index(None, "group_id", "happened_at", "audit_id"),
        Index(None, "actor_name", "happened_at", "audit_id"),
        Index(None, "user_id", "happened_at", "audit_id"),
        Index(None, "object_kind", "object_name", "happened_at", "audit_id"),
    )

    audit_id: Mapped[int] = mapped_column(primary_key=True)
    happened_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    actor_id: Mapped[int | None] = mapped_column(
        ForeignKey("users.user_id", ondelete="SET NULL"), index=True
    )
    actor_name: Mapped[str] = mapped_column(ordered_text(32), default="")
    action: Mapped[str] = mapped_column(ordered_text(64))
    object_kind: Mapped[str] = mapped_column(ordered_text(32))
    object_id: Mapped[int | None]
    object_name: Mapped[str] = mapped_column(ordered_text(255), default="")
    group_id: Mapped[int | None] = mapped_column(ForeignKey("groups.group_id", ondelete="SET NULL"))
    group_name: Mapped[str] = mapped_column(ordered_text(32), default="")
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.user_id", ondelete="SET NULL"))
    user_name: Mapped[str] = mapped_column(ordered_text(32), default="", server_default=text("''"))
    old_values: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    new_values: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    address: Mapped[str] = mapped_column(String(64), default="")
    request_id: Mapped[str] = mapped_column(String(64), default="")

    @property
    def changes(self) -> list[tuple[str, Any, Any]]:
        """The fields that changed as (name, old, new), by name; None where there was or is none."""
        names = sorted({*self.old_values, *self.new_values})
        return [(name, self.old_values.get(name), self.new_values.get(name)) for name in names]


@event.listens_for(AuditEntry, "before_update")
@event.listens_for(AuditEntry, "before_delete")
def _refuse_change(mapper: Mapper[Any], connection: Connection, entry: AuditEntry) -> None:
    raise RuntimeError(
        f"Entry {entry.audit_id} of the audit log was about to be changed or deleted; it stays as it is."
    )
