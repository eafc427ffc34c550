"""SQLite alters a table by making it anew: rows that refer to it must not go with the old one (engineering A1).

Dropping a table deletes its rows first, and with foreign keys in force ON DELETE CASCADE and SET NULL act on
what refers to them. Inside an operation they cannot be switched off, so the drop is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

from flask_babel import gettext as _
from sqlalchemy import event, inspect
from sqlalchemy.engine import Connection

from portal.pluginengine import naming
from portal.pluginengine.errors import Refused

#: Yields columns, target and rule of each foreign key of a table.
References = Callable[[Connection, str], Iterator[tuple[Sequence[str], str, str | None]]]

_DROP: Final = re.compile(r'\s*DROP\s+TABLE\s+(?:IF\s+EXISTS\s+)?"?(?P<name>\w+)"?', re.IGNORECASE)


@contextmanager
def referring_rows_kept(
    connection: Connection, handle: str, references_of: References
) -> Iterator[None]:
    """Refuse, inside the block, to drop a table of the plugin while rows of another one refer to it."""
    if connection.dialect.name != "sqlite":
        yield
        return

    def look(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        dropped = _DROP.match(statement)
        if dropped is not None:
            _judge(connection, handle, dropped["name"], references_of)

    event.listen(connection, "before_cursor_execute", look)
    try:
        yield
    finally:
        event.remove(connection, "before_cursor_execute", look)


def _judge(connection: Connection, handle: str, table: str, references_of: References) -> None:
    prefix = naming.prefix(handle)
    for name in inspect(connection).get_table_names():
        if not name.startswith(prefix) or name == table:
            continue
        for columns, target, _rule in references_of(connection, name):
            if target == table and _has_rows(connection, name, columns[0]):
                raise Refused(
                    _(
                        "Making %(table)s anew on SQLite would take the rows of %(child)s with it.",
                        table=table,
                        child=name,
                    ),
                    _(
                        "Its author puts the rows of %(child)s aside, in a table without foreign keys, before "
                        "%(table)s is altered in a batch, and puts them back afterwards.",
                        table=table,
                        child=name,
                    ),
                )


def _has_rows(connection: Connection, table: str, column: str) -> bool:
    query = f'SELECT 1 FROM "{table}" WHERE "{column}" IS NOT NULL LIMIT 1'  # noqa: S608
    return connection.exec_driver_sql(query).first() is not None
