"""What a plugin holds on the site: its tables with their rows, its files, the choices made for it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import MetaData, Table, func, inspect, select, text
from sqlalchemy.engine import Connection

from portal.core.database import db
from portal.pluginengine import naming
from portal.pluginengine.engine import current_engine
from portal.pluginengine.files import FILES, PluginFiles


@dataclass(frozen=True, kw_only=True)
class Belongings:
    """The tables of a plugin, each with its number of rows, its views, its files and their size (bytes)."""

    tables: tuple[tuple[str, int], ...] = ()
    views: tuple[str, ...] = ()
    files: int = 0
    file_bytes: int = 0

    @property
    def rows(self) -> int:
        """The rows of all tables together."""
        return sum(count for _name, count in self.tables)

    def __bool__(self) -> bool:
        """True when there is anything at all."""
        return bool(self.tables or self.views or self.files)


def belongings_of(handle: str) -> Belongings:
    """Count what carries the plugin's prefix in the database (design 7), and its files."""
    connection = db.session.connection()
    names = _own(inspect(connection).get_table_names(), handle)
    files = PluginFiles(current_engine().runtime.var / FILES, handle)
    listed = files.list()
    return Belongings(
        tables=tuple((name, _rows(connection, name)) for name in names),
        views=tuple(_own(inspect(connection).get_view_names(), handle)),
        files=len(listed),
        file_bytes=sum(each.size for each in listed),
    )


def drop_tables(handle: str) -> list[str]:
    """Drop every view, table and sequence of a plugin, also when its code is gone; return their names.

    Runs inside an operation. On SQLite foreign keys are looked at when the operation commits.
    """
    connection = db.session.connection()
    inspector = inspect(connection)
    views, tables = (
        _own(inspector.get_view_names(), handle),
        _own(inspector.get_table_names(), handle),
    )
    if connection.dialect.name == "sqlite":
        connection.execute(text("PRAGMA defer_foreign_keys = ON"))
    for view in views:
        connection.execute(text(f"DROP VIEW {_quoted(connection, view)}"))
    known = MetaData()
    for name in tables:
        Table(name, known, autoload_with=connection, resolve_fks=False)
    known.drop_all(connection, tables=[known.tables[name] for name in tables])
    left = [name for name in _sequences(connection) if name.startswith(naming.prefix(handle))]
    for name in left:
        connection.execute(text(f"DROP SEQUENCE IF EXISTS {_quoted(connection, name)}"))
    return [*views, *tables, *left]


def _own(names: Iterable[str], handle: str) -> Sequence[str]:
    return sorted(name for name in names if name.startswith(naming.prefix(handle)))


def _rows(connection: Connection, name: str) -> int:
    table = Table(name, MetaData(), autoload_with=connection, resolve_fks=False)
    return int(connection.execute(select(func.count()).select_from(table)).scalar() or 0)


def _sequences(connection: Connection) -> list[str]:
    inspector = inspect(connection)
    return inspector.get_sequence_names() if connection.dialect.supports_sequences else []


def _quoted(connection: Connection, name: str) -> str:
    return connection.dialect.identifier_preparer.quote(name)
