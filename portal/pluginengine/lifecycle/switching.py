"""Registering plugins that lie in a folder, switching them on and off, and forgetting them."""

from __future__ import annotations

from flask_babel import gettext as _

from portal.pluginengine import dependencies, rows
from portal.pluginengine.actions import (
    PLUGIN_DISABLE,
    PLUGIN_ENABLE,
    PLUGIN_REGISTER,
    PLUGIN_UNREGISTER,
)
from portal.pluginengine.engine import Engine
from portal.pluginengine.errors import Refused
from portal.pluginengine.lifecycle.callbacks import build, call, candidate, migrate
from portal.pluginengine.lifecycle.finding import known, note, offered, refuse_taken, to_silence
from portal.pluginengine.lifecycle.running import Outcome, Work, run
from portal.pluginengine.models import PluginRow
from portal.pluginengine.personalrecord import forget_absent


def register(code: str, *, dry_run: bool = False) -> Outcome:
    """Insert the row of a plugin found on disk, and its handlers; it stays disabled (seed 001, 004).

    Registering twice changes nothing. Raises ``Refused`` when no such folder exists or its files are faulty.
    """

    def step(work: Work) -> str:
        if rows.find_row(code) is not None:
            return ""
        manifest = offered(work.engine, code)
        refuse_taken(manifest)
        row = rows.insert_row(manifest)
        rows.insert_handlers(row, manifest)
        note(PLUGIN_REGISTER, row, new={"version": row.version})
        return _("Plugin %(name)s registered; it is disabled.", name=manifest.name)

    return run(
        "register",
        code,
        step,
        _("Plugin %(code)s is registered already.", code=code),
        dry_run=dry_run,
    )


def enable(code: str, *, dry_run: bool = False) -> Outcome:
    """Switch a plugin on for the site, after installing it when that has not happened (E-44, E-46, 2.3.3).

    Migrations that have not run yet run first, also those that came after the installation.
    Raises ``Refused`` when it is unknown, cannot be loaded, or one of its callbacks fails.
    """

    def step(work: Work) -> str:
        row = known(code)
        if row.enable and row.initialized and row.load_state == "ok":
            return ""
        fresh, old = not row.initialized, {"enabled": bool(row.enable), "state": row.load_state}
        row.enable, row.initialized, row.load_state, row.last_error = 1, 1, "ok", None
        app, plugin = candidate(work.engine, row)
        dependencies.check(row.name, plugin.manifest.requires, work.warnings.append)
        rows.place_handlers(row, (each.declaration for each in plugin.handlers))
        migrate(work, app, plugin)
        if fresh:
            call(app, plugin, plugin.instance.install)
            row.schema_version = plugin.manifest.schema_version
        call(app, plugin, plugin.instance.enable)
        new = {"enabled": True, "state": row.load_state, "version": row.version}
        note(PLUGIN_ENABLE, row, old=old, new=new)
        return _("Plugin %(name)s enabled.", name=row.name)

    return run(
        "enable", code, step, _("Plugin %(code)s is enabled already.", code=code), dry_run=dry_run
    )


def disable(code: str, *, dry_run: bool = False) -> Outcome:
    """Switch a plugin off for the site; everything it holds, choices included, is kept (E-44, E-45).

    A plugin whose code cannot be loaded is switched off without its callback.
    """

    def step(work: Work) -> str:
        row = known(code)
        if not row.enable:
            return ""
        dependencies.refuse_needed(row, only_enabled=True)
        switch_off(work.engine, row)
        note(PLUGIN_DISABLE, row, old={"enabled": True}, new={"enabled": False})
        return _("Plugin %(name)s disabled.", name=row.name)

    return run(
        "disable", code, step, _("Plugin %(code)s is disabled already.", code=code), dry_run=dry_run
    )


def unregister(code: str, *, disable_first: bool = False, dry_run: bool = False) -> Outcome:
    """Remove the row and every row that refers to it; the plugin's own tables stay (design 6, seed 004).

    Unregistering an unknown plugin changes nothing. Raises ``Refused`` while it is enabled, unless
    ``disable_first`` says to switch it off before.
    """

    def step(work: Work) -> str:
        row = rows.find_row(code)
        if row is None:
            return ""
        if row.enable and not disable_first:
            raise Refused(
                _("Plugin %(name)s is enabled.", name=row.name),
                _("Disable it first, or unregister it with --disable."),
            )
        dependencies.refuse_needed(row, only_enabled=False)
        switch_off(work.engine, row)
        name = row.name
        note(PLUGIN_UNREGISTER, row, old={"version": row.version})
        forget_absent(row.plugin_name)
        rows.remove(row)
        return _("Plugin %(name)s unregistered. Its own tables are kept.", name=name)

    return run(
        "unregister",
        code,
        step,
        _("Plugin %(code)s is not registered.", code=code),
        dry_run=dry_run,
        silence=lambda: to_silence(code) if disable_first else "",
    )


def switch_off(engine: Engine, row: PluginRow) -> None:
    """Take the flag down and call ``disable``, in an app without the plugin (E-44, E-46)."""
    plugin = engine.plugins.get(row.plugin_name)
    was_on, row.enable = row.enable, 0
    if was_on and plugin is not None:
        call(build(engine, row), plugin, plugin.instance.disable)
