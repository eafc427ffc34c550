"""Texts that lists are ordered by: both databases compare them alike, code point by code point.

SQLite does so by itself; PostgreSQL would use the database's own collation, hence ``COLLATE "C"`` on
the column (engineering part 3, Text order). What people read as a name has a casefolded twin column.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, String
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


def ordered_text(length: int) -> String:
    """Return the type of a text column of at most ``length`` characters that pages are ordered by."""
    return String(length).with_variant(String(length, collation="C"), "postgresql")


def folded(text: str) -> str:
    """Return the text as its casefolded twin holds it: equal for texts that differ in case alone."""
    return text.casefold()


class _ByCodePoints(FunctionElement[str]):
    inherit_cache = True
    name = "by_code_points"

    def __init__(self, column: ColumnElement[Any]) -> None:
        super().__init__(column)
        self.type = column.type


@compiles(_ByCodePoints)
def _as_it_is(element: _ByCodePoints, compiler: SQLCompiler, **options: Any) -> str:
    return str(compiler.process(element.clauses, **options))


@compiles(_ByCodePoints, "postgresql")
def _collated(element: _ByCodePoints, compiler: SQLCompiler, **options: Any) -> str:
    return f'({_as_it_is(element, compiler, **options)}) COLLATE "C"'


def by_code_points(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return a text column for ORDER BY and comparisons, where its type is not ``ordered_text``."""
    return _ByCodePoints(column)
