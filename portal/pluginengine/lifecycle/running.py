"""Running one operation: under the lock, in one transaction, written down in the journal, told to people."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field

from flask_babel import gettext as _

from portal.core.interrupts import is_interrupt
from portal.pluginengine import journal
from portal.pluginengine.engine import Engine, current_engine
from portal.pluginengine.files import FILES, has_files
from portal.pluginengine.operations import (
    again_when_locked,
    locked,
    raise_generation,
    transaction,
)

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

    ``purged`` is the handle of a plugin whose files go after the commit.
    """

    engine: Engine
    warnings: list[str] = field(default_factory=list)
    purged: str = ""


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
    archive: str | None = None,
    handle: str = "",
) -> Outcome:
    """Run ``step`` as one operation; it returns what it did, or nothing when there was nothing to do.

    ``verb`` and ``code`` name the operation in the journal, ``archive`` the SHA-256 it brings, ``handle``
    the plugin that it makes. Raises what ``step`` raises, after everything that it did has been undone.
    """

    def attempt() -> Outcome:
        engine = current_engine()
        runtime = engine.runtime
        with locked(runtime):
            journal.repair(runtime)
            files_of = handle if handle and not has_files(runtime.var / FILES, handle) else ""
            is_unpacked = archive is not None and (runtime.store.place / archive).exists()
            if dry_run:
                try:
                    return _rehearse(engine, step, unchanged)
                finally:
                    journal.take_back(runtime, None if is_unpacked else archive, files_of)
            entry = journal.begin(runtime, verb, code, archive, files_of)
            work = Work(engine=engine)
            try:
                outcome = _carry_out(work, step, unchanged, entry)
            except BaseException as error:
                journal.note_failure(runtime, entry, error)
                if not is_interrupt(error):
                    journal.take_back(runtime, None if is_unpacked else archive, files_of)
                raise
            if work.purged:
                _delete_files(engine, entry, work.purged)
            return outcome

    return again_when_locked(attempt)


def _carry_out(work: Work, step: Step, unchanged: str, entry: int) -> Outcome:
    engine = work.engine
    with transaction(engine.runtime):
        message = step(work)
        if not message:
            journal.note_nothing(entry)
            return Outcome(message=unchanged, generation=engine.state.generation, changed=False)
        generation = raise_generation()
        journal.note_success(entry, message, generation, purged=work.purged)
    logger.info("%s", message, extra={"generation": generation})
    return Outcome(message=message, generation=generation, warnings=tuple(work.warnings))


def _delete_files(engine: Engine, entry: int, handle: str) -> None:
    """Finish a purge; what fails now is left to the next operation or start: the rest has happened."""
    try:
        journal.delete_files(engine.runtime, entry, handle)
    except Exception:
        logger.exception("The files of the purged plugin %s could not be deleted yet", handle)


def _rehearse(engine: Engine, step: Step, unchanged: str) -> Outcome:
    work = Work(engine=engine)
    message = ""
    try:
        with transaction(engine.runtime):
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
