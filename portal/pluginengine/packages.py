"""Plugins installed by pip: packages that announce themselves by the entry point group ``portal.plugins``.

The entry point's name is the plugin's code, its value the package that holds config.yml. Nothing is
imported to find them: a plugin's code runs only once it is enabled (R-19).
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.machinery import ModuleSpec, PathFinder
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from flask_babel import gettext as _

GROUP = "portal.plugins"

Signature = tuple[tuple[str, int], ...]


@dataclass(frozen=True, kw_only=True)
class Package:
    """An announced package: the plugin's code, the importable name, its folder or what is wrong."""

    code: str
    name: str
    folder: Path | None = None
    fault: str = ""


class InstalledPackages:
    """The announced packages of this environment, looked up again when something was installed."""

    def __init__(self) -> None:
        self._known: tuple[Signature, tuple[Package, ...]] | None = None

    def found(self) -> tuple[Package, ...]:
        """Return the packages, by code."""
        signature = _signature(sys.path)
        if self._known is None or self._known[0] != signature:
            points = {(each.name, each.value): each for each in entry_points(group=GROUP)}
            self._known = (signature, tuple(_package(points[key]) for key in sorted(points)))
        return self._known[1]


def _signature(places: Iterable[str]) -> Signature:
    """What changes when pip installs, upgrades or removes anything."""
    folders = (Path(place) for place in places)
    return tuple((str(path), path.stat().st_mtime_ns) for path in folders if path.is_dir())


def _package(point: EntryPoint) -> Package:
    name = point.value.strip()
    try:
        spec = _find(name)
    except (ImportError, AttributeError, ValueError):
        spec = None
    places = list(spec.submodule_search_locations or ()) if spec is not None else []
    if not places:
        fault = _(
            "The entry point %(code)s of the group %(group)s names %(name)s, which is no package.",
            code=point.name,
            group=GROUP,
            name=name,
        )
        return Package(code=point.name, name=name, fault=fault)
    holding = [Path(place) for place in places if (Path(place) / "config.yml").is_file()]
    return Package(code=point.name, name=name, folder=(holding or [Path(places[0])])[0])


def _find(name: str) -> ModuleSpec | None:
    """Find a package by its dotted name without importing those around it."""
    first, *rest = name.split(".")
    spec = importlib.util.find_spec(first)
    for part in rest:
        if spec is None or spec.submodule_search_locations is None:
            return None
        spec = PathFinder.find_spec(f"{spec.name}.{part}", spec.submodule_search_locations)
    return spec
