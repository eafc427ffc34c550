"""Tells apart what a migration merely adds from what running code of the version before could stumble over.

New tables, new columns that may stay empty or have a default, new indexes that forbid nothing and new rows
disturb nobody. Everything else that touches what was there before counts as breaking (design 5, E-40).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import event
from sqlalchemy.engine import Connection

_NAME: Final = r'(?:IF\s+(?:NOT\s+)?EXISTS\s+)?(?:ONLY\s+)?"?(?:\w+"?\.)?"?(?P<name>\w+)"?'
_HARMLESS: Final = re.compile(
    r"(SELECT|WITH|PRAGMA|EXPLAIN|SAVEPOINT|RELEASE|ROLLBACK TO|SET LOCAL|SHOW|INSERT|COMMENT"
    r"|CREATE\s+(INDEX|VIEW|SEQUENCE|TYPE))\b",
    re.IGNORECASE,
)
_CREATED: Final = re.compile(r"CREATE\s+(?:TEMP(?:ORARY)?\s+)?TABLE\s+" + _NAME, re.IGNORECASE)
_TOUCHED: Final = re.compile(
    r"(?:ALTER\s+TABLE|DROP\s+TABLE|UPDATE|DELETE\s+FROM|TRUNCATE(?:\s+TABLE)?"
    r"|CREATE\s+UNIQUE\s+INDEX\s+\S+\s+ON)\s+" + _NAME,
    re.IGNORECASE,
)
_ADDED_COLUMN: Final = re.compile(
    r"ALTER\s+TABLE\s+\S+\s+ADD\s+(?:COLUMN\s+)?(?P<what>.*)", re.I | re.S
)
_CONSTRAINT: Final = re.compile(
    r"(CONSTRAINT|PRIMARY|UNIQUE|CHECK|FOREIGN|EXCLUDE)\b", re.IGNORECASE
)


class Watched:
    """What the statements of one stretch of work did to tables that were there before.

    ``breaking`` holds their beginnings, in order; ``ours`` names the table of the host's own notes.
    """

    def __init__(self, ours: str) -> None:
        self.breaking: list[str] = []
        self._fresh = {ours.lower()}

    def note(self, statement: str) -> None:
        """Judge one statement."""
        text = statement.strip()
        created = _CREATED.match(text)
        if created:
            self._fresh.add(created["name"].lower())
            return
        if not text or _HARMLESS.match(text):
            return
        touched = _TOUCHED.match(text)
        if touched and touched["name"].lower() in self._fresh:
            return
        added = _ADDED_COLUMN.match(text)
        if added and _is_optional(added["what"]):
            return
        self.breaking.append(" ".join(text.split())[:200])


def _is_optional(column: str) -> bool:
    """Tell whether rows of code that does not know the new column can still be written."""
    if _CONSTRAINT.match(column):
        return False
    words = column.upper()
    return ("NOT NULL" not in words or "DEFAULT" in words) and "UNIQUE" not in words


@contextmanager
def watched(connection: Connection, ours: str) -> Iterator[Watched]:
    """Watch what is executed on ``connection`` in the block."""
    seen = Watched(ours)

    def look(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        seen.note(statement)

    event.listen(connection, "before_cursor_execute", look)
    try:
        yield seen
    finally:
        event.remove(connection, "before_cursor_execute", look)
