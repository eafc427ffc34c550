"""Services of plugins (E-19): what `service:` names is called for every generation and brings pages of its own.

Bounded as a blueprint is: a service hangs nothing on the whole site (design 9).
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from flask import Blueprint, Flask
from flask_babel import gettext as _

from portal.core.interrupts import is_interrupt
from portal.core.transactions import guarded
from portal.pluginengine.context import running_as
from portal.pluginengine.errors import HandlerMisuse, LoadError
from portal.pluginengine.loader import LoadedPlugin
from portal.pluginengine.mounting import Mount, judge_blueprints, own_pages, prefix_of
from portal.pluginengine.plugin import Plugin

EXTENSION: Final = "portal.service."
"""Under this name and a handle, an app keeps what the plugin's services put into ``extensions``."""


class ServiceApp:
    """What a service gets for an app: it takes blueprints, and shows the site's configuration.

    ``extensions`` is the plugin's own, kept with this generation; ``config`` is for reading.
    """

    def __init__(self, app: Flask, plugin: Plugin) -> None:
        self.config: Mapping[str, Any] = MappingProxyType(app.config)
        self.extensions: dict[str, Any] = app.extensions.setdefault(EXTENSION + plugin.handle, {})
        self.logger: logging.Logger = plugin.logger
        self.mounts: list[Mount] = []
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

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(
            _(
                "A service may call app.register_blueprint(), read app.config and keep things in"
                " app.extensions. app.%(name)s belongs to the whole site.",
                name=name,
            )
        )


def pages_of(app: Flask, loaded: LoadedPlugin) -> tuple[Mount, ...]:
    """Call the services of a plugin for ``app``; return its own pages and those that they bring, judged.

    They run as the plugin. Raises ``LoadError`` when one raises, whatever it is, and when a blueprint
    would reach beyond the plugin's own addresses.
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
    judge_blueprints(handle, *mounts)
    return mounts
