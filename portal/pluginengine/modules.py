"""Importing plugins: a folder becomes the package ``portal_plugins.<handle>_<12 hex digits>``.

The digest in the name lets two versions live side by side during a swap, and lets generations share
modules that have not changed (engineering A6). Plugin folders are never written to: no bytecode.
Packages of pip keep their own names, so a process has one version of them, until it is restarted.
"""

from __future__ import annotations

import importlib
import importlib.machinery
import importlib.util
import sys
from collections.abc import Iterable, Sequence
from importlib.abc import MetaPathFinder
from pathlib import Path
from threading import RLock
from types import ModuleType
from typing import Any

from portal.pluginengine.context import running_as
from portal.pluginengine.health import HealthLog
from portal.pluginengine.health.measuring import measured
from portal.pluginengine.health.places import IMPORT
from portal.pluginengine.registration import importing

ROOT_PACKAGE = "portal_plugins"


class _SourceLoader(importlib.machinery.SourceFileLoader):
    def set_data(self, path: str, data: Any, *, _mode: int = 0o666) -> None:
        """Write nothing: plugin folders are read-only to us."""


class _Finder(MetaPathFinder):
    """Finds ``portal_plugins.*`` in the folders that were announced, and nothing else."""

    def __init__(self) -> None:
        self.folders: dict[str, Path] = {}

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname == ROOT_PACKAGE:
            spec = importlib.machinery.ModuleSpec(fullname, None, is_package=True)
            spec.submodule_search_locations = []
            return spec
        if not fullname.startswith(ROOT_PACKAGE + "."):
            return None
        if fullname in self.folders:
            return self._package(fullname, self.folders[fullname])
        if path is None:
            return None
        name = fullname.rpartition(".")[2]
        for place in path:
            folder = Path(place) / name
            if (folder / "__init__.py").is_file():
                return self._package(fullname, folder)
            file = folder.with_suffix(".py")
            if file.is_file():
                loader = _SourceLoader(fullname, str(file))
                return importlib.util.spec_from_file_location(fullname, file, loader=loader)
        return None

    @staticmethod
    def _package(fullname: str, folder: Path) -> importlib.machinery.ModuleSpec | None:
        file = folder / "__init__.py"
        if file.is_file():
            return importlib.util.spec_from_file_location(
                fullname,
                file,
                loader=_SourceLoader(fullname, str(file)),
                submodule_search_locations=[str(folder)],
            )
        spec = importlib.machinery.ModuleSpec(fullname, None, is_package=True)
        spec.submodule_search_locations = [str(folder)]
        return spec


class PluginModules:
    """The plugin packages of this process, each imported once per digest. Thread-safe.

    ``health`` takes the time of imports, and says what is being imported if that ends the process.
    """

    def __init__(self, health: HealthLog | None = None) -> None:
        self._health = health or HealthLog()
        self._finder = _Finder()
        self._lock = RLock()
        self._absent: set[str] = set()
        self._versions: dict[str, str] = {}
        sys.meta_path.insert(0, self._finder)

    def close(self) -> None:
        """Forget every package and leave the import system as it was."""
        self.keep_only(())
        if self._finder in sys.meta_path:
            sys.meta_path.remove(self._finder)

    def package_name(self, handle: str, folder: Path, digest: str) -> str:
        """Announce a folder and return the name of its package."""
        name = f"{ROOT_PACKAGE}.{handle}_{digest[:12]}"
        with self._lock:
            self._finder.folders[name] = folder
        return name

    def version_of(self, package: str, version: str) -> str:
        """Return the version of a pip package that this process runs: the one it met first."""
        with self._lock:
            return self._versions.setdefault(package, version)

    def load(self, package: str, module: str, plugin: str) -> ModuleType | None:
        """Import ``module`` of a package, or return None when the folder has no such module.

        What the import raises goes through; a package that fails leaves nothing behind, so that the
        next try starts afresh. ``plugin`` is the handle that registrations during the import belong to.
        """
        name = f"{package}.{module}"
        with self._lock:
            if name in sys.modules or name in self._absent:
                return sys.modules.get(name)
            try:
                with (
                    measured(self._health, plugin, IMPORT, module),
                    running_as(plugin),
                    importing(package),
                ):
                    importlib.import_module(package)
                    if importlib.util.find_spec(name) is None:
                        self._absent.add(name)
                        return None
                    return importlib.import_module(name)
            except BaseException:
                self._drop(package)
                raise

    def keep_only(self, packages: Iterable[str]) -> None:
        """Drop the packages of digests that no generation uses any more."""
        kept = set(packages)
        with self._lock:
            for name in [each for each in self._finder.folders if each not in kept]:
                self._drop(name)
                del self._finder.folders[name]

    def _drop(self, package: str) -> None:
        if not package.startswith(ROOT_PACKAGE + "."):
            return
        for name in [
            each for each in sys.modules if each == package or each.startswith(package + ".")
        ]:
            del sys.modules[name]
        self._absent -= {each for each in self._absent if each.startswith(package + ".")}
        root = sys.modules.get(ROOT_PACKAGE)
        if root is not None:
            vars(root).pop(package.rpartition(".")[2], None)
