"""The base class of plugins as the engine calls it; authors extend ``portal.pluginapi.Plugin``."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Flask, current_app, has_request_context, render_template, url_for
from markupsafe import Markup

from portal.pluginengine.files import PluginFiles
from portal.pluginengine.health import HealthLog
from portal.pluginengine.health.measuring import measured
from portal.pluginengine.health.places import TEMPLATE


class Plugin:
    """A plugin: handlers are its methods, lifecycle callbacks are optional methods.

    One instance per plugin and generation; keep no state on it. ``__init__`` takes nothing; the host
    sets ``code``, ``handle``, ``version``, ``digest`` (of its code), ``folder``, ``files`` (where it may
    write), ``manifest`` (the parsed config.yml) and ``logger``.
    """

    code: str = ""
    handle: str = ""
    version: str = ""
    digest: str = ""
    folder: Path
    files: PluginFiles
    manifest: Mapping[str, Any]
    logger: logging.Logger
    _portal_health: HealthLog

    def install(self, config: dict[str, Any], app: Flask) -> None:
        """Be installed (E-32, E-40); ``db.session`` is the operation's own transaction: never commit."""

    def enable(self, config: dict[str, Any], app: Flask) -> None:
        """Be enabled on the site (E-41, E-46)."""

    def update(self, config: dict[str, Any], app: Flask) -> None:
        """Be updated; ``config["previous_version"]`` is the version left behind (E-40)."""

    def disable(self, config: dict[str, Any], app: Flask) -> None:
        """Be disabled; called before every uninstall too, so it must be idempotent (E-39, E-46)."""

    def uninstall(self, config: dict[str, Any], app: Flask) -> None:
        """Be uninstalled (E-40)."""

    def url(self, view: str, **values: Any) -> str:
        """Return the address of a view of this plugin: ``self.url("index", group=group)``.

        Works without a request, too (jobs, callbacks): it is always a path on this site.
        """
        endpoint = f"{self.handle}.{view}"
        if has_request_context():
            return url_for(endpoint, **values)
        current_app.inject_url_defaults(endpoint, values)
        return current_app.url_map.bind("").build(endpoint, values)

    def render(self, template: str, **context: Any) -> Markup:
        """Render a template of this plugin: "tab.html" is templates/<handle>/tab.html."""
        with measured(self._portal_health, self.handle, TEMPLATE, template):
            text = render_template(f"{self.handle}:{template}", plugin=self, **context)
        return Markup(text)  # noqa: S704


def seat(  # noqa: PLR0913 - what a plugin is given is named one by one
    plugin: Plugin,
    *,
    code: str,
    version: str,
    folder: Path,
    digest: str,
    files: PluginFiles,
    manifest: Mapping[str, Any],
    health: HealthLog,
) -> None:
    """Give a new instance, whose handle is set, what the host knows of it."""
    plugin.code, plugin.version, plugin.digest = code, version, digest
    plugin.folder, plugin.files, plugin.manifest = folder, files, manifest
    plugin._portal_health = health
    plugin.logger = logging.getLogger(f"portal.plugin.{plugin.handle}")
