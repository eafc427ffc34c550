"""Who holds something under a handle: an installed plugin, an uninstalled one, or one that the site forgot."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import inspect, select

from portal.core.database import db
from portal.pluginengine import rows
from portal.pluginengine.belongings import Belongings, belongings_of
from portal.pluginengine.engine import current_engine
from portal.pluginengine.files import FILES
from portal.pluginengine.models import PluginRow
from portal.pluginengine.naming import is_handle

#: A name in the database that carries a plugin's prefix (design 7); a handle holds letters only.
_OWNED = re.compile(r"plugin_([a-z]{1,32})_.+", re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class Holder:
    """Whatever holds something under a handle; ``row`` is None when the site knows no plugin of it.

    A plugin that was unregistered has left its tables and files, but no row (seed 004): its code and its
    name are not known any more, and its handle stands for both.
    """

    code: str
    name: str
    handle: str
    row: PluginRow | None

    @property
    def is_installed(self) -> bool:
        """True for a plugin that the site knows, whether or not it is enabled."""
        return self.row is not None and not self.row.delete_flg


@dataclass(frozen=True, kw_only=True)
class Leftover:
    """What stands under a handle that no plugin of the site has."""

    handle: str
    belongings: Belongings


def find_holder(code: str) -> Holder | None:
    """Return who holds something under a code (any case) or a handle; None when nobody does."""
    handle = code.lower()
    row = rows.find_row(code) or rows.find_deleted(code, handle)
    if row is not None:
        return Holder(code=row.code, name=row.name, handle=row.plugin_name, row=row)
    if is_handle(handle) and belongings_of(handle):
        return Holder(code=handle, name=handle, handle=handle, row=None)
    return None


def leftovers() -> list[Leftover]:
    """Return what unregistered plugins have left in the database and among the files, by handle."""
    known = set(db.session.scalars(select(PluginRow.plugin_name)))
    orphans = sorted({*_owners_of_tables(), *_owners_of_files()} - known)
    found = [Leftover(handle=each, belongings=belongings_of(each)) for each in orphans]
    return [each for each in found if each.belongings]


def _owners_of_tables() -> Iterator[str]:
    inspector = inspect(db.session.connection())
    for name in (*inspector.get_table_names(), *inspector.get_view_names()):
        owner = _OWNED.fullmatch(name)
        if owner:
            yield owner[1]


def _owners_of_files() -> Iterator[str]:
    place = current_engine().runtime.var / FILES
    if place.is_dir():
        yield from (path.name for path in place.iterdir() if is_handle(path.name))
