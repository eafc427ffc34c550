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

from portal.core.transactions import statements

_NAME: Final = (
    r'(?:IF\s+EXISTS\s+)?(?:ONLY\s+)?(?:"?\w+"?\.)?'
    r'(?P<quote>"?)(?P<name>\w+)(?P=quote)(?![\w"])(?!\s*\.)'
)
_HARMLESS: Final = re.compile(
    r"(SELECT|WITH|PRAGMA|EXPLAIN|SAVEPOINT|RELEASE|ROLLBACK TO|SET LOCAL|SHOW|INSERT|COMMENT"
    r"|CREATE\s+(TABLE|TEMP|TEMPORARY|INDEX|VIEW|SEQUENCE|TYPE))\b",
    re.IGNORECASE,
)
#: What changes rows inside a statement that begins harmlessly: in a part of a WITH, behind EXPLAIN ANALYZE,
#: in an INSERT that replaces.
_CHANGE_WITHIN: Final = re.compile(
    r"(?<!\bFOR\s)(?<!\bKEY\s)\bUPDATE\b|\b(?:DELETE\s+FROM|MERGE\s+INTO|REPLACE\s+INTO|INSERT\s+OR\s+REPLACE)\b",
    re.IGNORECASE,
)
#: A call of a function of the plugin's own, which may do anything; not a table in front of its columns.
_TABLE_AND_COLUMNS: Final = re.compile(r'\b(?:INTO|ON|VIEW|REFERENCES)\s+[\w."]+', re.IGNORECASE)
_OWN_FUNCTION: Final = re.compile(r'\bplugin_\w+"?\s*\(', re.IGNORECASE)
#: Makes a table that was not there before. Not so a temporary one, one of another schema and one that is only
#: made unless it exists: what is done to these may be done to a table that was.
_CREATED: Final = re.compile(
    r'CREATE\s+TABLE\s+(?P<quote>"?)(?!IF\s)(?P<name>\w+)(?P=quote)(?=[\s(])(?!\s*\.)',
    re.IGNORECASE,
)
_TOUCHED: Final = re.compile(
    r"(?:ALTER\s+TABLE|DROP\s+TABLE|UPDATE|DELETE\s+FROM|TRUNCATE(?:\s+TABLE)?"
    r"|INSERT(?:\s+OR\s+\w+)?\s+INTO|CREATE\s+UNIQUE\s+INDEX\s+\S+\s+ON)\s+" + _NAME,
    re.IGNORECASE,
)
_SEVERAL: Final = re.compile(r"(?:DROP|TRUNCATE)\b[^(]*,", re.IGNORECASE)
_ADDED_COLUMN: Final = re.compile(
    r"ALTER\s+TABLE\s+\S+\s+ADD\s+(?:COLUMN\s+)?(?P<what>.*)", re.I | re.S
)
_CONSTRAINT: Final = re.compile(
    r"(CONSTRAINT|PRIMARY|UNIQUE|CHECK|FOREIGN|EXCLUDE)\b", re.IGNORECASE
)
_NOISE: Final = re.compile(r"/\*[\s\S]*?\*/|--[^\n]*|'(?:[^']|'')*'")
_INNERMOST: Final = re.compile(r"\([^()]*\)")


class Watched:
    """What the statements of one stretch of work did to tables that were there before.

    ``breaking`` holds their beginnings, in order; ``ours`` names the table of the host's own notes,
    ``dialect`` the database.
    """

    def __init__(self, ours: str, dialect: str = "") -> None:
        self.breaking: list[str] = []
        self._fresh = {ours.lower()}
        self._dialect = dialect

    def note(self, statement: str) -> None:
        """Judge one statement, or several in one text."""
        parts = [each for each in statements(statement, self._dialect)[1:] if each.strip()]
        if len(parts) < 2:
            parts = [statement]  # as it is written: parts have lost their quoted names
        if any(self._is_breaking(each) for each in parts):
            self.breaking.append(" ".join(statement.split())[:200])

    def _is_breaking(self, statement: str) -> bool:
        text = _NOISE.sub("''", statement).strip(" \t\r\n;'")
        created = _CREATED.match(text)
        if created:
            self._fresh.add(created["name"].lower())
        if not text or (_HARMLESS.match(text) and not _changes_rows(text)):
            return False
        touched = _TOUCHED.match(text)
        if touched and touched["name"].lower() in self._fresh:
            return _SEVERAL.match(text) is not None
        added = _ADDED_COLUMN.match(text)
        return not (added and _is_optional(added["what"]))


def _changes_rows(text: str) -> bool:
    """Tell whether a statement that begins harmlessly may change rows that were there before."""
    if text[:6].upper() == "CREATE":
        return False  # ON DELETE, ON UPDATE: what later statements do
    calls = _OWN_FUNCTION.search(_TABLE_AND_COLUMNS.sub("", text))
    return calls is not None or _CHANGE_WITHIN.search(text) is not None


def _is_optional(column: str) -> bool:
    """Tell whether rows of code that does not know the new column can still be written."""
    words = column.upper()
    if _CONSTRAINT.match(column) or re.search(r"\b(UNIQUE|CHECK|PRIMARY)\b", words):
        return False
    while _INNERMOST.search(words):
        words = _INNERMOST.sub("", words)
    return "," not in words and ("NOT NULL" not in words or "DEFAULT" in words)


@contextmanager
def watched(connection: Connection, ours: str) -> Iterator[Watched]:
    """Watch what is executed on ``connection`` in the block."""
    seen = Watched(ours, connection.dialect.name)

    def look(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        seen.note(statement)

    event.listen(connection, "before_cursor_execute", look)
    try:
        yield seen
    finally:
        event.remove(connection, "before_cursor_execute", look)
