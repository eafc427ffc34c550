"""The journal of operations on plugins: what was begun, how it ended, and what a dead process left behind.

Each operation is one transaction, so a crash leaves the database as it was before or as it is after. What
is not in the database, unpacked archives and plugins' files, is put in order by ``repair``: by the next
operation and at the next start.
"""

from __future__ import annotations

import logging
import socket
from collections.abc import Sequence

from flask import Flask
from flask_babel import gettext as _
from sqlalchemy import delete, func, select, update

from portal.core import unit_of_work
from portal.core.audit.origins import current_origin
from portal.core.audit.values import cut
from portal.core.clock import now
from portal.core.database import db
from portal.pluginengine import fileundo
from portal.pluginengine.engine import EXTENSION, Engine
from portal.pluginengine.errors import Refused
from portal.pluginengine.files import FILES, PluginFiles
from portal.pluginengine.models import OperationRow
from portal.pluginengine.operations import (
    is_lock_timeout,
    locked,
    raise_generation,
    transaction,
)
from portal.pluginengine.runtime import Runtime
from portal.pluginengine.store import OwnReads
from portal.pluginengine.store.archives import is_stored

logger = logging.getLogger(__name__)

_LONGEST_MESSAGE = 10_000


def begin(runtime: Runtime, verb: str, code: str, archive: str | None, files_of: str = "") -> int:
    """Write down, in a transaction of its own, that an operation begins; return its key.

    ``archive`` and ``files_of`` are what ``take_back`` is given when its process dies.
    """
    with transaction(runtime):
        row = OperationRow(
            verb=verb,
            code=cut(code, 255),
            archive=archive,
            files_of=files_of,
            actor_name=cut(current_origin().actor_name, 32),
            host=cut(socket.gethostname(), 255),
        )
        db.session.add(row)
        db.session.flush()
        return row.operation_id


def note_held(entry: int, handle: str) -> None:
    """Write down, in the running transaction, that a plugin stays silent until the operation has ended."""
    own = update(OperationRow).where(OperationRow.operation_id == entry)
    db.session.execute(own.values(held=handle))


def release(entry: int) -> bool:
    """Let the plugin speak again once the running transaction has committed; tell whether it was held."""
    own = update(OperationRow).where(OperationRow.operation_id == entry, OperationRow.held != "")
    return bool(db.session.execute(own.values(held="")).rowcount)  # type: ignore[attr-defined]


def note_success(entry: int, message: str, generation: int, *, purged: str = "") -> None:
    """Write down, in the operation's own transaction, what it did; ``purged``: whose files are yet to go."""
    _note(entry, "files" if purged else "done", message, generation)
    own = update(OperationRow).where(OperationRow.operation_id == entry)
    db.session.execute(own.values(files_of=purged))


def note_nothing(entry: int) -> None:
    """Take an operation back that had nothing to do, or will be tried again."""
    if release(entry):
        raise_generation()
    db.session.execute(delete(OperationRow).where(OperationRow.operation_id == entry))


def note_failure(runtime: Runtime, entry: int, error: BaseException) -> None:
    """Write down, after everything was undone, why; one that will be tried again leaves no line."""
    with transaction(runtime):
        if is_lock_timeout(error):
            note_nothing(entry)
        else:
            if release(entry):
                raise_generation()
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


def take_back(runtime: Runtime, archive: str | None, files_of: str) -> None:
    """Remove what an operation that came to nothing has left outside the database.

    ``archive``: one that it unpacked, so that nothing ever ran from the folder. ``files_of``: the handle
    of a plugin that had no files before, or empty.
    """
    if archive is not None:
        runtime.store.discard(archive)
    if files_of:
        PluginFiles(runtime.var / FILES, files_of).delete_all()


def repair(runtime: Runtime) -> int:
    """Put in order what dead processes left behind, inside the operations' lock; return how many lines.

    The lock says that no operation is running, so every line without an end belongs to a dead process.
    """
    _put_files_back(runtime)
    with unit_of_work.unit_of_work("read"):
        query = select(OperationRow).where(OperationRow.step.in_(("begun", "files")))
        open_lines = [
            (each.operation_id, each.step, each.verb, each.code, each.archive, each.files_of)
            for each in db.session.scalars(query.order_by(OperationRow.operation_id))
        ]
    for entry, step, verb, code, archive, files_of in open_lines:
        if step == "files":
            delete_files(runtime, entry, files_of)
            continue
        # An archive that the database has may have been unpacked before: the sweep judges it.
        is_kept = archive is None or is_stored(archive, OwnReads(runtime.database_url))
        take_back(runtime, None if is_kept else archive, files_of)
        with transaction(runtime):
            if release(entry):
                raise_generation()
            _note(
                entry,
                "interrupted",
                _("Its process ended before it was finished. Nothing was changed."),
            )
        logger.warning("The %s of plugin %s was interrupted; nothing was changed", verb, code)
    return len(open_lines)


def _put_files_back(runtime: Runtime) -> None:
    """Put back what operations have done to plugins' files on this host, unless they were committed.

    Notes that cannot be followed stay, for the next time and for whoever reads the log: they keep no other
    operation from running.
    """
    place = runtime.var / FILES
    for key in fileundo.left_behind(place):
        step = None
        if key.isdecimal():  # else a rehearsal's
            with unit_of_work.unit_of_work("read"):
                own = select(OperationRow.step).where(OperationRow.operation_id == int(key))
                step = db.session.scalar(own)
        undo = fileundo.FileUndo(place, key)
        if step in ("done", "files"):
            undo.forget()
            continue
        try:
            undo.put_back()
        except (OSError, ValueError, TypeError):
            logger.exception("What operation %s did to plugins' files could not be put back", key)


def repair_at_start(runtime: Runtime) -> None:
    """Repair when a process starts; not while an operation is running somewhere.

    Never raises: a site whose journal cannot be read starts all the same, and says why in its log.
    """
    try:
        with locked(runtime, patience=0):
            repair(runtime)
    except Refused:
        logger.info("An operation on plugins is running; its journal is left to it")
    except Exception:
        logger.exception("The journal of operations on plugins could not be put in order")


def put_journal_in_order(app: Flask) -> None:
    """Repair, from outside any request, unless an operation is running; never raises."""
    with app.app_context():
        engine: Engine = app.extensions[EXTENSION]
        repair_at_start(engine.runtime)


def last_operations(code: str, limit: int = 20) -> Sequence[OperationRow]:
    """Return the last operations on a plugin, by code in any case, the latest first."""
    query = select(OperationRow).where(func.lower(OperationRow.code) == code.lower())
    return db.session.scalars(query.order_by(OperationRow.operation_id.desc()).limit(limit)).all()


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
