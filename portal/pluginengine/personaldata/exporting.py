"""What plugins hold about a person as parts of an export; no code of theirs runs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from itertools import groupby

from portal.core.database import db
from portal.core.jsonfile import Part
from portal.pluginengine.export.tables import OwnTable, own_table, rows_of
from portal.pluginengine.export.values import Json
from portal.pluginengine.objecttypes.extending import OWNER
from portal.pluginengine.personaldata.places import Person, Place, places
from portal.pluginengine.personaldata.shares import names_of_plugins


def held_by_plugins(person: Person) -> dict[str, dict[str, object]]:
    """Return by handle: ``name``, ``fields`` that the plugin adds to people, rows of its ``tables``, ``notes``.

    Each table is a part of its own. Tables that are declared and cannot be looked at stand in the notes.
    """
    names = names_of_plugins()
    found: dict[str, dict[str, object]] = {}
    for handle, of_plugin in groupby(places(db.session.connection()), lambda each: each.handle):
        held, tables = list(of_plugin), {}
        parts: dict[str, object] = {"name": names.get(handle, handle)}
        for name, of_table in groupby(
            (each for each in held if not each.fault), lambda each: each.table
        ):
            columns = list(of_table)
            if all(each.is_side_table for each in columns):
                parts["fields"] = Part(name=name, make=partial(_fields, columns[0], person))
            else:
                rows = partial(_rows, name, columns, person)
                tables[name] = Part(name=name, make=rows)
        if tables:
            parts["tables"] = tables
        notes = [each.fault for each in held if each.fault]
        if notes:
            parts["notes"] = notes
        found[handle] = parts
    return found


def _rows(name: str, columns: Sequence[Place], person: Person) -> Iterator[dict[str, Json]]:
    """Yield the rows of a table that are about the person by one of its columns, a batch at a time."""
    connection = db.session.connection()
    table = own_table(connection, name)
    about = [(each.column, value) for each in columns for value in each.values_for(person)]
    for row in rows_of(connection, table, about):
        yield _in_utc(row, table)


def _fields(place: Place, person: Person) -> dict[str, Json]:
    """Return the values of the fields that a plugin adds to the person, by name; empty when there are none."""
    for row in _rows(place.table, [place], person):
        return {name: value for name, value in row.items() if name != OWNER}
    return {}


def _in_utc(row: dict[str, Json], table: OwnTable) -> dict[str, Json]:
    moments = {each.name for each in table.columns if each.kind == "datetime"}
    return {name: _utc(value) if name in moments else value for name, value in row.items()}


def _utc(value: Json) -> Json:
    """Return a moment in UTC; the portal's own type keeps it so, without saying it on SQLite."""
    if not isinstance(value, str):
        return value
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return value  # PostgreSQL's infinity, a plugin's own way to write
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(UTC).isoformat()
