"""What a plugin may have in the database: its own names, and references that cannot hurt the core (design 7).

The schema is looked at before and after a plugin's code may have changed it. Whatever else has changed,
and every reference that could keep a core row from going, is refused by name; the transaction is the
caller's, so that nothing is left.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

from flask_babel import gettext as _
from sqlalchemy import Table, event, inspect
from sqlalchemy.engine import Connection, Inspector

from portal.core.database import db
from portal.core.transactions import may_define
from portal.pluginengine import naming
from portal.pluginengine.definitions import Definition, definitions_of, differing_parts
from portal.pluginengine.errors import Refused
from portal.pluginengine.rebuilding import referring_rows_kept

#: What a reference may do when the row that it refers to goes.
ON_DELETE: Final = ("CASCADE", "SET NULL")

#: The definition of each table: ``{"users": {"users.theme": "…"}}``; "" holds what has no table.
Schema = Mapping[str, Definition]


@contextmanager
def kept_to_own_names(connection: Connection, handle: str) -> Iterator[None]:
    """Let the block change the database; ``Refused`` when it changed what is not the plugin's own."""
    before = foreign_schema(connection, handle)
    with referring_rows_kept(connection, handle, references_of):
        yield
    _judge(connection, handle, before, foreign_schema(connection, handle))
    judge_references(connection, handle)


@contextmanager
def kept_where_defined(connection: Connection, handle: str) -> Iterator[None]:
    """Judge the block as ``kept_to_own_names`` does, once it is about to define something.

    Most callbacks define nothing; looking at the schema for them would only take time.
    """
    before: list[Schema] = []

    def look(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if not before and may_define(statement, connection.dialect.name):
            before.append(foreign_schema(connection, handle))

    event.listen(connection, "before_cursor_execute", look)
    try:
        yield
    finally:
        event.remove(connection, "before_cursor_execute", look)
    if before:
        _judge(connection, handle, before[0], foreign_schema(connection, handle))
        judge_references(connection, handle)


def foreign_schema(connection: Connection, handle: str) -> Schema:
    """Return the definition of everything in the database that the plugin must leave alone."""
    inspector = inspect(connection)
    prefix = naming.prefix(handle)
    tables = [each for each in inspector.get_table_names() if not each.startswith(prefix)]
    loose = (*_loose_objects(connection, inspector, prefix), *_stray_indexes(inspector, prefix))
    others = dict.fromkeys(loose, "") | _active_objects(connection, prefix)
    return {"": others, **definitions_of(connection, tables)}


def judge_references(connection: Connection, handle: str) -> None:
    """Raise ``Refused`` for references of the plugin's tables that design 7 does not allow, by column."""
    prefix = naming.prefix(handle)
    names = [each for each in inspect(connection).get_table_names() if each.startswith(prefix)]
    faults = [
        fault
        for name in names
        for columns, target, ondelete in references_of(connection, name)
        if (fault := reference_fault(handle, f"{name}.{', '.join(columns)}", target, ondelete))
    ]
    if faults:
        raise Refused(" ".join(faults), reference_rule(handle))


def table_faults(handle: str, table: Table) -> Iterator[str]:
    """Yield what is wrong with a table that is only declared: names and references."""
    prefix = naming.prefix(handle)
    names = [table.name, *(str(index.name) for index in table.indexes)]
    wrong = [name for name in names if not name.startswith(prefix)]
    if wrong:
        yield _(
            "%(names)s: the tables and indexes of this plugin must begin with %(prefix)s.",
            names=", ".join(wrong),
            prefix=prefix,
        )
    for column in table.columns:
        for key in column.foreign_keys:
            target = key.target_fullname.rpartition(".")[0]
            yield from filter(
                None,
                [reference_fault(handle, f"{table.name}.{column.name}", target, key.ondelete)],
            )


def reference_fault(handle: str, place: str, target: str, ondelete: str | None) -> str:
    """Say what is wrong with a reference, or nothing. ``place`` is table.column, ``target`` a table."""
    if not (target.startswith(naming.prefix(handle)) or target in db.metadata.tables):
        return _(
            "%(place)s refers to %(target)s, which is neither the core's nor this plugin's own.",
            place=place,
            target=target,
        )
    if (ondelete or "").upper() not in ON_DELETE:
        return _(
            "%(place)s refers to %(target)s and would keep its rows from being deleted.",
            place=place,
            target=target,
        )
    return ""


def reference_rule(handle: str) -> str:
    """Say what references may be."""
    return _(
        "Foreign keys lead to tables of the core or to %(prefix)s tables, with ON DELETE CASCADE or SET NULL.",
        prefix=naming.prefix(handle),
    )


def _loose_objects(connection: Connection, inspector: Inspector, prefix: str) -> Iterator[str]:
    """Yield the views, sequences and types that lack the prefix."""
    names = list(inspector.get_view_names())
    if connection.dialect.name == "postgresql":
        names += inspector.get_materialized_view_names()
        names += inspector.get_sequence_names()
        names += connection.exec_driver_sql(_TYPES).scalars()
        names += (f"schema {name}" for name in inspector.get_schema_names())
    yield from (name for name in names if not name.startswith(prefix))


def _stray_indexes(inspector: Inspector, prefix: str) -> Iterator[str]:
    """Yield the indexes of the plugin's own tables that lack the prefix."""
    for table in inspector.get_table_names():
        if table.startswith(prefix):
            names = [str(index["name"]) for index in inspector.get_indexes(table)]
            yield from (name for name in names if not name.startswith(prefix))


_TYPES: Final = """
    SELECT typname::text FROM pg_type
    WHERE typnamespace = current_schema()::regnamespace AND typtype IN ('e', 'd', 'r')
"""

#: What acts by itself in a database: kind, name, table ("" for none) and definition of each.
_ACTIVE: Final = {
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


def references_of(
    connection: Connection, table: str
) -> Iterator[tuple[Sequence[str], str, str | None]]:
    """Yield columns, target and rule of each foreign key that a table has in the database."""
    if connection.dialect.name == "sqlite":  # the inspector reads the rule from the table's text
        rows = connection.exec_driver_sql(f'PRAGMA foreign_key_list("{table}")')
        for row in rows.mappings():
            yield [row["from"]], row["table"], row["on_delete"]
        return
    for key in inspect(connection).get_foreign_keys(table):
        yield key["constrained_columns"], key["referred_table"], key["options"].get("ondelete")


def _judge(connection: Connection, handle: str, before: Schema, after: Schema) -> None:
    changed: list[str] = []
    for table in sorted({*before, *after}):
        old, new = before.get(table), after.get(table)
        if old is None or new is None:
            changed.append(table)
            continue
        if table:
            changed += differing_parts(connection, table, old, new)
        else:
            changed += sorted(name for name in {*old, *new} if old.get(name) != new.get(name))
    if changed:
        raise Refused(
            _(
                "The plugin %(plugin)s made, changed or dropped %(names)s.",
                plugin=handle,
                names=", ".join(changed),
            ),
            _(
                "Everything that a plugin makes in the database must begin with %(prefix)s; "
                "the rest is not its own.",
                prefix=naming.prefix(handle),
            ),
        )
