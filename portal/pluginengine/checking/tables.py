"""The tables of a plugin as far as they are known: from its manifest, its code, the database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from sqlalchemy import Table, inspect
from sqlalchemy.engine import Connection

from portal.core.database import OwnTables
from portal.pluginengine import naming
from portal.pluginengine.declarative import bases_of
from portal.pluginengine.errors import BadValue
from portal.pluginengine.loader import LoadedPlugin
from portal.pluginengine.manifest import Manifest
from portal.pluginengine.objecttypes.extending import OWNER
from portal.pluginengine.objecttypes.values import CoreTypes
from portal.pluginengine.schemarules import references_of

#: Per table its columns, each with the table that it refers to, "" for none.
Tables = Mapping[str, Mapping[str, str]]

#: A side table's key: the portal's own row, kept and taken away with it.
_SIDE: Final = "x_"


def declared_tables(manifest: Manifest, core: CoreTypes) -> Tables:
    """Return the tables of the types whose columns stand in config.yml."""
    found: dict[str, dict[str, str]] = {}
    for declared in manifest.object_types:
        extended = core.find(declared.name)
        rest = declared.name if extended is None else f"{_SIDE}{extended.name}"
        if not declared.fields:
            continue
        try:
            name = naming.table(manifest.handle, rest)
        except BadValue:
            continue  # told by whoever makes the table
        found[name] = {each.name: each.column.references or "" for each in declared.fields}
    return found


def tables_of_code(plugin: LoadedPlugin) -> Tables:
    """Return the tables of the types and models of a plugin that was loaded."""
    models = [
        table
        for base in bases_of(plugin.package)
        if not issubclass(base, OwnTables)
        for table in base.metadata.tables.values()
    ]
    return {
        table.name: _columns_of(table)
        for table in (*plugin.types.tables, *models)
        if table.name.startswith(naming.prefix(plugin.handle))
    }


def tables_in_database(connection: Connection, handle: str) -> Tables:
    """Return the tables that carry the plugin's prefix."""
    inspector = inspect(connection)
    found: dict[str, dict[str, str]] = {}
    for name in inspector.get_table_names():
        if name.startswith(naming.prefix(handle)):
            columns = {each["name"]: "" for each in inspector.get_columns(name)}
            for referring, target, _rule in references_of(connection, name):
                columns |= {column: target for column in referring if column in columns}
            found[name] = columns
    return found


def together(sources: Iterable[Tables]) -> Tables:
    """Return what all sources know; a reference counts when one of them has it."""
    found: dict[str, dict[str, str]] = {}
    for source in sources:
        for table, columns in source.items():
            known = found.setdefault(table, {})
            known |= {name: target or known.get(name, "") for name, target in columns.items()}
    return found


def is_key_of_side_table(handle: str, table: str, column: str) -> bool:
    """Tell whether the column names the core's row to which a side table's fields belong."""
    return column == OWNER and table.startswith(f"{naming.prefix(handle)}{_SIDE}")


def _columns_of(table: Table) -> dict[str, str]:
    return {
        column.name: next(
            (key.target_fullname.rpartition(".")[0] for key in column.foreign_keys), ""
        )
        for column in table.columns
    }
