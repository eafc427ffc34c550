"""Calling a plugin's code from an operation, in the generation that the operation is about to make true.

What raises leaves nothing behind: the whole operation is one transaction (E-35, 2.3.3).
"""

from __future__ import annotations

import copy
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from flask_babel import gettext as _

from portal.core.database import db
from portal.core.interrupts import is_interrupt
from portal.core.transactions import guarded
from portal.core.units import current_unit
from portal.pluginengine import migrator
from portal.pluginengine.breaking import watched
from portal.pluginengine.context import running_as
from portal.pluginengine.engine import EXTENSION, Engine
from portal.pluginengine.errors import HandlerMisuse, PluginError, Refused
from portal.pluginengine.lifecycle import schemas
from portal.pluginengine.lifecycle.running import Work
from portal.pluginengine.loader import LoadedPlugin, Problem
from portal.pluginengine.models import PluginRow
from portal.pluginengine.operations import is_lock_timeout
from portal.pluginengine.schemarules import kept_where_defined
from portal.pluginengine.state import read_state
from portal.pluginengine.store import StoreError

logger = logging.getLogger("portal.pluginengine.lifecycle")


class CannotRun(Refused):
    """The plugin's code cannot be brought up; ``problem`` says why."""

    def __init__(self, name: str, problem: Problem) -> None:
        super().__init__(_("Plugin %(name)s cannot run: %(cause)s", name=name, cause=problem.cause))
        self.problem = problem


Callback = Callable[[dict[str, Any], Flask], None]


def candidate(engine: Engine, row: PluginRow) -> tuple[Flask, LoadedPlugin]:
    """Build the generation that the running transaction would make true, with this plugin in it.

    Raises ``CannotRun`` when its code cannot be brought up.
    """
    app = build(engine, row, settles=True)
    built: Engine = app.extensions[EXTENSION]
    problem = built.problems.get(row.plugin_name)
    if problem is not None:
        raise CannotRun(row.name, problem)
    return app, built.plugins[row.plugin_name]


def build(engine: Engine, row: PluginRow, *, settles: bool = False) -> Flask:
    """Build the generation of the running transaction; the row's archive, maybe new, is unpacked first.

    ``settles`` says that the operation brings the plugin's tables up to what its code wants.
    An archive that is lost costs its plugin only, as in any generation. Raises ``Refused`` when it cannot
    be unpacked here.
    """
    db.session.flush()
    if row.archive is not None and row.enable:
        try:
            engine.runtime.store.folder_of(row.archive, db.session)
        except StoreError:
            logger.warning("The archive of plugin %s is lost", row.plugin_name)
        except OSError as error:
            raise Refused(
                _("The archive of plugin %(name)s cannot be unpacked here.", name=row.name),
                str(error),
            ) from error
    state = read_state(db.session)
    return engine.runtime.build(state.settling(row.plugin_name) if settles else state)


def migrate(work: Work, app: Flask, plugin: LoadedPlugin) -> None:
    """Bring the database up to what the plugin declares; ``Refused`` when a migration or function fails.

    Raises ``NeedsQuiet`` when that changes what running code of the plugin relies on.
    """
    with _beside_running_code(work, plugin), _as_plugin(app, plugin, _("The migrations")):
        schemas.bring_up_schema(app, plugin)
    schemas.note_versions(plugin)


def call(app: Flask, plugin: LoadedPlugin, callback: Callback, **more: Any) -> None:
    """Call a lifecycle callback as ``callback(config, app)`` (E-35).

    ``more`` joins the parsed manifest in ``config``. Raises ``Refused`` when it raises, and when it defines
    in the database what a migration may not.
    """
    with (
        kept_where_defined(db.session.connection(), plugin.handle),
        _as_plugin(app, plugin, callback.__name__),
    ):
        callback({**copy.deepcopy(dict(plugin.manifest.raw)), **more}, app)
        db.session.flush()


def call_update(work: Work, app: Flask, plugin: LoadedPlugin, previous_version: str) -> None:
    """Call ``update``; like a migration, it may change what code of the version before relies on.

    Raises what ``call`` and ``migrate`` raise.
    """
    with _beside_running_code(work, plugin):
        call(app, plugin, plugin.instance.update, previous_version=previous_version)


@contextmanager
def _beside_running_code(work: Work, plugin: LoadedPlugin) -> Iterator[None]:
    """Watch what the block does to the plugin's tables; silence the plugin when running code would stumble."""
    with watched(db.session.connection(), migrator.version_table(plugin.handle)) as seen:
        yield
    if seen.breaking:
        logger.info("Plugin %s changes what is there: %s", plugin.handle, seen.breaking[0])
        work.need_quiet(plugin.handle)


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
        cause = " ".join([cause, *getattr(error, "__notes__", ())])
        raise Refused(
            _(
                "%(what)s of the plugin %(plugin)s failed: %(cause)s",
                what=what,
                plugin=plugin.record.name,
                cause=cause,
            ),
            _("Nothing was changed. The full error is in the log."),
        ) from error
