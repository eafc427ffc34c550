"""Statements that bring a table up to a declaration without touching its rows."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import ExecutableDDLElement
from sqlalchemy.sql.compiler import DDLCompiler


class AddColumn(ExecutableDDLElement):
    """``ALTER TABLE … ADD COLUMN``, with the column's reference: both databases take it in one statement."""

    inherit_cache = False

    def __init__(self, column: Column[Any]) -> None:
        self.column = column


class Widen(ExecutableDDLElement):
    """``ALTER TABLE … ALTER COLUMN … TYPE``, for a string that may be longer from now on (PostgreSQL)."""

    inherit_cache = False

    def __init__(self, column: Column[Any]) -> None:
        self.column = column


class Relax(ExecutableDDLElement):
    """``ALTER TABLE … ALTER COLUMN … DROP NOT NULL`` (PostgreSQL)."""

    inherit_cache = False

    def __init__(self, column: Column[Any]) -> None:
        self.column = column


@compiles(AddColumn)
def _add(element: AddColumn, compiler: DDLCompiler, **options: Any) -> str:
    column = element.column
    text = f"{_altered(column, compiler)} ADD COLUMN {compiler.get_column_specification(column)}"
    for key in column.foreign_keys:
        constraint = key.constraint
        assert constraint is not None
        name = compiler.preparer.format_constraint(constraint)
        target = compiler.preparer.format_table(key.column.table)
        text += (
            f" CONSTRAINT {name} REFERENCES {target} ({compiler.preparer.quote(key.column.name)})"
        )
        text += compiler.define_constraint_cascades(constraint)
    return text


@compiles(Widen)
def _widen(element: Widen, compiler: DDLCompiler, **options: Any) -> str:
    column = element.column
    kind = compiler.dialect.type_compiler_instance.process(column.type)
    return f"{_altered(column, compiler)} ALTER COLUMN {compiler.preparer.format_column(column)} TYPE {kind}"


@compiles(Relax)
def _relax(element: Relax, compiler: DDLCompiler, **options: Any) -> str:
    column = element.column
    name = compiler.preparer.format_column(column)
    return f"{_altered(column, compiler)} ALTER COLUMN {name} DROP NOT NULL"


def _altered(column: Column[Any], compiler: DDLCompiler) -> str:
    return f"ALTER TABLE {compiler.preparer.format_table(column.table)}"
