"""Running a plugin's own Alembic history inside the host's transaction, with a version table of its own.

Works without an env.py, on both databases, and rolls back with the operation (engineering B4).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from flask_babel import gettext as _
from sqlalchemy import MetaData, inspect
from sqlalchemy.engine import Connection, Inspector

from portal.pluginengine import naming
from portal.pluginengine.declarative import NAMING_CONVENTION
from portal.pluginengine.errors import Refused

_operations = Lock()  # alembic.op is one name per process


def version_table(handle: str) -> str:
    """Return the name of the table that records which of the plugin's revisions have run."""
    return naming.table(handle, "migrations")


def upgrade(connection: Connection, handle: str, folder: Path, paths: Sequence[str]) -> list[str]:
    """Run the revisions that have not run yet, and return the names of the tables this made.

    Raises ``Refused`` when a revision makes, changes or drops something that does not carry the plugin's
    prefix, or when the history has several heads; whatever a revision raises goes through.
    """
    places = [folder / path for path in paths if (folder / path).is_dir()]
    if not places:
        return []
    before = _schema(connection, handle)
    with _operations, _unwritten():
        _run(connection, handle, folder, places)
    after = _schema(connection, handle)
    _judge_changes(handle, before.foreign, after.foreign)
    return sorted(after.own - before.own)


def _run(connection: Connection, handle: str, folder: Path, places: Sequence[Path]) -> None:
    script = ScriptDirectory(str(folder), version_locations=[str(place) for place in places])
    heads = script.get_heads()
    if len(heads) > 1:
        raise Refused(
            _(
                "The migrations of %(plugin)s have several heads: %(heads)s.",
                plugin=handle,
                heads=", ".join(heads),
            ),
            _("Merge them with alembic merge."),
        )

    def steps(revision: Any, context: MigrationContext) -> Any:
        return script._upgrade_revs("head", revision)  # what alembic's env.py calls

    context = MigrationContext.configure(
        connection,
        opts={
            "version_table": version_table(handle),
            "fn": steps,
            "script": script,
            "target_metadata": MetaData(naming_convention=NAMING_CONVENTION),
        },
    )
    with Operations.context(context):
        context.run_migrations()


@contextmanager
def _unwritten() -> Iterator[None]:
    """Keep Alembic from writing bytecode into the plugin's folder, which is read-only to us."""
    before, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        yield
    finally:
        sys.dont_write_bytecode = before


@dataclass(frozen=True, kw_only=True)
class _Schema:
    """What is in the database: the plugin's tables by name, everything else with its definition."""

    own: frozenset[str]
    foreign: Mapping[str, str]


def _schema(connection: Connection, handle: str) -> _Schema:
    inspector = inspect(connection)
    prefix = naming.prefix(handle)
    tables = inspector.get_table_names()
    foreign = {
        name: _in_words(
            [
                inspector.get_columns(name),
                inspector.get_indexes(name),
                inspector.get_foreign_keys(name),
                inspector.get_unique_constraints(name),
            ]
        )
        for name in tables
        if not name.startswith(prefix)
    }
    foreign |= dict.fromkeys(_loose_objects(inspector, tables, prefix), "")
    foreign |= _active_objects(connection, prefix)
    return _Schema(
        own=frozenset(name for name in tables if name.startswith(prefix)), foreign=foreign
    )


def _in_words(found: Any) -> str:
    """Write down what inspection found; an SQL expression in it as its text, not as an object."""
    if isinstance(found, Mapping):
        return "; ".join(f"{key} {_in_words(value)}" for key, value in sorted(found.items()))
    if isinstance(found, list):
        return "\n".join(map(_in_words, found))
    return str(found)


def _loose_objects(inspector: Inspector, tables: Sequence[str], prefix: str) -> Iterator[str]:
    """Yield the views and sequences, and the indexes of the plugin's tables, that lack the prefix."""
    names = list(inspector.get_view_names())
    if inspector.dialect.supports_sequences:
        names += inspector.get_sequence_names()
    for table in tables:
        if table.startswith(prefix):
            names += [str(index["name"]) for index in inspector.get_indexes(table)]
    yield from (name for name in names if not name.startswith(prefix))


#: What acts by itself in a database: kind, name, table ("" for none) and definition of each.
_ACTIVE = {
    "sqlite": """
        SELECT type, name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'
        UNION ALL SELECT type, name, tbl_name, sql FROM sqlite_temp_master
    """,
    "postgresql": """
        SELECT 'trigger', t.tgname::text, c.relname::text, pg_get_triggerdef(t.oid) || t.tgenabled::text
        FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE NOT t.tgisinternal
        UNION ALL SELECT 'rule', rulename::text, tablename::text, definition FROM pg_rules
        WHERE schemaname = ANY (current_schemas(false))
        UNION ALL SELECT 'function', p.proname::text, '', p.oid::text || md5(p.prosrc)
        FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
        WHERE n.nspname = ANY (current_schemas(false))
    """,
}


def _active_objects(connection: Connection, prefix: str) -> dict[str, str]:
    """Return the definitions of the triggers, rules and functions that lack the prefix, or whose table does."""
    rows = connection.exec_driver_sql(_ACTIVE[connection.dialect.name])
    return {
        f"{kind} {name}" + (f" on {table}" if table else ""): str(definition)
        for kind, name, table, definition in rows
        if not (name.startswith(prefix) and (not table or table.startswith(prefix)))
    }


def _judge_changes(handle: str, before: Mapping[str, str], after: Mapping[str, str]) -> None:
    changed = sorted(
        name for name in {*before, *after} if before.get(name, None) != after.get(name, None)
    )
    if changed:
        raise Refused(
            _(
                "The migrations of %(plugin)s made, changed or dropped %(names)s.",
                plugin=handle,
                names=", ".join(changed),
            ),
            _(
                "Everything that a plugin makes in the database must begin with %(prefix)s; "
                "the rest is not its own.",
                prefix=naming.prefix(handle),
            ),
        )
