"""What plugins hold about a person, counted: for the pages before a deletion or an export."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, select

from portal.core.database import db
from portal.pluginengine.models import PluginRow
from portal.pluginengine.personaldata.places import Person, places


@dataclass(frozen=True, kw_only=True)
class Share:
    """What one plugin holds about a person: rows that go with the account, and rows that only lose the person.

    ``faults`` name the tables that it declares and that cannot be looked at. ``name`` is the handle for a
    plugin that the site has forgotten.
    """

    handle: str
    name: str
    deleted: int = 0
    emptied: int = 0
    faults: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        """All of them."""
        return self.deleted + self.emptied


def shares_of(person: Person) -> list[Share]:
    """Return what each plugin holds about a person, by name; those that hold nothing are left out."""
    found: dict[str, dict[str, int]] = {}
    faults: dict[str, list[str]] = {}
    for place in places(db.session.connection()):
        if place.fault:
            faults.setdefault(place.handle, []).append(place.fault)
            continue
        own, about = place.rows_about(person)
        count = db.session.scalar(select(func.count()).select_from(own).where(about)) or 0
        sums = found.setdefault(place.handle, {"deleted": 0, "emptied": 0})
        sums["emptied" if place.rule == "empty" else "deleted"] += count
    names = names_of_plugins()
    shares = [
        Share(
            handle=handle,
            name=names.get(handle, handle),
            deleted=found.get(handle, {}).get("deleted", 0),
            emptied=found.get(handle, {}).get("emptied", 0),
            faults=tuple(faults.get(handle, ())),
        )
        for handle in {**found, **faults}
    ]
    told = (each for each in shares if each.rows or each.faults)
    return sorted(told, key=lambda each: (each.name.casefold(), each.handle))


def names_of_plugins() -> Mapping[str, str]:
    """Return the names of the plugins that the site knows, uninstalled ones too, by handle."""
    rows = db.session.execute(select(PluginRow.plugin_name, PluginRow.name))
    return {row.plugin_name: row.name for row in rows}
