"""``register_plugin(obj)``: how a GForge plugin names the object that carries it out (seed 004, design 4).

What is registered stands on the plugin's package, because modules are shared by generations (A6).
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

from flask_babel import gettext as _

from portal.pluginengine.errors import LoadError
from portal.pluginengine.plugin import Plugin

#: The package whose module is being imported right now.
_package: ContextVar[str | None] = ContextVar("portal_imported_package", default=None)

_REGISTERED = "__portal_registered__"


@contextmanager
def importing(package: str) -> Iterator[None]:
    """Let what is registered inside the block belong to the package."""
    token = _package.set(package)
    try:
        yield
    finally:
        _package.reset(token)


def register_plugin(plugin: object) -> None:
    """Name the one object that carries the plugin out: ``register_plugin(Hello())`` in plugin.py.

    RuntimeError outside the import of a plugin; a wrong or a second object fails the loading.
    """
    package = _package.get()
    if package is None:
        raise RuntimeError(
            "register_plugin() was called outside a plugin's import. Call it in plugin.py, once."
        )
    vars(sys.modules[package]).setdefault(_REGISTERED, []).append(plugin)


def registered_by(package: str) -> tuple[object, ...]:
    """Return what a package has registered so far, in order."""
    module = sys.modules.get(package)
    return tuple(vars(module).get(_REGISTERED, ())) if module is not None else ()


def the_one(handle: str, objects: Sequence[object]) -> Plugin:
    """Return the only object of those registered; raises LoadError for two and for a wrong one."""
    if len(objects) > 1:
        cause = _(
            "register_plugin() was called %(count)s times; call it once, with one object.",
            count=len(objects),
        )
        raise LoadError(handle, cause)
    (found,) = objects
    if isinstance(found, Plugin):
        return found
    if inspect.isclass(found):
        cause = _(
            "register_plugin() got the class %(name)s; give it an object: register_plugin(%(name)s()).",
            name=found.__name__,
        )
    else:
        cause = _(
            "register_plugin() got an object of %(name)s, which does not extend Plugin.",
            name=type(found).__name__,
        )
    raise LoadError(handle, cause)
