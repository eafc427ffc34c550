"""The hooks that are specified and not yet fired, each with the package that will fire it.

A package that begins to fire one declares it in its own ``hooks.py`` and takes it out of here; the
catalogue refuses a name that stands in both.
"""

from __future__ import annotations

from portal.pluginengine import planned_beyond, planned_seed

HOOKS = (*planned_seed.HOOKS, *planned_beyond.HOOKS)
