"""Which fields the plugins of a generation add to the core's types; two of one name cannot stand (3.3.3)."""

from __future__ import annotations

import logging

from flask import Flask

from portal.pluginengine.loader import LoadedPlugin, Problem
from portal.pluginengine.objecttypes.attributes import field_fault, install_fields

logger = logging.getLogger(__name__)


def extend_core_types(
    app: Flask, plugins: dict[str, LoadedPlugin], problems: dict[str, Problem]
) -> None:
    """Install the fields of the loaded plugins; a plugin whose field an earlier one has does not run."""
    taken: dict[tuple[str, str], str] = {}
    for handle, plugin in list(plugins.items()):
        names = [
            (each.core.name, field.name)
            for each in plugin.types.extensions
            for field in each.fields
        ]
        twice = [name for name in names if name in taken]
        if twice:
            cause = field_fault(".".join(twice[0]), taken[twice[0]])
            problems[handle] = Problem(kind="broken", cause=cause)
            del plugins[handle]
            logger.warning("Plugin %s does not run: %s", handle, cause)
        else:
            taken |= dict.fromkeys(names, handle)
    install_fields(
        app,
        [(handle, each) for handle, plugin in plugins.items() for each in plugin.types.extensions],
    )
