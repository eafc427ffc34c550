"""Where data about people lies: the recorded tables that are in the database, and the side tables of people.

What the record says is judged again before it is used: a name in it that is not the plugin's own is told
and left alone. Everything works without the plugins' code.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, TableClause, column, inspect, select, table, types
from sqlalchemy.engine import Connection, Inspector

from portal.pluginengine import naming
from portal.pluginengine.objecttypes.extending import OWNER
from portal.pluginengine.personalrecord import PersonalDataRow
from portal.pluginengine.schemarules import references_of

#: The core's table of people; references to it say about whom a row is.
PEOPLE: Final = "users"
LOGIN_NAME: Final = "user_name"

#: What becomes of a row when the person goes: it goes, or it loses the person.
Rule = Literal["delete", "empty"]

#: What a table or a column of a plugin may be called.
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,62}")
#: What the column holds: keys of people, their login names, or texts of which the author alone knows.
Holds = Literal["keys", "names", "texts"]

#: The side table of fields that a plugin adds to people (3.3.3).
_SIDE_TABLE: Final = re.compile(r"plugin_([a-z]{1,32})_x_user")


@dataclass(frozen=True, kw_only=True)
class Person:
    """Whom it is about: the key, and the login name for tables that keep that instead."""

    key: int
    name: str


@dataclass(frozen=True, kw_only=True)
class Place:
    """A table of a plugin with the column that says about whom its rows are.

    ``rule`` is what its foreign key says happens when the person goes. ``is_side_table``: it holds the
    fields that the plugin adds to people. ``fault``, when not empty, says why the table cannot be looked at.
    """

    handle: str
    table: str
    column: str
    rule: Rule = "delete"
    holds: Holds = "keys"
    is_side_table: bool = False
    fault: str = ""

    def rows_about(self, person: Person) -> tuple[TableClause, ColumnElement[bool]]:
        """Return the table, and the condition that rows about the person meet."""
        own = table(self.table, column(self.column))
        return own, own.c[self.column].in_(self.values_for(person))

    def values_for(self, person: Person) -> tuple[int | str, ...]:
        """Return what stands in the column of rows about the person.

        A text may hold the login name or the key: no login name consists of digits alone (forge 4.1).
        """
        if self.holds == "keys":
            return (person.key,)
        return (person.name,) if self.holds == "names" else (person.name, str(person.key))


def places(connection: Connection) -> list[Place]:
    """Return every place by plugin and table; recorded tables that are not there are left out."""
    inspector = inspect(connection)
    there = set(inspector.get_table_names())
    found = [*_side_tables(there), *_recorded(connection)]
    judged = [_judge(connection, inspector, there, *each) for each in found]
    return sorted(
        (each for each in judged if each is not None),
        key=lambda each: (each.handle, each.table, each.column),
    )


def _recorded(connection: Connection) -> Iterator[tuple[str, str, str]]:
    table: Any = PersonalDataRow.__table__
    for row in connection.execute(select(table)):
        if not _SIDE_TABLE.fullmatch(row.table_name) or row.user_column != OWNER:
            yield row.handle, row.table_name, row.user_column


def _side_tables(there: set[str]) -> Iterator[tuple[str, str, str]]:
    for name in there:
        owner = _SIDE_TABLE.fullmatch(name)
        if owner is not None:
            yield owner[1], name, OWNER


def _judge(
    connection: Connection,
    inspector: Inspector,
    there: set[str],
    handle: str,
    table: str,
    column: str,
) -> Place | None:
    """Return the place as it can be used; None for one where nothing lies."""
    is_own = naming.is_handle(handle) and table.startswith(naming.prefix(handle))
    if not (is_own and _NAME.fullmatch(table) and _NAME.fullmatch(column)):
        fault = _("%(table)s is no table of plugin %(handle)s.", table=table, handle=handle)
        return Place(handle=handle, table=table, column=column, fault=fault)
    if table not in there:
        if table not in inspector.get_view_names():
            return None
        fault = _("%(table)s is a view: what it shows lies elsewhere.", table=table)
        return Place(handle=handle, table=table, column=column, fault=fault)
    described = {each["name"]: each for each in inspector.get_columns(table)}
    references = list(references_of(connection, table))
    leads = [target for columns, target, _rule in references if list(columns) == [column]]
    is_side_table = _SIDE_TABLE.fullmatch(table) is not None and column == OWNER
    if is_side_table and PEOPLE not in leads:
        return None  # a type of the plugin's own that is merely called so
    if column not in described:
        fault = _("There is no column %(column)s in %(table)s.", column=column, table=table)
        return Place(handle=handle, table=table, column=column, fault=fault)
    holds = _holds(inspector, table, column, described[column]["type"])
    if holds is None:
        fault = _(
            "%(table)s.%(column)s holds neither keys nor login names.", column=column, table=table
        )
        return Place(handle=handle, table=table, column=column, fault=fault)
    return Place(
        handle=handle,
        table=table,
        column=column,
        rule=_rule(references, column, described, inspector.get_pk_constraint(table)),
        holds=holds,
        is_side_table=is_side_table,
    )


def _rule(
    references: Sequence[tuple[Sequence[str], str, str | None]],
    column: str,
    described: dict[str, Any],
    key: Any,
) -> Rule:
    """Return what happens to a row: what its foreign key says, else it goes.

    A row of a side table is another's, a group's for instance: it only loses the person.
    """
    if not described[column]["nullable"]:
        return "delete"
    rules = [rule for columns, target, rule in references if list(columns) == [column]]
    if any((rule or "").upper() == "SET NULL" for rule in rules):
        return "empty"
    is_anothers = list(key["constrained_columns"]) == [OWNER] and column != OWNER
    return "empty" if is_anothers and not rules else "delete"


def _holds(inspector: Inspector, table: str, column: str, kind: Any) -> Holds | None:
    """Return what the column holds, which its reference or its type says; None for neither keys nor names.

    An enumeration of PostgreSQL's is neither: the database refuses to compare one with a text.
    """
    for key in inspector.get_foreign_keys(table):
        if key["constrained_columns"] == [column] and key["referred_table"] == PEOPLE:
            return "names" if key["referred_columns"] == [LOGIN_NAME] else "keys"
    if isinstance(kind, types.Integer | types.Numeric) and not isinstance(kind, types.Boolean):
        return "keys"
    is_text = isinstance(kind, types.String) and not isinstance(kind, types.Enum)
    return "texts" if is_text else None
