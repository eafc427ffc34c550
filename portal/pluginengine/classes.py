"""Which classes of a plugin's code carry it out: the plugin's own, and the one that answers hooks (design 4).

An object that plugin.py registers is the first (GForge); ``class:`` names it in any module; else it is
the one class in plugin.py that extends Plugin.
``event:`` names the second in plugin.py (EC-CUBE); without it the plugin object answers itself.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any, cast

from flask_babel import gettext as _

from portal.pluginengine.errors import LoadError
from portal.pluginengine.gforge import answers_by_get_hooks
from portal.pluginengine.manifest import Manifest
from portal.pluginengine.plugin import Plugin
from portal.pluginengine.registration import the_one

#: Imports a module of the plugin's package; None when there is no such file.
Importer = Callable[[str], ModuleType | None]
#: Called for each generation with what stands for its app, and the plugin (2.3.5).
Service = Callable[[Any, Plugin], object]


def make_plugin(
    handle: str,
    manifest: Manifest,
    load: Importer,
    registered: Callable[[], Sequence[object]] = tuple,
    plain: type[Plugin] = Plugin,
) -> Plugin:
    """Return the plugin object; a ``plain`` one for a plugin without code. Raises ``LoadError``.

    ``registered`` gives what the package has registered, once plugin.py is imported.
    """
    main = load("plugin")
    objects = registered()
    if objects:
        return the_one(handle, objects)
    plugin = _make(handle, manifest, load, main, plain)
    if answers_by_get_hooks(plugin):
        cause = _(
            "%(name)s has get_hooks(), but plugin.py registers no object: "
            "write register_plugin(%(name)s()) at its end.",
            name=type(plugin).__name__,
        )
        raise LoadError(handle, cause)
    return plugin


def _make(
    handle: str, manifest: Manifest, load: Importer, main: ModuleType | None, plain: type[Plugin]
) -> Plugin:
    path = manifest.class_path
    if path is not None:
        return _plugin(handle, _named(handle, load, path.module or "plugin", path.name))
    if main is None:
        is_plain = all(hasattr(plain, each.handler) for each in manifest.handlers)
        if manifest.event or not is_plain:
            raise LoadError(handle, _("It declares handlers, but has no plugin.py."))
        return plain()
    named = vars(main).get(manifest.event or "")
    if inspect.isclass(named) and issubclass(named, Plugin):
        return _plugin(handle, named)
    own = [each for each in vars(main).values() if _is_own_plugin(each, main)]
    if len(own) > 1 or (not own and named is None):
        cause = _(
            "plugin.py must hold one class that extends Plugin; it holds %(count)s. "
            "Name the right one with class:.",
            count=len(own),
        )
        raise LoadError(handle, cause)
    return _plugin(handle, own[0]) if own else plain()


def make_answerer(handle: str, manifest: Manifest, load: Importer, plugin: Plugin) -> object:
    """Return the object whose methods are the handlers of event.yml. Raises ``LoadError``."""
    if not manifest.event:
        return plugin
    found = _named(handle, load, "plugin", manifest.event)
    if isinstance(plugin, found):
        return plugin
    answerer = found()
    answerer.plugin = plugin
    return answerer


def make_services(handle: str, manifest: Manifest, load: Importer) -> tuple[Service, ...]:
    """Return what ``service:`` names (E-19): functions, and ``register`` of classes. Raises ``LoadError``."""
    return tuple(
        _service(handle, load, path.module or "services", path.name) for path in manifest.service
    )


def _service(handle: str, load: Importer, module: str, name: str) -> Service:
    found = vars(load(module) or ModuleType(module)).get(name)
    if inspect.isclass(found):
        found = getattr(found(), "register", None)
    if not callable(found):
        raise LoadError(
            handle,
            _(
                "%(file)s has no service %(name)s: a function %(name)s(app, plugin), or a class with"
                " register(app, plugin).",
                file=module.replace(".", "/") + ".py",
                name=name,
            ),
        )
    return cast(Service, found)


def _named(handle: str, load: Importer, module: str, name: str) -> type[Any]:
    found = vars(load(module) or ModuleType(module)).get(name)
    if not inspect.isclass(found):
        raise LoadError(
            handle,
            _("%(file)s has no class %(name)s.", file=module.replace(".", "/") + ".py", name=name),
        )
    return found


def _plugin(handle: str, made_by: type[Any]) -> Plugin:
    made = made_by()
    if not isinstance(made, Plugin):
        raise LoadError(
            handle, _("The class %(name)s does not extend Plugin.", name=made_by.__name__)
        )
    return made


def _is_own_plugin(value: object, module: ModuleType) -> bool:
    return (
        inspect.isclass(value) and issubclass(value, Plugin) and value.__module__ == module.__name__
    )
