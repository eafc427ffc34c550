"""Nobody's data is forgotten: columns that say about whom a row is, held against what a plugin declares."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Final

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.engine import Connection

from portal.pluginengine.checking.findings import Finding
from portal.pluginengine.checking.tables import Tables, is_key_of_side_table, tables_in_database
from portal.pluginengine.manifest import CONFIG_FILE
from portal.pluginengine.manifest.data import NOTHING
from portal.pluginengine.models import PluginRow
from portal.pluginengine.personaldata.places import PEOPLE
from portal.pluginengine.personalrecord import all_recorded

#: Names of columns that say about whom a row is, also where no foreign key does.
_ABOUT_SOMEBODY: Final = re.compile(
    r"(?:.+_)?(?:user|author)_id|(?:created|updated|changed|modified|edited|deleted)_by(?:_id)?"
)

#: What a plugin declares: pairs of table and column; empty for ``none``; None for nothing said.
Declared = Collection[tuple[str, str]] | None


def undeclared(handle: str, tables: Tables, declared: Declared) -> Iterator[Finding]:
    """Yield the columns of a plugin's tables that say about whom a row is and that it does not declare.

    A foreign key to people always does. A name such as author_id does, unless the table is declared by
    another column, or the plugin says that it has no such data.
    """
    named = {table for table, _column in declared or ()}
    says_none = declared is not None and not declared
    for table, columns in sorted(tables.items()):
        asks_names = table not in named and not says_none
        for column, target in sorted(columns.items()):
            if (table, column) in (declared or ()) or is_key_of_side_table(handle, table, column):
                continue
            if target == PEOPLE:
                yield _refers(table, column, says_none=says_none)
            elif asks_names and not target and _ABOUT_SOMEBODY.fullmatch(column):
                yield _sounds(table, column)


def absent(tables: Tables, declared: Declared, *, is_all: bool) -> Iterator[Finding]:
    """Yield what is declared and is not there; ``is_all``: there are no other tables than these."""
    for table, column in sorted(declared or ()):
        place = f"{CONFIG_FILE}, personal_data"
        if table not in tables:
            if is_all:
                yield Finding(
                    place=place, text=_("The plugin has no table %(table)s.", table=table)
                )
        elif column not in tables[table]:
            yield Finding(
                place=place,
                text=_("The table %(table)s has no column %(column)s.", table=table, column=column),
            )


def undeclared_on_site(connection: Connection) -> Iterator[Finding]:
    """Yield what ``undeclared`` does for the installed plugins: from the database alone, without their code."""
    standing = all_recorded(connection)
    plugins = select(PluginRow.plugin_name, PluginRow.manifest)
    query = plugins.where(PluginRow.delete_flg == 0).order_by(PluginRow.plugin_name)
    for handle, manifest in connection.execute(query).all():
        declared: Declared = standing.get(handle)
        if declared is None and (manifest or {}).get("personal_data") == NOTHING:
            declared = ()
        yield from undeclared(handle, tables_in_database(connection, handle), declared)


def _refers(table: str, column: str, *, says_none: bool) -> Finding:
    if says_none:
        text = _("It refers to people, and config.yml says personal_data: none.")
    else:
        text = _("It refers to people, and config.yml does not declare it.")
    return Finding(place=f"{table}.{column}", text=text, remedy=_remedy(table, column))


def _sounds(table: str, column: str) -> Finding:
    return Finding(
        place=f"{table}.{column}",
        text=_("By its name it says about whom a row is, and config.yml does not declare it."),
        remedy=_remedy(table, column),
    )


def _remedy(table: str, column: str) -> str:
    return _(
        "Write under personal_data: - {table: %(table)s, user_column: %(column)s}",
        table=table,
        column=column,
    )
