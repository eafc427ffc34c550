"""Bringing plugins' tables up to their code while a process starts: once, whoever comes first (M-10, M-11).

A swap never does it (engineering 2 (cc)): a worker that meets tables older than the code serves without
that plugin.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping

from flask_babel import gettext as _

from portal.core.database import db
from portal.core.unit_of_work import unit_of_work
from portal.pluginengine.actions import PLUGIN_UPDATE
from portal.pluginengine.engine import Engine
from portal.pluginengine.errors import Refused
from portal.pluginengine.lifecycle.callbacks import candidate, migrate
from portal.pluginengine.lifecycle.finding import known, note
from portal.pluginengine.lifecycle.running import Outcome, Work, run
from portal.pluginengine.lifecycle.schemas import wants_schema
from portal.pluginengine.loader import LoadedPlugin
from portal.pluginengine.operations import raise_generation, transaction
from portal.pluginengine.personalrecord import all_recorded, write_declarations

logger = logging.getLogger("portal.pluginengine.lifecycle")


def bring_up(code: str, *, dry_run: bool = False) -> Outcome:
    """Bring the tables of an enabled plugin up to the schema version of its code.

    Raises ``Refused`` when its code cannot run or an upgrade function fails: tables, rows and versions are
    as they were then.
    """

    def step(work: Work) -> str:
        row = known(code)
        if not (row.enable and row.initialized):
            return ""
        app, plugin = candidate(work.engine, row)
        if not wants_schema(row, plugin.manifest):
            return ""
        old = row.schema_version
        migrate(work, app, plugin)
        row.last_error = None
        note(
            PLUGIN_UPDATE,
            row,
            old={"schema_version": old},
            new={"schema_version": row.schema_version},
        )
        return _(
            "The data of plugin %(name)s have schema version %(new)s now.",
            name=row.name,
            new=row.schema_version,
        )

    return run(
        "update",
        code,
        step,
        _("The data of plugin %(code)s are up to date.", code=code),
        dry_run=dry_run,
    )


def bring_all_up(engine: Engine) -> bool:
    """Bring up the tables of every plugin that is held for them; tell whether anything was tried.

    A failure costs its plugin only: it stays held, with the reason in its row. Call it in the app context
    of the engine's app.
    """
    held = [handle for handle, each in engine.problems.items() if each.kind == "schema"]
    for handle in held:
        try:
            outcome = bring_up(handle)
        except Exception as error:
            logger.exception("The tables of plugin %s could not be brought up", handle)
            _note_failure(engine, handle, error)
        else:
            logger.info("%s", outcome.message)
    return bool(held)


def record_personal_data(engine: Engine) -> None:
    """Let the record say what the running plugins declare, for code that was changed without an operation.

    Reads only, unless something differs. A failure is logged: the site starts.
    """
    if not engine.plugins:
        return
    try:
        with unit_of_work("read"):
            standing = all_recorded(db.session.connection())
        differ = [each for each in engine.plugins.values() if _is_new(each, standing)]
        for plugin in differ:
            with unit_of_work():
                write_declarations(plugin.handle, plugin.manifest.personal_data)
    except Exception:
        logger.exception("What plugins declare of personal data could not be recorded")


def _is_new(plugin: LoadedPlugin, standing: Mapping[str, set[tuple[str, str]]]) -> bool:
    declared = plugin.manifest.personal_data
    if declared is None:
        return False
    wanted = {(each.table, each.user_column) for each in declared}
    return wanted != standing.get(plugin.handle, set())


def _note_failure(engine: Engine, handle: str, error: Exception) -> None:
    cause = error.cause if isinstance(error, Refused) else f"{type(error).__name__}: {error}"
    with transaction(engine.runtime):
        row = known(handle)
        if row.last_error == cause:
            return
        row.last_error = cause
        db.session.flush()
        raise_generation()
