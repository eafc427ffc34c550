"""Judges the paths that a manifest names inside the plugin's folder."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from flask_babel import gettext as _

from portal.pluginengine.errors import BadValue
from portal.pluginengine.manifest.entry import Entry

DEFAULT_MIGRATIONS: Final = "migrations"

_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.\-]*")


def parse_path(text: str) -> str:
    """A path inside the plugin, parts joined by "/"; raises BadValue for any that could lead out.

    One slash in front is accepted and means the plugin's folder, as in EC-CUBE's own plugins.
    """
    parts = text.removeprefix("/").removesuffix("/").split("/")
    if len(text) > 255 or not all(_PART.fullmatch(part) for part in parts):
        raise BadValue(
            text,
            _(
                "A path inside the plugin's folder belongs here, for example Resource/doctrine;"
                " its parts are ASCII letters, digits, '_', '-' and '.', none in front."
            ),
        )
    return "/".join(parts)


def paths(entry: Entry, holds: Callable[[str], bool] | None) -> tuple[str, ...]:
    """A list of paths inside the plugin (E-20, E-22); ``holds`` tells whether one is there."""
    found = entry.distinct(lambda item: item.checked(parse_path))
    for path in found:
        if holds is not None and not holds(path):
            entry.fault(_("The plugin's folder does not hold this path."), path)
    return found


def migration_paths(entry: Entry, holds: Callable[[str], bool] | None) -> tuple[str, ...]:
    """The folders with migrations: as given, else `migrations` where the plugin holds it."""
    if entry.is_absent and holds is not None and holds(DEFAULT_MIGRATIONS):
        return (DEFAULT_MIGRATIONS,)
    return paths(entry, holds)
