"""What outlives a generation: the process's plugin modules, digests, health, counters, way to build an app."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from flask import Flask

from portal.core.metrics.sharing import FOLDER, Share
from portal.core.metrics.tallies import Tallies
from portal.pluginengine.digest import Digests
from portal.pluginengine.discovery import Discovery, Found, Place
from portal.pluginengine.health import HealthLog
from portal.pluginengine.hookfigures import hook_rows
from portal.pluginengine.modules import PluginModules
from portal.pluginengine.state import SiteState
from portal.pluginengine.store import OwnReads, Store

Builder = Callable[[SiteState], Flask]


class Runtime:
    """The part of the engine that a process has once, handed from generation to generation.

    ``build`` makes an app from a state, given by the composition root; ``var`` is the directory for
    locks and caches; ``database_url`` names the database for the few steps that need no app;
    ``judged`` holds the packages whose handlers and pages have been found in order.
    """

    def __init__(
        self,
        *,
        build: Builder,
        database_url: str,
        var: Path,
        plugins_dir: Path,
        plugin_path: tuple[Path, ...] = (),
        health: HealthLog | None = None,
    ) -> None:
        self.build = build
        self.database_url = database_url
        self.var = var
        self.digests = Digests()
        self.store = Store(var / "store")
        self.health = health or HealthLog()
        self.modules = PluginModules(self.health)
        self.tallies = Tallies()
        self.tallies.tell(partial(hook_rows, self.health))
        self.share = Share(var / FOLDER, self.tallies)
        self.judged: set[str] = set()
        places = [Place(path=plugins_dir, source="bundled")]
        places += [Place(path=path, source="path") for path in plugin_path]
        self.discovery = Discovery(places, self.digests)

    def sources(self) -> object:
        """Return what changes whenever a file of a plugin on disk does, tests and caches apart."""
        return tuple((each.folder, each.digest) for each in self.discovery.found().values())

    def stored(self, sha256: str) -> Found:
        """Return the plugin in an uploaded archive, unpacked when this host has not done so yet.

        Raises ``StoreError`` when the database has no such archive, ``OSError`` when it cannot be written.
        """
        folder = self.store.folder_of(sha256, OwnReads(self.database_url))
        return self.discovery.judge_stored(folder)

    def close(self) -> None:
        """Take the plugin modules out of the process; for tests and the end of commands."""
        self.share.stop()
        self.modules.close()
