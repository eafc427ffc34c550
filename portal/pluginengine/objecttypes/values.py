"""The types of a plugin as values: its own, and the core's in the same registry (M-15, M-16, M-25)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Table

from portal.pluginengine.manifest.values import FieldDeclaration


@dataclass(frozen=True, kw_only=True)
class CoreType:
    """A type that the core has: ``aliases`` are the names that other systems give it (1C.11)."""

    name: str
    model: type[Any]
    aliases: tuple[str, ...] = ()

    @property
    def table(self) -> Table:
        """The core's table of it."""
        table = self.model.__table__
        assert isinstance(table, Table)
        return table


@dataclass(frozen=True, kw_only=True)
class OwnType:
    """A type that a plugin declares: its table and the mapped class of its rows."""

    name: str
    model: type[Any]
    table: Table


@dataclass(frozen=True, kw_only=True)
class Extension:
    """Fields that a plugin adds to a type of the core, kept in a side table of the plugin's (3.3.3)."""

    core: CoreType
    table: Table
    fields: tuple[FieldDeclaration, ...]


class CoreTypes:
    """The core's types by name and alias."""

    def __init__(self, types: Iterable[CoreType] = ()) -> None:
        self._types: dict[str, CoreType] = {}
        for each in types:
            for name in (each.name, *each.aliases):
                if name in self._types:
                    raise ValueError(f"There is a type {name!r} already; choose another name.")
                self._types[name] = each

    def find(self, name: str) -> CoreType | None:
        """Return the type of that name or alias, or None."""
        return self._types.get(name)

    def names(self) -> Sequence[str]:
        """Return every name and alias, sorted."""
        return sorted(self._types)


@dataclass(frozen=True, kw_only=True)
class PluginTypes:
    """What a plugin declares under ``object_types`` and ``orm.path``, once its code is imported."""

    own: Mapping[str, OwnType] = field(default_factory=dict)
    extensions: tuple[Extension, ...] = ()

    @property
    def tables(self) -> tuple[Table, ...]:
        """The tables of its own types and of its extensions."""
        return (
            *(each.table for each in self.own.values()),
            *(each.table for each in self.extensions),
        )
