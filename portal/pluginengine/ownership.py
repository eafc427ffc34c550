"""A plugin writes its own rows: plugin code that would change a core row is refused (design 7).

Whether by a flush, by a statement on a mapped class or by SQL of its own.

Services of the plugin API lift this for what they write themselves; ``writes:`` in config.yml names the
core tables that a plugin may change besides.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import event, inspect
from sqlalchemy.engine import Connection
from sqlalchemy.orm import ORMExecuteState, Session

from portal.core.database import PortalSession
from portal.core.transactions import PortalConnection
from portal.pluginengine import naming
from portal.pluginengine.context import current_plugin
from portal.pluginengine.engine import current_engine
from portal.pluginengine.errors import HandlerMisuse

#: Comments and texts, which may hold anything; in PostgreSQL's E'…', a backslash hides a quote.
_NOISE = re.compile(
    r"/\*[\s\S]*?\*/|--[^\n]*|\bE'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'", re.IGNORECASE
)
#: PostgreSQL's texts in dollars: a quote in one opens nothing, and the body of a DO stands in one.
_DOLLARS = re.compile(r"(?<![\w$])(\$\w*\$)[\s\S]*?\1")
#: Where a statement, or a part of one, that changes rows names its table; not FOR UPDATE OF, DO UPDATE SET,
#: AFTER UPDATE ON.
_CHANGE = re.compile(
    r"\b(?:(?:INSERT(?:\s+OR\s+\w+)?|REPLACE)\s+INTO|UPDATE(?:\s+OR\s+\w+)?|DELETE\s+FROM|MERGE\s+INTO)"
    r"(?:\s+ONLY)?(?:\s+|(?=[\"`\[]))(?!(?:SET|OF|ON)\b)(?:[\"`\[]?\w+[\"`\]]?\s*\.\s*)?[\"`\[]?(?P<table>\w+)",
    re.IGNORECASE,
)
#: PostgreSQL's way to empty tables, and the name of each.
_EMPTIED = re.compile(r"(?:^|;)\s*TRUNCATE\s+(?:TABLE\s+)?(?P<tables>[^;]*)", re.IGNORECASE)
_EMPTIED_ONE = re.compile(r"\s*(?:ONLY\s+)?(?:\"?\w+\"?\s*\.\s*)?\"?(?P<table>\w+)", re.IGNORECASE)
#: What Alembic calls the copy of a table that SQLite cannot alter.
_COPY = "_alembic_tmp_"


def _may_write(handle: str, table: str) -> bool:
    if table.startswith(naming.prefix(handle)):
        return True
    plugin = current_engine().plugins.get(handle)
    return plugin is not None and table in plugin.manifest.writes


def _refuse(handle: str, table: str) -> None:
    raise HandlerMisuse(
        _(
            "The plugin %(plugin)s would change rows of %(table)s, which is not its own. Use a function of "
            "portal.pluginapi, or declare the table under writes: in config.yml.",
            plugin=handle,
            table=table,
        )
    )


def watch() -> None:
    """Hang the judgement on the portal's sessions and connections; safe to call for each generation."""
    listeners: tuple[tuple[type[Any], str, Callable[..., None]], ...] = (
        (PortalSession, "before_flush", _judge_flush),
        (PortalSession, "do_orm_execute", _judge_statement),
        (PortalConnection, "before_cursor_execute", _judge_text),
    )
    for target, name, judge in listeners:
        if not event.contains(target, name, judge):
            event.listen(target, name, judge)


def _judge_flush(session: Session, context: object, instances: object) -> None:
    handle = current_plugin.get()
    if handle is None:
        return
    for row in (*session.new, *session.deleted, *session.dirty):
        if row in session.dirty and not session.is_modified(row):
            continue
        table = _table_of(row)
        if not _may_write(handle, table):
            _refuse(handle, table)


def _judge_statement(state: ORMExecuteState) -> None:
    handle = current_plugin.get()
    if handle is None or state.is_select:
        return
    table = getattr(getattr(state.statement, "table", None), "name", None)
    if table is not None and not _may_write(handle, table):
        _refuse(handle, table)


def _judge_text(connection: Connection, cursor: object, statement: str, *rest: object) -> None:
    handle = current_plugin.get()
    if handle is None:
        return
    for table in changed_tables(statement):
        if not _may_write(handle, table):
            _refuse(handle, table)


def changed_tables(statement: str) -> list[str]:
    """Return the tables whose rows an SQL text changes, what it runs in bodies included; by name, each once."""
    without_texts = _NOISE.sub(" ", statement)
    without_bodies = _NOISE.sub(" ", _DOLLARS.sub(" ", statement))
    return list(dict.fromkeys([*_named(without_texts), *_named(without_bodies)]))


def _named(statement: str) -> Iterator[str]:
    for found in _CHANGE.finditer(statement):
        yield found["table"].removeprefix(_COPY)
    for emptied in _EMPTIED.finditer(statement):
        for part in emptied["tables"].split(","):
            one = _EMPTIED_ONE.match(part)
            if one:
                yield one["table"]


def _table_of(row: Any) -> str:
    return str(inspect(type(row)).local_table.name)
