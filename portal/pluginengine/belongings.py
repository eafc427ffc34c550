"""What a plugin holds on the site: its tables with their rows, its files, what is kept for it elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from flask_babel import gettext as _
from sqlalchemy import inspect, select, text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError, InternalError, OperationalError

from portal.core.database import db
from portal.pluginengine import naming
from portal.pluginengine.engine import current_engine
from portal.pluginengine.errors import Refused
from portal.pluginengine.files import FILES, PluginFiles
from portal.pluginengine.holdings import count_holdings
from portal.pluginengine.models import PluginRow
from portal.pluginengine.operations import is_lock_timeout
from portal.pluginengine.store import archives


@dataclass(frozen=True, kw_only=True)
class Belongings:
    """The tables of a plugin, each with its number of rows, its views, its files and their size (bytes).

    ``archives`` counts the uploaded archives that hold its code; ``holdings`` what the host's packages
    keep for it, by title.
    """

    tables: tuple[tuple[str, int], ...] = ()
    views: tuple[str, ...] = ()
    files: int = 0
    file_bytes: int = 0
    archives: int = 0
    holdings: tuple[tuple[str, int], ...] = ()

    @property
    def rows(self) -> int:
        """The rows of all tables together."""
        return sum(count for _name, count in self.tables)

    def __bool__(self) -> bool:
        """True when there is anything at all."""
        return bool(self.tables or self.views or self.files or self.archives or self.holdings)


def belongings_of(handle: str) -> Belongings:
    """Count what carries the plugin's prefix in the database (design 7), its files, and what is kept for it."""
    connection = db.session.connection()
    row = db.session.scalars(select(PluginRow).where(PluginRow.plugin_name == handle)).first()
    names = _own(inspect(connection).get_table_names(), handle)
    files = PluginFiles(current_engine().runtime.var / FILES, handle)
    listed = files.list()
    return Belongings(
        tables=tuple((name, _rows(connection, name)) for name in names),
        views=tuple(_own(inspect(connection).get_view_names(), handle)),
        files=len(listed),
        file_bytes=sum(each.size for each in listed),
        archives=archives.count_of(handle),
        holdings=count_holdings(row) if row is not None else (),
    )


def drop_tables(handle: str) -> list[str]:
    """Drop everything in the database that carries the plugin's prefix, also when its code is gone.

    Tables, views, sequences, and what PostgreSQL has beside them; returns the names. Runs inside an
    operation. Raises ``Refused`` when something that is not the plugin's own depends on it.
    """
    connection = db.session.connection()
    drop = _drop_on_sqlite if connection.dialect.name == "sqlite" else _drop_on_postgresql
    try:
        return drop(connection, handle)
    except (IntegrityError, InternalError, OperationalError) as error:
        if is_lock_timeout(error):
            raise
        raise Refused(
            _("Something else in the database depends on the tables of %(handle)s.", handle=handle),
            str(error.orig),
        ) from error


def _drop_on_sqlite(connection: Connection, handle: str) -> list[str]:
    """Views, triggers, then rows, then tables: foreign keys are looked at when the operation commits."""
    inspector = inspect(connection)
    tables, views = (
        _own(names, handle) for names in (inspector.get_table_names(), inspector.get_view_names())
    )
    triggers = text("SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'")
    own = [name for name, table in connection.execute(triggers) if table in {*tables, *views}]
    connection.execute(text("PRAGMA defer_foreign_keys = ON"))
    for kind, names in (("VIEW", views), ("TRIGGER", own)):
        for name in names:
            connection.execute(text(f"DROP {kind} IF EXISTS {_quoted(connection, name)}"))
    every = inspector.get_sorted_table_and_fkc_names()
    order = [name for name, _keys in every if name is not None and name in tables]
    for statement in ("DELETE FROM", "DROP TABLE"):
        for name in reversed(order):
            connection.execute(text(f"{statement} {_quoted(connection, name)}"))
    return [*views, *tables]


_RELATIONS: Final = """
    SELECT relname::text, relkind::text FROM pg_class
    WHERE relnamespace = current_schema()::regnamespace AND starts_with(relname, :prefix)
    ORDER BY oid DESC
"""

#: What PostgreSQL keeps by name, by its letter, in the order in which it can go.
_WORDS: Final = {
    "m": "MATERIALIZED VIEW", "v": "VIEW", "r": "TABLE", "p": "TABLE", "f": "TABLE", "S": "SEQUENCE",
}  # fmt: skip


def _drop_on_postgresql(connection: Connection, handle: str) -> list[str]:
    """Views, the youngest first, then all tables in one statement: keys between them do not count."""
    dropped: list[str] = []
    for kinds in ("mv", "rpf", "S"):
        relations = connection.execute(text(_RELATIONS), {"prefix": naming.prefix(handle)})
        found = [(name, _WORDS[kind]) for name, kind in relations if kind in kinds]
        quoted = [(_quoted(connection, name), word) for name, word in found]
        if kinds == "rpf" and quoted:
            quoted = [(", ".join(name for name, _word in quoted), "TABLE")]
        for name, word in quoted:
            connection.execute(text(f"DROP {word} {name}"))
        dropped += sorted(name for name, _word in found)
    return dropped + _drop_routines_and_types(connection, handle)


def _drop_routines_and_types(connection: Connection, handle: str) -> list[str]:
    """Functions, with their arguments, because one name may stand for several; enumerations, domains."""
    own = {"prefix": naming.prefix(handle)}
    routines = text(
        "SELECT oid::regprocedure::text FROM pg_proc"
        " WHERE pronamespace = current_schema()::regnamespace AND starts_with(proname, :prefix)"
    )
    types = text(
        "SELECT oid::regtype::text FROM pg_type"
        " WHERE typnamespace = current_schema()::regnamespace AND starts_with(typname, :prefix)"
        " AND typtype IN ('e', 'd', 'r', 'c')"
    )
    dropped = []
    for kind, query in (("ROUTINE", routines), ("TYPE", types)):
        for name in sorted(connection.scalars(query, own)):
            connection.execute(text(f"DROP {kind} {name}"))
            dropped.append(name)
    return dropped


def _own(names: Iterable[str], handle: str) -> Sequence[str]:
    return sorted(name for name in names if name.startswith(naming.prefix(handle)))


def _rows(connection: Connection, name: str) -> int:
    count = text(f"SELECT count(*) FROM {_quoted(connection, name)}")  # noqa: S608
    return int(connection.execute(count).scalar() or 0)


def _quoted(connection: Connection, name: str) -> str:
    return connection.dialect.identifier_preparer.quote(name)
