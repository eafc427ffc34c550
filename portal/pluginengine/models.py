"""The engine's tables: ``plugins`` (seed 001, E-02 to E-08), handlers (E-09 to E-16), the generation.

Engine tables that no seed names begin with ``engine_``, so that no handle can own them (design 7).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.clock import UtcDateTime, now
from portal.core.database import Model

POLICIES = ("forced", "default_on", "allowed", "forbidden")
LOAD_STATES = ("ok", "error", "quarantined")
STEPS = ("begun", "files", "done", "refused", "failed", "interrupted")
HANDLER_TYPES = ("FIRST", "NORMAL", "LAST")


def _one_of(column: str, values: tuple[str, ...]) -> str:
    listed = ", ".join(f"'{value}'" for value in values)
    return f"{column} IN ({listed})"


class PluginRow(Model):
    """A plugin that the site knows: the seeds' master table.

    ``plugin_id`` is a surrogate that differs from site to site; ``plugin_name`` is the handle.
    ``archive`` names the uploaded archive that holds its code, None for a folder or a package of pip;
    ``previous_archive`` the one before, one click away.
    """

    __tablename__ = "plugins"
    __table_args__ = (
        CheckConstraint("enable IN (0, 1)", name="enable"),
        CheckConstraint("delete_flg IN (0, 1)", name="delete_flg"),
        CheckConstraint("initialized IN (0, 1)", name="initialized"),
        CheckConstraint(_one_of("load_state", LOAD_STATES), name="load_state"),
        CheckConstraint(_one_of("group_policy", POLICIES), name="group_policy"),
        CheckConstraint(_one_of("user_policy", POLICIES), name="user_policy"),
    )

    plugin_id: Mapped[int] = mapped_column(primary_key=True)
    plugin_name: Mapped[str] = mapped_column(String(32), unique=True)
    plugin_desc: Mapped[str | None] = mapped_column(Text)
    name: Mapped[str] = mapped_column(String(255))
    code: Mapped[str] = mapped_column(String(255))
    code_ci: Mapped[str] = mapped_column(String(255), unique=True)
    enable: Mapped[int] = mapped_column(SmallInteger, default=0)
    delete_flg: Mapped[int] = mapped_column(SmallInteger, default=0)
    version: Mapped[str] = mapped_column(String(255))
    source: Mapped[int] = mapped_column(default=0)
    event_class: Mapped[str] = mapped_column(String(255), default="")
    class_path: Mapped[str | None] = mapped_column(String(255))
    author: Mapped[str | None] = mapped_column(String(255))
    schema_version: Mapped[str | None] = mapped_column(String(32))
    initialized: Mapped[int] = mapped_column(SmallInteger, default=0)
    archive: Mapped[str | None] = mapped_column(String(64))
    previous_archive: Mapped[str | None] = mapped_column(String(64))
    load_state: Mapped[str] = mapped_column(String(16), default="ok")
    last_error: Mapped[str | None] = mapped_column(Text)
    group_policy: Mapped[str] = mapped_column(String(16), default="allowed")
    user_policy: Mapped[str] = mapped_column(String(16), default="allowed")
    manifest: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now, onupdate=now)


class HandlerRow(Model):
    """One line of the handler table: which handler of which plugin answers a hook, and when.

    ``priority`` is unique per event; higher runs first (P-01). A deleted row keeps a tombstone
    number below every band, so that the slot is free (2.3.1).
    """

    __tablename__ = "engine_handlers"
    __table_args__ = (
        UniqueConstraint("event", "priority"),
        CheckConstraint(_one_of("handler_type", HANDLER_TYPES), name="handler_type"),
        CheckConstraint("delete_flg IN (0, 1)", name="delete_flg"),
        CheckConstraint("enable IN (0, 1)", name="enable"),
        Index("ix_engine_handlers_plugin_id", "plugin_id"),
    )

    handler_id: Mapped[int] = mapped_column(primary_key=True)
    event: Mapped[str] = mapped_column(String(255))
    priority: Mapped[int]
    plugin_id: Mapped[int] = mapped_column(ForeignKey("plugins.plugin_id", ondelete="CASCADE"))
    handler: Mapped[str] = mapped_column(String(255))
    handler_type: Mapped[str] = mapped_column(String(16))
    delete_flg: Mapped[int] = mapped_column(SmallInteger, default=0)
    enable: Mapped[int] = mapped_column(SmallInteger, default=1)


class SiteRow(Model):
    """One row: the site's generation, raised by every operation on plugins (design 1.5)."""

    __tablename__ = "engine_site"
    __table_args__ = (CheckConstraint("site_id = 1", name="single"),)

    site_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    generation: Mapped[int] = mapped_column(default=1)


class OperationRow(Model):
    """One operation on plugins, as the journal keeps it (2.3.3).

    ``step``: begun; then done, refused or failed; "files" while files wait to be deleted after the
    commit; interrupted, when its process died before the commit and nothing was changed. ``files_of``
    is the handle whose files go: those of a purged plugin, or, while the step is "begun", those of a
    plugin that had none before.

    ``held``: the handle of the plugin that stays silent on all workers while the step is "begun".
    """

    __tablename__ = "engine_operations"
    __table_args__ = (CheckConstraint(_one_of("step", STEPS), name="step"),)

    operation_id: Mapped[int] = mapped_column(primary_key=True)
    verb: Mapped[str] = mapped_column(String(16))
    code: Mapped[str] = mapped_column(String(255))
    archive: Mapped[str | None] = mapped_column(String(64))
    step: Mapped[str] = mapped_column(String(16), default="begun", index=True)
    message: Mapped[str] = mapped_column(Text, default="")
    files_of: Mapped[str] = mapped_column(String(32), default="")
    held: Mapped[str] = mapped_column(String(32), default="")
    actor_name: Mapped[str] = mapped_column(String(32), default="")
    host: Mapped[str] = mapped_column(String(255), default="")
    generation: Mapped[int | None]
    started_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class WorkerRow(Model):
    """A process that answers for the site; ``generation`` is the oldest one that it still answers with.

    Written by the worker itself, outside its requests; one whose ``seen_at`` is old has died.
    """

    __tablename__ = "engine_workers"

    worker_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    host: Mapped[str] = mapped_column(String(255))
    pid: Mapped[int]
    generation: Mapped[int]
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)


class ArchiveRow(Model):
    """An uploaded archive, by the SHA-256 of its bytes: what it is, and which files it unpacks to.

    ``listing`` holds path, size in bytes and SHA-256 of each file; ``top_folder`` is the folder around
    them inside the archive; ``uploaded_by`` is opaque: the engine knows no users.
    """

    __tablename__ = "engine_archives"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    size: Mapped[int]
    handle: Mapped[str] = mapped_column(String(32))
    code: Mapped[str] = mapped_column(String(255))
    version: Mapped[str] = mapped_column(String(255))
    top_folder: Mapped[str] = mapped_column(String(255), default="")
    listing: Mapped[list[Any]] = mapped_column(JSON)
    uploaded_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    uploaded_by: Mapped[int | None]


class ArchiveChunkRow(Model):
    """A mebibyte of an archive, the last one shorter, in the order of ``position``."""

    __tablename__ = "engine_archive_chunks"

    sha256: Mapped[str] = mapped_column(
        ForeignKey("engine_archives.sha256", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    content: Mapped[bytes] = mapped_column(LargeBinary)
