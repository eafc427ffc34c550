"""Texts that lists are ordered by: both databases compare them alike, code point by code point.

SQLite does so by itself; PostgreSQL would use the database's own collation, hence ``COLLATE "C"`` on
the column (engineering part 3, Text order). What people read as a name has a casefolded twin column.
"""

from __future__ import annotations

from sqlalchemy import String


def ordered_text(length: int) -> String:
    """Return the type of a text column of at most ``length`` characters that pages are ordered by."""
    return String(length).with_variant(String(length, collation="C"), "postgresql")


def folded(text: str) -> str:
    """Return the text as its casefolded twin holds it: equal for texts that differ in case alone."""
    return text.casefold()
