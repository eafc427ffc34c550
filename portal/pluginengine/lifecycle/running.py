"""Running one operation: under the lock, in one transaction, written down in the journal, told to people."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field

from flask_babel import gettext as _
from sqlalchemy.exc import DBAPIError

from portal.core.interrupts import is_interrupt
from portal.core.unit_of_work import unit_of_work
from portal.pluginengine import barrier, journal, rows
from portal.pluginengine.engine import Engine, current_engine
from portal.pluginengine.files import FILES, has_files
from portal.pluginengine.fileundo import REHEARSAL, FileUndo
from portal.pluginengine.operations import (
    again_when_locked,
    is_lost,
    locked,
    raise_generation,
    transaction,
)
from portal.pluginengine.runtime import Runtime

logger = logging.getLogger("portal.pluginengine.lifecycle")


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What an operation did: a sentence for people, the generation it made, whether anything changed.

    ``warnings`` tell what did not go as wished all the same.
    """

    message: str
    generation: int
    changed: bool = True
    warnings: tuple[str, ...] = ()


@dataclass(kw_only=True)
class Work:
    """What a step is given and what it leaves behind: the engine it runs in, warnings to tell.

    ``purged`` is the handle of a plugin whose files go after the commit. ``is_quiet`` says that no worker
    runs code of the plugin, ``is_rehearsal`` that nothing will be kept.
    """

    engine: Engine
    warnings: list[str] = field(default_factory=list)
    purged: str = ""
    is_quiet: bool = False
    is_rehearsal: bool = False

    def need_quiet(self, handle: str) -> None:
        """Say that running code of the plugin would stumble over what the step has just changed.

        Raises ``NeedsQuiet`` when it may be running: everything is undone, the plugin silenced on all
        workers, and the step taken again.
        """
        if self.is_rehearsal:
            self.warnings.append(
                _("Its pages will be away for a few seconds: its migration changes what is there.")
            )
        elif not self.is_quiet:
            raise NeedsQuiet(handle)


class NeedsQuiet(Exception):
    """A step must not meet running code of the plugin ``handle``."""

    def __init__(self, handle: str) -> None:
        super().__init__(handle)
        self.handle = handle


@dataclass(frozen=True, kw_only=True)
class Brings:
    """What an operation lays down outside the database: an archive, by SHA-256; files of a new plugin."""

    archive: str | None = None
    handle: str = ""


NOTHING = Brings()

Step = Callable[[Work], str]


class _DryRun(Exception):
    """Ends a rehearsal: everything was tried, nothing is kept."""


def run(
    verb: str,
    code: str,
    step: Step,
    unchanged: str,
    *,
    dry_run: bool = False,
    brings: Brings = NOTHING,
    silence: Callable[[], str] | None = None,
) -> Outcome:
    """Run ``step`` as one operation; it returns what it did, or nothing when there was nothing to do.

    ``verb`` and ``code`` name the operation in the journal, ``brings`` what it lays down
    outside the database. ``silence`` is asked first, in a reading unit, whether the step must not meet
    running code: it returns the handle of the plugin that all workers are to silence, or nothing when it
    is enough that they have all swapped. Raises what ``step`` raises, after everything has been undone.
    """

    def attempt() -> Outcome:
        engine = current_engine()
        runtime = engine.runtime
        with locked(runtime):
            journal.repair(runtime)
            fresh = _fresh(runtime, brings)
            if dry_run:
                try:
                    return _rehearse(engine, step, unchanged)
                finally:
                    journal.take_back(runtime, fresh.archive, fresh.handle)
            entry = journal.begin(runtime, verb, code, brings.archive, fresh.handle)
            try:
                work = _quietened(engine, entry, silence)
                try:
                    outcome = _carry_out(work, step, unchanged, entry)
                except NeedsQuiet as need:
                    warnings = barrier.hold(runtime, entry, need.handle)
                    work = Work(engine=engine, warnings=warnings, is_quiet=True)
                    outcome = _carry_out(work, step, unchanged, entry)
            except BaseException as error:
                if not _is_open(error):
                    journal.note_failure(runtime, entry, error)
                    journal.take_back(runtime, fresh.archive, fresh.handle)
                raise
            if work.purged:
                _delete_files(engine, entry, work.purged)
            return outcome

    try:
        return again_when_locked(attempt)
    except DBAPIError as error:
        if is_lost(error):
            journal.repair_at_start(current_engine().runtime)
        raise


def _is_open(error: BaseException) -> bool:
    """Tell whether it is left to ``journal.repair`` to find out how the operation ended."""
    return is_interrupt(error) or is_lost(error)


def _fresh(runtime: Runtime, brings: Brings) -> Brings:
    """Return of what an operation brings the part that nobody has yet, and that goes when it fails.

    A plugin that is there may unpack its archive, or write its first file, while the operation runs.
    """
    archive, handle = brings.archive, brings.handle
    with unit_of_work("read"):
        if archive is not None and (
            (runtime.store.place / archive).exists() or rows.is_run_from(archive)
        ):
            archive = None
        if handle and (has_files(runtime.var / FILES, handle) or rows.find_row(handle)):
            handle = ""
    return Brings(archive=archive, handle=handle)


def _quietened(engine: Engine, entry: int, silence: Callable[[], str] | None) -> Work:
    """Return the work of an operation, after waiting for the workers where it must not meet running code."""
    if silence is None:
        return Work(engine=engine)
    with unit_of_work("read"):
        held = silence()
    late = barrier.hold(engine.runtime, entry, held) if held else barrier.settle(engine.runtime)
    return Work(engine=engine, warnings=late, is_quiet=True)


def _carry_out(work: Work, step: Step, unchanged: str, entry: int) -> Outcome:
    engine = work.engine
    undo = FileUndo(engine.runtime.var / FILES, str(entry), _is_open)
    with undo.part(), transaction(engine.runtime):
        # The step sees the plugin as it will be; if it is undone, the plugin stays silent until the end.
        was_held = journal.release(entry)
        message = step(work)
        if not message:
            if was_held:
                raise_generation()
            journal.note_nothing(entry)
            return Outcome(message=unchanged, generation=engine.state.generation, changed=False)
        generation = raise_generation()
        journal.note_success(entry, message, generation, purged=work.purged)
    undo.forget()
    logger.info("%s", message, extra={"generation": generation})
    return Outcome(message=message, generation=generation, warnings=tuple(work.warnings))


def _delete_files(engine: Engine, entry: int, handle: str) -> None:
    """Finish a purge; what fails now is left to the next operation or start: the rest has happened."""
    try:
        journal.delete_files(engine.runtime, entry, handle)
    except Exception:
        logger.exception("The files of the purged plugin %s could not be deleted yet", handle)


def _rehearse(engine: Engine, step: Step, unchanged: str) -> Outcome:
    work = Work(engine=engine, is_rehearsal=True)
    message = ""
    undo = FileUndo(engine.runtime.var / FILES, REHEARSAL)
    try:
        with undo.part(), transaction(engine.runtime):
            message = step(work)
            raise _DryRun
    except _DryRun:
        pass
    text = _("Rehearsed only, nothing was changed: %(message)s", message=message)
    return Outcome(
        message=text if message else unchanged,
        generation=engine.state.generation,
        changed=False,
        warnings=tuple(work.warnings),
    )
