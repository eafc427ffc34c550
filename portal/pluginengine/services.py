"""Services of plugins (E-19): what `service:` names is called for every generation, and brings pages.

Bounded as a blueprint is: a service hangs nothing on the whole site (design 9).
"""

from __future__ import annotations

import logging
from collections import ChainMap
from types import MappingProxyType
from typing import Any, Final, cast

from flask import Blueprint, Flask
from flask_babel import gettext as _

from portal.core.interrupts import is_interrupt
from portal.core.transactions import guarded
from portal.pluginengine.context import running_as
from portal.pluginengine.errors import HandlerMisuse, LoadError
from portal.pluginengine.loader import LoadedPlugin
from portal.pluginengine.mounting import Mount, judge_blueprints, own_pages, prefix_of
from portal.pluginengine.plugin import Plugin
from portal.pluginengine.templatefilters import Filter, as_filter, filter_name

EXTENSION: Final = "portal.service."
"""Under this name and a handle, an app keeps what the plugin's services put into ``extensions``."""


class ServiceApp:
    """What a service gets for an app, and may give to the ``init_app`` of an extension of Flask's.

    It takes blueprints and filters. ``config`` shows the site's configuration under what the plugin puts
    into it for itself; ``extensions`` is the plugin's own. Both are kept with this generation.
    """

    def __init__(self, app: Flask, plugin: Plugin) -> None:
        site = cast("dict[str, Any]", MappingProxyType(app.config))
        self.config: ChainMap[str, Any] = ChainMap({}, site)
        self.extensions: dict[str, Any] = app.extensions.setdefault(EXTENSION + plugin.handle, {})
        self.debug, self.testing = app.debug, app.testing
        self.logger: logging.Logger = plugin.logger
        self.mounts: list[Mount] = []
        self.filters: dict[str, Filter] = {}
        self._handle = plugin.handle

    def register_blueprint(self, blueprint: Blueprint, *, url_prefix: str | None = None) -> None:
        """Let the pages of a blueprint stand below /plugins/<handle>/ and its own prefix.

        Its endpoints are ``<handle>.<name of the blueprint>.<view>``.
        """
        own = (blueprint.url_prefix if url_prefix is None else url_prefix) or ""
        own = own.removeprefix(prefix_of(self._handle)).strip("/")
        prefix = f"{prefix_of(self._handle)}/{own}".rstrip("/")
        mount = Mount(blueprint=blueprint, url_prefix=prefix, name_prefix=self._handle)
        self.mounts.append(mount)

    def add_template_filter(self, function: Filter, name: str | None = None) -> None:
        """Offer a filter to templates, as ``<handle>.<name>``: ``{{ text|probe.shout }}``.

        ValueError for a name that templates cannot write.
        """
        own = filter_name(self._handle, name or str(getattr(function, "__name__", "")))
        self.filters[own] = as_filter(self._handle, function)

    def template_filter(self, name: str | Filter | None = None) -> Any:
        """Offer what it decorates as a filter: ``@app.template_filter("shout")``, or under its own name."""
        if callable(name):
            self.add_template_filter(name)
            return name

        def offer(function: Filter) -> Filter:
            self.add_template_filter(function, name)
            return function

        return offer

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(
            _(
                "A service may call app.register_blueprint() and app.add_template_filter(), and use"
                " app.config and app.extensions. app.%(name)s belongs to the whole site.",
                name=name,
            )
        )


def pages_of(app: Flask, loaded: LoadedPlugin) -> tuple[Mount, ...]:
    """Call the services of a plugin for ``app``; return its own pages and those that they bring, judged.

    Their filters are in the app's templates then. They run as the plugin. Raises ``LoadError`` when one
    raises, whatever it is, and when a blueprint would reach beyond the plugin's own addresses.
    """
    handle = loaded.handle
    own = (own_pages(handle, loaded.blueprint),) if loaded.blueprint is not None else ()
    if not loaded.services:
        return own  # judged when its code was first seen
    given = ServiceApp(app, loaded.instance)
    for service in loaded.services:
        try:
            with running_as(handle), guarded(HandlerMisuse):
                service(given, loaded.instance)
        except BaseException as error:
            if is_interrupt(error):
                raise
            loaded.instance.logger.exception("A service failed")
            cause = _(
                "Its service %(name)s failed: %(error)s",
                name=getattr(service, "__qualname__", repr(service)),
                error=f"{type(error).__name__}: {error}",
            )
            raise LoadError(handle, cause) from error
    mounts = (*own, *given.mounts)
    judge_blueprints(handle, *mounts, types=loaded.types.own)
    app.jinja_env.filters.update(given.filters)
    return mounts
