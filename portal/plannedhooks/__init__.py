"""The hooks that are specified and not yet fired, each with the package that will fire it.

A package that begins to fire one declares it in its own ``hooks.py`` and takes it out of here; the
catalogue refuses a name that stands in both.
"""

from __future__ import annotations

from portal.plannedhooks import beyond, seed

HOOKS = (*seed.HOOKS, *beyond.HOOKS)
