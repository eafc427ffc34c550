"""Reads of the audit log."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import Select, select

from portal.core.audit.models import AuditEntry
from portal.core.database import db
from portal.core.errors import NotFound


def all_entries() -> Select[AuditEntry]:
    """Return a SELECT of every entry; for site admins."""
    return select(AuditEntry)


def entries_of_group(group_id: int) -> Select[AuditEntry]:
    """Return a SELECT of the entries in a group's history; for those who administer it."""
    return select(AuditEntry).where(AuditEntry.group_id == group_id)


def entries_beginning(kind: str, beginning: str) -> Select[AuditEntry]:
    """Return a SELECT of the entries about objects of that kind whose names begin with ``beginning``.

    As a range, which both databases look up by index whatever the text holds; ``beginning`` is not empty.
    """
    return select(AuditEntry).where(
        AuditEntry.object_kind == kind,
        AuditEntry.object_name >= beginning,
        AuditEntry.object_name < behind(beginning),
    )


def behind(beginning: str) -> str:
    """Return the text in front of which all texts with that beginning stand, code point by code point."""
    return beginning[:-1] + chr(ord(beginning[-1]) + 1)


def find_entry(audit_id: int) -> AuditEntry:
    """Return one entry; raises ``NotFound`` when there is none."""
    entry = db.session.get(AuditEntry, audit_id)
    if entry is None:
        raise NotFound(_("There is no such entry in the audit log."))
    return entry
