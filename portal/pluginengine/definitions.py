"""What tables are made of: part by part, and on SQLite by the texts that it keeps of them.

SQLite holds the statements that made a table and its indexes. Comparing these is quick; only a table whose
texts differ is taken apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import create_engine, inspect
from sqlalchemy.engine import Connection, Inspector
from sqlalchemy.exc import SQLAlchemyError

#: What a database says of one table, to be compared with what it says later: names with texts.
Definition = Mapping[str, str]

_TEXTS = """
    SELECT tbl_name, name, sql FROM sqlite_master
    WHERE type IN ('table', 'index') AND sql IS NOT NULL ORDER BY type DESC, name
"""


def definitions_of(connection: Connection, tables: Sequence[str]) -> dict[str, Definition]:
    """Return how the tables are defined; PostgreSQL is asked about all of them at once."""
    found: dict[str, dict[str, str]] = {name: {} for name in tables}
    if connection.dialect.name == "sqlite":
        for table, name, text in connection.exec_driver_sql(_TEXTS):
            if table in found:
                found[table][name] = text
    else:
        for table, part, words in _parts(inspect(connection), tables):
            found[table][part] = words
    return dict(found)


def differing_parts(
    connection: Connection, table: str, old: Definition, new: Definition
) -> list[str]:
    """Return the names of the parts of a table in which two definitions differ, sorted."""
    if old == new:
        return []
    if connection.dialect.name == "sqlite":
        try:
            old, new = _taken_apart(table, old), _taken_apart(table, new)
        except (
            SQLAlchemyError
        ):  # a text that no empty database takes: a function or module of elsewhere
            return [table]
    return sorted(name for name in {*old, *new} if old.get(name) != new.get(name))


def _taken_apart(table: str, texts: Definition) -> Definition:
    """Return the parts of a table that SQLite's texts make, made anew in a database of its own."""
    engine = create_engine("sqlite://")
    try:
        with engine.connect() as scratch:
            for text in texts.values():
                scratch.exec_driver_sql(text)
            return {part: words for _table, part, words in _parts(inspect(scratch), [table])}
    finally:
        engine.dispose()


def _parts(inspector: Inspector, tables: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """Yield table, name and definition of each part of the tables."""
    for table, columns in _by_table(inspector.get_multi_columns(filter_names=tables)):
        for column in columns:
            yield table, f"{table}.{column['name']}", _in_words(column)
    for kind, found in (
        (_("index"), inspector.get_multi_indexes(filter_names=tables)),
        (_("foreign key"), inspector.get_multi_foreign_keys(filter_names=tables)),
        (_("unique constraint"), inspector.get_multi_unique_constraints(filter_names=tables)),
        (_("check constraint"), inspector.get_multi_check_constraints(filter_names=tables)),
        (_("primary key"), inspector.get_multi_pk_constraint(filter_names=tables)),
    ):
        for table, parts in _by_table(found):
            for each in _by_text(parts if isinstance(parts, list) else [parts]):
                name = each.get("name") or ", ".join(
                    map(str, each.get("constrained_columns") or each.get("column_names") or [])
                )
                yield table, f"{kind} {name} ({table})", _in_words(each)


def _by_table(found: Mapping[Any, Any]) -> Iterator[tuple[str, Any]]:
    for (_schema, table), parts in found.items():
        yield str(table), parts


def _by_text(found: Iterable[Any]) -> list[Any]:
    return sorted(found, key=_in_words)


def _in_words(found: Any) -> str:
    """Write down what inspection found; an SQL expression in it as its text, not as an object."""
    if isinstance(found, Mapping):
        return "; ".join(f"{key} {_in_words(value)}" for key, value in sorted(found.items()))
    if isinstance(found, list):
        return "\n".join(map(_in_words, found))
    return str(found)
