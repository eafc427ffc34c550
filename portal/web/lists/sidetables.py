"""Joins that begin at a side table, so that its index gives a list its order (engineering B5).

PostgreSQL finds that way by its statistics; SQLite takes tables in the order of a CROSS JOIN, and would
otherwise begin at whatever condition looks selective, and sort all that it finds.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, FromClause, Join, Select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler


class FromSide(Join):
    """A join that is carried out from its left side."""

    inherit_cache = True


@compiles(FromSide)
def _join(join: FromSide, compiler: SQLCompiler, **options: Any) -> str:
    return str(compiler.visit_join(join, **options))  # type: ignore[no-untyped-call]


@compiles(FromSide, "sqlite")
def _cross_join(join: FromSide, compiler: SQLCompiler, **options: Any) -> str:
    return _join(join, compiler, **options).replace(" JOIN ", " CROSS JOIN ", 1)


def from_side(
    statement: Select[*tuple[Any, ...]], side: FromClause, onclause: ColumnElement[bool]
) -> Select[*tuple[Any, ...]]:
    """Return the SELECT joined with a side table, beginning there.

    A SELECT that has joins of its own is joined as it is.
    """
    tables = statement.get_final_froms()
    if len(tables) != 1 or isinstance(tables[0], Join):
        return statement.join(side, onclause)
    return statement.select_from(FromSide(side, tables[0], onclause))
