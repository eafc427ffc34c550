"""Packages of the host that read what manifests declare: each judges every plugin, then takes what it declares.

A declaration that cannot stand beside those of the portal and of the plugins before costs its plugin only.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, MutableMapping
from dataclasses import dataclass
from typing import cast

from flask import Flask

from portal.pluginengine.errors import LoadError
from portal.pluginengine.loader import LoadedPlugin, Problem
from portal.pluginengine.manifest import Manifest

logger = logging.getLogger(__name__)

EXTENSION = "portal.manifest_readers"


@dataclass(frozen=True, kw_only=True)
class ManifestReader:
    """What a package does with manifests while an app is built.

    ``judge`` raises ``LoadError`` and changes nothing; ``adopt`` takes what all readers found in order;
    ``finish`` is called when all plugins were read.
    """

    judge: Callable[[Manifest], None]
    adopt: Callable[[Manifest], None]
    finish: Callable[[], None]


def read_manifests(app: Flask, reader: ManifestReader) -> None:
    """Let ``reader`` read the manifest of every plugin that is going to run in ``app``."""
    _readers(app).append(reader)


def read_all(
    app: Flask, plugins: MutableMapping[str, LoadedPlugin], problems: MutableMapping[str, Problem]
) -> None:
    """Have all manifests read: those that others need first, then by the order of ``plugins`` (3.3.3)."""
    readers = _readers(app)
    for plugin in list(_needed_first(plugins)):
        try:
            for each in readers:
                each.judge(plugin.manifest)
        except LoadError as error:
            problems[plugin.handle] = Problem(kind="broken", cause=error.cause)
            del plugins[plugin.handle]
            logger.warning("Plugin %s does not run: %s", plugin.handle, error.cause)
        else:
            for each in readers:
                each.adopt(plugin.manifest)
    for each in readers:
        each.finish()


def _readers(app: Flask) -> list[ManifestReader]:
    return cast("list[ManifestReader]", app.extensions.setdefault(EXTENSION, []))


def _needed_first(plugins: MutableMapping[str, LoadedPlugin]) -> Iterator[LoadedPlugin]:
    by_code = {each.record.code.lower(): each for each in plugins.values()}
    seen: set[str] = set()

    def visit(plugin: LoadedPlugin) -> Iterator[LoadedPlugin]:
        if plugin.handle in seen:
            return
        seen.add(plugin.handle)
        for need in plugin.manifest.requires.plugins:
            if need.code.lower() in by_code:
                yield from visit(by_code[need.code.lower()])
        yield plugin

    for each in plugins.values():
        yield from visit(each)
