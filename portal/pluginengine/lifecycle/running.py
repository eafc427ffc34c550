"""Running one operation: under the lock, in one transaction, written down in the journal, told to people."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field

from flask_babel import gettext as _

from portal.pluginengine import journal
from portal.pluginengine.engine import Engine, current_engine
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
) -> Outcome:
    """Run ``step`` as one operation; it returns what it did, or nothing when there was nothing to do.

    ``verb`` and ``code`` name the operation in the journal, ``archive`` the SHA-256 it brings. Raises
    what ``step`` raises, after everything that it did has been undone.
    """

    def attempt() -> Outcome:
        engine = current_engine()
        with locked(engine.runtime):
            journal.repair(engine.runtime)
            if dry_run:
                return _rehearse(engine, step, unchanged)
            entry = journal.begin(engine.runtime, verb, code, archive)
            try:
                return _carry_out(engine, step, unchanged, entry)
            except BaseException as error:
                journal.note_failure(engine.runtime, entry, error)
                raise

    return again_when_locked(attempt)


def _carry_out(engine: Engine, step: Step, unchanged: str, entry: int) -> Outcome:
    work = Work(engine=engine)
    with transaction(engine.runtime):
        message = step(work)
        if not message:
            journal.note_nothing(entry)
            return Outcome(message=unchanged, generation=engine.state.generation, changed=False)
        generation = raise_generation()
        journal.note_success(entry, message, generation, has_files=bool(work.purged))
    if work.purged:
        journal.delete_files(engine.runtime, entry, work.purged)
    logger.info("%s", message, extra={"generation": generation})
    return Outcome(message=message, generation=generation, warnings=tuple(work.warnings))


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
