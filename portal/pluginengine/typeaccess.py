"""The mapped class of a type, as the running generation has it: what plugins read and write rows with."""

from __future__ import annotations

from typing import Any

from flask import current_app
from flask_babel import gettext as _

from portal.pluginengine.engine import current_engine
from portal.pluginengine.errors import PluginError
from portal.pluginengine.hosting import core_types_of


def model_of(handle: str, name: str) -> type[Any]:
    """Return the class of the plugin's own type ``name``, or of the core's type of that name or alias.

    Raises PluginError when there is none, or when the plugin does not run.
    """
    plugin = current_engine().plugins.get(handle)
    own = plugin.types.own if plugin is not None else {}
    if name in own:
        return own[name].model
    core_types = core_types_of(current_app)
    core = core_types.find(name)
    if core is None:
        raise PluginError(
            _(
                "The plugin %(plugin)s has no type %(name)s; it has %(names)s.",
                plugin=handle,
                name=name,
                names=", ".join([*own, *core_types.names()]),
            )
        )
    return core.model
