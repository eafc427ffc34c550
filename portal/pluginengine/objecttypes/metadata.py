"""``plugin_<handle>_meta_data``: the version and schema version of what a plugin holds (seed 004, design 7).

``plugins.schema_version`` is the authority; this is read when that row is gone: for a plugin that is
installed again over the data it has left.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import Column, String, Table, Text, delete, inspect, select
from sqlalchemy.engine import Connection

from portal.pluginengine import naming
from portal.pluginengine.objecttypes.tables import new_metadata

NAME: Final = "meta_data"


def meta_data_table(handle: str) -> Table:
    """Return the plugin's table of names and values."""
    return Table(
        naming.table(handle, NAME),
        new_metadata(),
        Column("name", String(64), primary_key=True),
        Column("value", Text, nullable=False),
    )


def write_versions(
    connection: Connection, handle: str, *, version: str, schema_version: str | None
) -> None:
    """Note both versions in the running transaction; the table is made when it is not there."""
    table = meta_data_table(handle)
    table.create(connection, checkfirst=True)
    values = {"version": version, "schema_version": schema_version}
    connection.execute(delete(table).where(table.c.name.in_(values)))
    rows = [{"name": name, "value": value} for name, value in values.items() if value is not None]
    connection.execute(table.insert(), rows)


def read_versions(connection: Connection, handle: str) -> dict[str, str]:
    """Return what the table says, by name; nothing when the plugin has left none."""
    table = meta_data_table(handle)
    if not inspect(connection).has_table(table.name):
        return {}
    rows = connection.execute(select(table.c.name, table.c.value))
    return {str(row.name): str(row.value) for row in rows}
