"""The engine of one app generation: everything that plugin code and host code ask at run time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from flask import Flask, current_app

from portal.pluginengine.activation import Activation
from portal.pluginengine.catalogue import Catalogue
from portal.pluginengine.dispatch import Hooks
from portal.pluginengine.health import HealthLog
from portal.pluginengine.loader import LoadedPlugin, Problem
from portal.pluginengine.runtime import Runtime
from portal.pluginengine.state import SiteState

EXTENSION = "portal.engine"

#: The verbs after which a plugin is there again.
_COMING_BACK = frozenset({"update", "enable", "install"})


@dataclass(frozen=True, kw_only=True)
class Engine:
    """One generation's engine, sealed when the app is built.

    ``plugins`` are the running ones by handle; ``problems`` says, by handle, why one does not run.
    """

    state: SiteState
    catalogue: Catalogue
    hooks: Hooks
    activation: Activation
    health: HealthLog
    plugins: Mapping[str, LoadedPlugin]
    problems: Mapping[str, Problem]
    runtime: Runtime

    @property
    def held(self) -> frozenset[str]:
        """The handles of plugins whose pages come back in a moment: an update is changing their tables."""
        state = self.state
        return frozenset(handle for handle, verb in state.held.items() if verb in _COMING_BACK)

    def install_on(self, app: Flask) -> None:
        """Make this the engine that ``current_engine()`` finds in ``app``."""
        app.extensions[EXTENSION] = self


def current_engine() -> Engine:
    """Return the engine of the running app; RuntimeError outside an app context."""
    return cast(Engine, current_app.extensions[EXTENSION])
