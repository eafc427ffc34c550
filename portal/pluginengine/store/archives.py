"""Archives in the database, under the SHA-256 of their bytes.

The bytes lie in rows of a mebibyte, beside the row that describes them: no statement carries a whole
archive, PostgreSQL's and SQLite's limit of a gigabyte for a value is far away, and listing archives reads
none of their bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Executable, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from portal.core.clock import now
from portal.core.database import db
from portal.pluginengine.archive import ArchiveFile, PluginArchive
from portal.pluginengine.archive.limits import MIB
from portal.pluginengine.models import ArchiveChunkRow, ArchiveRow
from portal.pluginengine.state import Executes
from portal.pluginengine.store.folders import StoreError


@dataclass(frozen=True, kw_only=True)
class StoredArchive:
    """What the database tells of an archive: whose it is, how large (bytes), which files it unpacks to.

    ``top`` is the folder around the plugin inside the archive, or empty; ``uploaded_by`` an opaque key
    of whoever brought it last, None for the command line.
    """

    sha256: str
    size: int
    handle: str
    code: str
    version: str
    top: str
    files: tuple[ArchiveFile, ...]
    uploaded_at: datetime
    uploaded_by: int | None


def put(archive: PluginArchive, *, uploaded_by: int | None = None) -> bool:
    """Keep an archive, inside the running transaction; return whether it was new.

    An archive that is there already is only marked as uploaded now, so that no sweep takes it.
    """
    row = {
        "sha256": archive.sha256,
        "size": len(archive.data),
        "handle": archive.manifest.handle,
        "code": archive.manifest.code,
        "version": archive.manifest.version,
        "top_folder": archive.top,
        "listing": [[each.path, each.size, each.sha256] for each in archive.files],
        "uploaded_at": now(),
        "uploaded_by": uploaded_by,
    }
    inserted = db.session.execute(_insert_unless_there(row)).first()
    if inserted is None:
        again = {"uploaded_at": row["uploaded_at"], "uploaded_by": uploaded_by}
        db.session.execute(
            update(ArchiveRow).where(ArchiveRow.sha256 == archive.sha256).values(again)
        )
        return False
    for position, start in enumerate(range(0, len(archive.data), MIB)):
        chunk = {
            "sha256": archive.sha256,
            "position": position,
            "content": archive.data[start : start + MIB],
        }
        db.session.execute(insert(ArchiveChunkRow), chunk)
    return True


def is_stored(sha256: str, source: Executes) -> bool:
    """Tell whether the database has an archive."""
    query = select(ArchiveRow.sha256).where(ArchiveRow.sha256 == sha256)
    return source.execute(query).first() is not None


def find(sha256: str, source: Executes) -> StoredArchive:
    """Return what is known of an archive. Raises ``StoreError`` when the database has none."""
    row = source.execute(select(ArchiveRow.__table__).where(ArchiveRow.sha256 == sha256)).first()
    if row is None:
        raise StoreError(
            _(
                "The database holds no archive %(sha256)s. Upload the plugin's archive again.",
                sha256=sha256,
            )
        )
    return StoredArchive(
        sha256=row.sha256,
        size=row.size,
        handle=row.handle,
        code=row.code,
        version=row.version,
        top=row.top_folder,
        files=tuple(
            ArchiveFile(path=path, size=size, sha256=digest) for path, size, digest in row.listing
        ),
        uploaded_at=row.uploaded_at,
        uploaded_by=row.uploaded_by,
    )


def read_bytes(sha256: str, source: Executes) -> bytes:
    """Return an archive's bytes. Raises ``StoreError`` unless they are those that were uploaded."""
    chunks = source.execute(
        select(ArchiveChunkRow.content)
        .where(ArchiveChunkRow.sha256 == sha256)
        .order_by(ArchiveChunkRow.position)
    )
    data = b"".join(chunk for (chunk,) in chunks)
    if hashlib.sha256(data).hexdigest() != sha256:
        raise StoreError(
            _(
                "The archive %(sha256)s is missing or damaged in the database. Upload the plugin's"
                " archive again.",
                sha256=sha256,
            )
        )
    return data


def remove_unused(referenced: Collection[str], *, grace: timedelta) -> tuple[str, ...]:
    """Delete the archives that nobody refers to and nobody uploaded within ``grace``; return them.

    Runs inside an operation, so that no other one is about to refer to an archive.
    """
    is_old = ArchiveRow.uploaded_at < now() - grace
    unused = select(ArchiveRow.sha256).where(is_old, ArchiveRow.sha256.not_in(referenced))
    gone = tuple(sorted(db.session.scalars(unused)))
    db.session.execute(
        delete(ArchiveRow).where(is_old, ArchiveRow.sha256.in_(gone)),
        execution_options={"synchronize_session": False},
    )
    return gone


def count_of(handle: str) -> int:
    """Return how many archives of a plugin the database has."""
    query = select(func.count()).select_from(ArchiveRow).where(ArchiveRow.handle == handle)
    return db.session.scalar(query) or 0


def remove_all_of(handle: str) -> int:
    """Delete every archive of a plugin, for purge; return how many there were."""
    own = delete(ArchiveRow).where(ArchiveRow.handle == handle).returning(ArchiveRow.sha256)
    options = {"synchronize_session": False}
    return len(db.session.execute(own, execution_options=options).all())


def _insert_unless_there(row: dict[str, Any]) -> Executable:
    """An INSERT that does nothing when the archive is there; of two at once, one waits for the other."""
    dialect = postgresql if db.session.get_bind().dialect.name == "postgresql" else sqlite
    statement = dialect.insert(ArchiveRow).values(row).on_conflict_do_nothing()
    return statement.returning(ArchiveRow.sha256)
