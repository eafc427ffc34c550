"""The journal of operations on plugins: what was begun, how it ended, and what a dead process left behind.

Each operation is one transaction, so a crash leaves the database as it was before or as it is after. What
is not in the database, unpacked archives and files of purged plugins, is put in order by ``repair``: by the
next operation and at the next start.
"""

from __future__ import annotations

import logging
import socket
from collections.abc import Sequence

from flask_babel import gettext as _
from sqlalchemy import delete, select, update

from portal.core import unit_of_work
from portal.core.audit.origins import current_origin
from portal.core.audit.values import cut
from portal.core.clock import now
from portal.core.database import db
from portal.core.interrupts import is_interrupt
from portal.pluginengine.errors import Refused
from portal.pluginengine.files import FILES, PluginFiles
from portal.pluginengine.models import OperationRow, PluginRow
from portal.pluginengine.operations import is_lock_timeout, locked, transaction
from portal.pluginengine.runtime import Runtime

logger = logging.getLogger(__name__)

_LONGEST_MESSAGE = 10_000


def begin(runtime: Runtime, verb: str, code: str, archive: str | None) -> int:
    """Write down, in a transaction of its own, that an operation begins; return its key."""
    with transaction(runtime):
        row = OperationRow(
            verb=verb,
            code=cut(code, 255),
            archive=archive,
            actor_name=cut(current_origin().actor_name, 32),
            host=cut(socket.gethostname(), 255),
        )
        db.session.add(row)
        db.session.flush()
        return row.operation_id


def note_success(entry: int, message: str, generation: int, *, has_files: bool) -> None:
    """Write down, in the operation's own transaction, what it did; ``has_files``: files are yet to go."""
    _note(entry, "files" if has_files else "done", message, generation)


def note_nothing(entry: int) -> None:
    """Take an operation back that had nothing to do."""
    db.session.execute(delete(OperationRow).where(OperationRow.operation_id == entry))


def note_failure(runtime: Runtime, entry: int, error: BaseException) -> None:
    """Write down, after everything was undone, why; one that will be tried again leaves no line."""
    if is_interrupt(error):
        return
    with transaction(runtime):
        if is_lock_timeout(error):
            note_nothing(entry)
        else:
            step = "refused" if isinstance(error, Refused) else "failed"
            _note(
                entry, step, f"{type(error).__name__}: {error}" if step == "failed" else str(error)
            )


def delete_files(runtime: Runtime, entry: int, handle: str) -> None:
    """Delete the files of a purged plugin, after the commit, and write down that this is done."""
    PluginFiles(runtime.var / FILES, handle).delete_all()
    with transaction(runtime):
        done = update(OperationRow).where(OperationRow.operation_id == entry)
        db.session.execute(done.values(step="done"))


def repair(runtime: Runtime) -> int:
    """Put in order what dead processes left behind, inside the operations' lock; return how many lines.

    The lock says that no operation is running, so every line without an end belongs to a dead process.
    """
    with unit_of_work.unit_of_work("read"):
        query = select(OperationRow.operation_id, OperationRow.step, OperationRow.code)
        query = query.add_columns(OperationRow.verb, OperationRow.archive)
        open_lines = db.session.execute(
            query.where(OperationRow.step.in_(("begun", "files")))
        ).all()
        archives = _archives_in_use()
    for line in open_lines:
        if line.step == "files":
            delete_files(runtime, line.operation_id, line.code)
            continue
        if line.archive is not None and line.archive not in archives:
            runtime.store.discard(line.archive)
        with transaction(runtime):
            text = _("Its process ended before it was finished. Nothing was changed.")
            _note(line.operation_id, "interrupted", text)
        logger.warning(
            "The %s of plugin %s was interrupted; nothing was changed", line.verb, line.code
        )
    return len(open_lines)


def repair_at_start(runtime: Runtime) -> None:
    """Repair when a process starts; not while an operation is running somewhere."""
    try:
        with locked(runtime, patience=0):
            repair(runtime)
    except Refused:
        logger.info("An operation on plugins is running; its journal is left to it")


def last_operations(code: str, limit: int = 20) -> Sequence[OperationRow]:
    """Return the last operations on a plugin, the latest first."""
    query = select(OperationRow).where(OperationRow.code == code)
    return db.session.scalars(query.order_by(OperationRow.operation_id.desc()).limit(limit)).all()


def _archives_in_use() -> set[str | None]:
    query = select(PluginRow.archive, PluginRow.previous_archive)
    return {each for row in db.session.execute(query) for each in row}


def _note(entry: int, step: str, message: str, generation: int | None = None) -> None:
    values = {
        "step": step,
        "message": cut(message, _LONGEST_MESSAGE),
        "generation": generation,
        "finished_at": now(),
    }
    db.session.execute(
        update(OperationRow).where(OperationRow.operation_id == entry).values(values)
    )
