"""What a plugin says about data on people, held against its tables, for its page."""

from __future__ import annotations

from dataclasses import dataclass

from portal.core.database import db
from portal.pluginengine.checking import Finding
from portal.pluginengine.checking.personaldata import Declared, undeclared
from portal.pluginengine.checking.tables import Tables, tables_in_database, tables_of_code, together
from portal.pluginengine.engine import current_engine
from portal.pluginengine.overview import PluginStatus
from portal.pluginengine.personalrecord import recorded


@dataclass(frozen=True, kw_only=True)
class Declarations:
    """The places that the site has recorded, as table.column; ``says_none``: the plugin says there are none.

    ``undeclared`` are columns of its tables that say about whom a row is all the same.
    """

    places: tuple[str, ...] = ()
    says_none: bool = False
    undeclared: tuple[Finding, ...] = ()


def declarations_of(plugin: PluginStatus) -> Declarations:
    """Return what the site knows of a plugin's data about people, whatever its state."""
    if not plugin.handle:
        return Declarations()
    standing = recorded(plugin.handle)
    says_none = not standing and plugin.manifest is not None and plugin.manifest.personal_data == ()
    declared: Declared = standing or (() if says_none else None)
    running = current_engine().plugins.get(plugin.handle)
    sources: list[Tables] = [tables_in_database(db.session.connection(), plugin.handle)]
    if running is not None:
        sources.append(tables_of_code(running))
    return Declarations(
        places=tuple(f"{table}.{column}" for table, column in sorted(standing)),
        says_none=says_none,
        undeclared=tuple(undeclared(plugin.handle, together(sources), declared)),
    )
