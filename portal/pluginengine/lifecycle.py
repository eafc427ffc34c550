"""The only writer of plugin state: register, enable, disable and unregister, each one transaction.

An operation builds the generation that it is about to make true, inside its own transaction, and calls
the plugin's callbacks with that app (E-35): what raises leaves nothing behind.
"""

from __future__ import annotations

import copy
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flask import Flask
from flask_babel import gettext as _

from portal.core.audit.actions import Action
from portal.core.audit.recording import record
from portal.core.database import db
from portal.core.interrupts import is_interrupt
from portal.core.transactions import guarded
from portal.core.units import current_unit
from portal.pluginengine import migrator, rows
from portal.pluginengine.actions import (
    PLUGIN_DISABLE,
    PLUGIN_ENABLE,
    PLUGIN_REGISTER,
    PLUGIN_UNREGISTER,
    plugin_subject,
)
from portal.pluginengine.context import running_as
from portal.pluginengine.engine import EXTENSION, Engine, current_engine
from portal.pluginengine.errors import HandlerMisuse, PluginError, Refused
from portal.pluginengine.loader import LoadedPlugin
from portal.pluginengine.manifest import Manifest
from portal.pluginengine.models import PluginRow
from portal.pluginengine.operations import (
    again_when_locked,
    is_lock_timeout,
    operation,
    raise_generation,
)
from portal.pluginengine.state import read_state

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What an operation did: a sentence for people, the generation it made, whether anything changed."""

    message: str
    generation: int
    changed: bool = True


class _DryRun(Exception):
    """Ends a rehearsal: everything was tried, nothing is kept."""


def register(code: str, *, dry_run: bool = False) -> Outcome:
    """Insert the row of a plugin found on disk, and its handlers; it stays disabled (seed 001, 004).

    Registering twice changes nothing. Raises ``Refused`` when no such folder exists or its files are faulty.
    """

    def step(engine: Engine) -> str:
        if rows.find_row(code) is not None:
            return ""
        manifest = _offered(engine, code)
        _refuse_taken(manifest)
        row = rows.insert_row(manifest)
        rows.insert_handlers(row, manifest)
        _record(PLUGIN_REGISTER, row, new={"version": row.version})
        return _("Plugin %(name)s registered; it is disabled.", name=manifest.name)

    return _run(step, _("Plugin %(code)s is registered already.", code=code), dry_run=dry_run)


def enable(code: str, *, dry_run: bool = False) -> Outcome:
    """Switch a plugin on for the site, after installing it when that has not happened (E-44, E-46, 2.3.3).

    Migrations that have not run yet run first, also those that came after the installation.
    Raises ``Refused`` when it is unknown, cannot be loaded, or one of its callbacks fails.
    """

    def step(engine: Engine) -> str:
        row = _known(code)
        if row.enable and row.initialized and row.load_state == "ok":
            return ""
        fresh, old = not row.initialized, {"enabled": bool(row.enable), "state": row.load_state}
        row.enable, row.initialized, row.load_state, row.last_error = 1, 1, "ok", None
        db.session.flush()
        app, plugin = _candidate(engine, row)
        rows.place_handlers(row, (each.declaration for each in plugin.handlers))
        _migrate(app, plugin)
        if fresh:
            _call(app, plugin, plugin.instance.install)
            row.schema_version = plugin.manifest.schema_version
        _call(app, plugin, plugin.instance.enable)
        new = {"enabled": True, "state": row.load_state, "version": row.version}
        _record(PLUGIN_ENABLE, row, old=old, new=new)
        return _("Plugin %(name)s enabled.", name=row.name)

    return _run(step, _("Plugin %(code)s is enabled already.", code=code), dry_run=dry_run)


def disable(code: str, *, dry_run: bool = False) -> Outcome:
    """Switch a plugin off for the site; everything it holds, choices included, is kept (E-44, E-45).

    A plugin whose code cannot be loaded is switched off without its callback.
    """

    def step(engine: Engine) -> str:
        row = _known(code)
        if not row.enable:
            return ""
        _switch_off(engine, row)
        _record(PLUGIN_DISABLE, row, old={"enabled": True}, new={"enabled": False})
        return _("Plugin %(name)s disabled.", name=row.name)

    return _run(step, _("Plugin %(code)s is disabled already.", code=code), dry_run=dry_run)


def unregister(code: str, *, disable_first: bool = False, dry_run: bool = False) -> Outcome:
    """Remove the row and every row that refers to it; the plugin's own tables stay (design 6, seed 004).

    Unregistering an unknown plugin changes nothing. Raises ``Refused`` while it is enabled, unless
    ``disable_first`` says to switch it off before.
    """

    def step(engine: Engine) -> str:
        row = rows.find_row(code)
        if row is None:
            return ""
        if row.enable and not disable_first:
            raise Refused(
                _("Plugin %(name)s is enabled.", name=row.name),
                _("Disable it first, or unregister it with --disable."),
            )
        _switch_off(engine, row)
        name = row.name
        _record(PLUGIN_UNREGISTER, row, old={"version": row.version})
        rows.remove(row)
        return _("Plugin %(name)s unregistered. Its own tables are kept.", name=name)

    return _run(step, _("Plugin %(code)s is not registered.", code=code), dry_run=dry_run)


def _run(step: Callable[[Engine], str], unchanged: str, *, dry_run: bool) -> Outcome:
    """Run ``step`` as one operation; it returns what it did, or nothing when there was nothing to do."""
    return again_when_locked(lambda: _try(step, unchanged, dry_run=dry_run))


def _try(step: Callable[[Engine], str], unchanged: str, *, dry_run: bool) -> Outcome:
    engine = current_engine()
    message = ""
    try:
        with operation(engine.runtime):
            message = step(engine)
            if not message:
                return Outcome(message=unchanged, generation=engine.state.generation, changed=False)
            generation = raise_generation()
            if dry_run:
                raise _DryRun
    except _DryRun:
        message = _("Rehearsed only, nothing was changed: %(message)s", message=message)
        return Outcome(message=message, generation=engine.state.generation, changed=False)
    logger.info("%s", message, extra={"generation": generation})
    return Outcome(message=message, generation=generation)


def _offered(engine: Engine, code: str) -> Manifest:
    found = list(engine.runtime.discovery.found().values())
    wanted = code.lower()
    by_code = [each for each in found if each.code.lower() == wanted]
    by_handle = [each for each in found if each.manifest and each.manifest.handle == wanted]
    for each in (*by_code, *by_handle):
        if each.manifest is None:
            faults = "\n".join(str(fault) for fault in each.faults)
            raise Refused(_("The plugin in %(folder)s is faulty.", folder=str(each.folder)), faults)
        return each.manifest
    places = ", ".join(str(place.path) for place in engine.runtime.discovery.places)
    raise Refused(
        _("There is no plugin %(code)s.", code=code),
        _("Put its folder, with a config.yml, into %(places)s.", places=places),
    )


def _refuse_taken(manifest: Manifest) -> None:
    other = rows.find_row(manifest.handle)
    if other is not None:
        raise Refused(
            _(
                "The handle %(handle)s belongs to the plugin %(name)s.",
                handle=manifest.handle,
                name=other.name,
            ),
            _("Handles are unique on a site; give one of the two another handle."),
        )


def _record(
    action: Action,
    row: PluginRow,
    *,
    old: Mapping[str, object] | None = None,
    new: Mapping[str, object] | None = None,
) -> None:
    record(action, plugin_subject(row.plugin_id, row.plugin_name), old=old, new=new)


def _known(code: str) -> PluginRow:
    row = rows.find_row(code)
    if row is None:
        raise Refused(
            _("The plugin %(code)s is not registered.", code=code),
            _("See portal plugin list for what is there."),
        )
    return row


def _candidate(engine: Engine, row: PluginRow) -> tuple[Flask, LoadedPlugin]:
    """Build the generation that the running transaction would make true, with this plugin in it."""
    app = engine.runtime.build(read_state(db.session))
    built: Engine = app.extensions[EXTENSION]
    problem = built.problems.get(row.plugin_name)
    if problem is not None:
        raise Refused(
            _("Plugin %(name)s cannot run: %(cause)s", name=row.name, cause=problem.cause)
        )
    return app, built.plugins[row.plugin_name]


def _switch_off(engine: Engine, row: PluginRow) -> None:
    plugin = engine.plugins.get(row.plugin_name)
    was_on, row.enable = row.enable, 0
    db.session.flush()
    if was_on and plugin is not None:
        _call(engine.runtime.build(read_state(db.session)), plugin, plugin.instance.disable)


def _migrate(app: Flask, plugin: LoadedPlugin) -> None:
    paths = plugin.manifest.migration_paths
    with _as_plugin(app, plugin, _("The migrations")):
        migrator.upgrade(db.session.connection(), plugin.handle, plugin.folder, paths)


def _call(
    app: Flask, plugin: LoadedPlugin, callback: Callable[[dict[str, Any], Flask], None]
) -> None:
    """Call a lifecycle callback as ``callback(config, app)`` (E-35); ``Refused`` when it raises."""
    with _as_plugin(app, plugin, callback.__name__):
        callback(copy.deepcopy(dict(plugin.manifest.raw)), app)
        db.session.flush()


@contextmanager
def _as_plugin(app: Flask, plugin: LoadedPlugin, what: str) -> Iterator[None]:
    """Run the plugin's code in its candidate app: tables may be made, the transaction stays ours."""
    try:
        with (
            app.app_context(),
            running_as(plugin.handle),
            guarded(HandlerMisuse, allow_definitions=True),
        ):
            yield
        if current_unit().poisoned:
            raise HandlerMisuse(
                _("It met a database error and went on as if nothing had happened.")
            )
    except Refused:
        raise
    except BaseException as error:
        if is_interrupt(error) or is_lock_timeout(error):
            raise
        logger.exception("%s of plugin %s failed", what, plugin.handle)
        cause = str(error) if isinstance(error, PluginError) else f"{type(error).__name__}: {error}"
        raise Refused(
            _(
                "%(what)s of the plugin %(plugin)s failed: %(cause)s",
                what=what,
                plugin=plugin.record.name,
                cause=cause,
            ),
            _("Nothing was changed. The full error is in the log."),
        ) from error
