"""Small plugins written into a folder of the test's own, and the app of a site that runs them."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from textwrap import dedent, indent

import yaml
from flask import Flask

from portal.app import create_app
from portal.config import Settings
from portal.core.unit_of_work import unit_of_work
from portal.pluginengine import rows
from portal.pluginengine.engine import current_engine


class PluginSite:
    """A site whose plugins lie in a folder of their own; bundled ones are not among them."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        folder.mkdir()
        self.folder = folder
        self.settings = replace(settings, plugins_dir=folder)

    def write(
        self, handle: str, handlers: Mapping[str, str] | None = None, **config: object
    ) -> None:
        """Write a plugin's folder: ``handlers`` maps a hook to the body of its handler.

        A body sees its arguments as the keyword mapping ``given``.
        """
        folder = self.folder / handle
        folder.mkdir()
        manifest = {"name": handle.capitalize(), "code": handle, "version": "1.0"} | config
        (folder / "config.yml").write_text(yaml.safe_dump(manifest))
        events = {hook: [{"handler": f"on_{hook}", "type": "NORMAL"}] for hook in handlers or {}}
        (folder / "event.yml").write_text(yaml.safe_dump(events))
        (folder / "plugin.py").write_text(_source(handlers or {}))

    def run(self, *handles: str) -> Flask:
        """Enable these plugins, as if by lifecycle, and return an app that runs them."""
        app = create_app(self.settings)
        with app.app_context(), unit_of_work():
            found = current_engine().runtime.discovery.found()
            for handle in handles:
                manifest = found[handle].manifest
                assert manifest is not None, found[handle].faults
                row = rows.insert_row(manifest)
                rows.insert_handlers(row, manifest)
                row.enable = row.initialized = 1
        app = create_app(self.settings)
        app.config.update(TESTING=True, PROPAGATE_EXCEPTIONS=False, WTF_CSRF_ENABLED=False)
        return app


def _source(handlers: Mapping[str, str]) -> str:
    methods = [
        f"    def on_{hook}(self, **given):\n{indent(dedent(body).strip(), ' ' * 8)}\n"
        for hook, body in handlers.items()
    ]
    return (
        "from markupsafe import Markup\n"
        "from portal.pluginapi import *\n\n"
        "class Sample(Plugin):\n    pass\n" + "\n".join(methods)
    )
