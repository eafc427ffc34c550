"""Takes away what nobody needs any more: archives, unpacked folders, drafts of files, old figures of health.

Under the operations' lock, so that no operation is about to refer to what goes.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Final

from flask import Flask
from sqlalchemy import select

from portal.core.database import db
from portal.core.unit_of_work import unit_of_work
from portal.pluginengine.engine import current_engine
from portal.pluginengine.errors import Refused
from portal.pluginengine.files import FILES, sweep_drafts
from portal.pluginengine.health.writing import remove_old
from portal.pluginengine.journal import repair_at_start
from portal.pluginengine.models import PluginRow
from portal.pluginengine.operations import locked, transaction
from portal.pluginengine.runtime import Runtime
from portal.pluginengine.state import has_tables
from portal.pluginengine.store import remove_unused

logger = logging.getLogger(__name__)

UPLOAD_GRACE: Final = timedelta(days=1)
"""How long an uploaded archive stays that no plugin runs from: somebody may be about to install it."""

FOLDER_GRACE: Final = timedelta(hours=1)
"""How long folders and drafts stay: far longer than any swap or write takes."""


def sweep() -> None:
    """Sweep, as the periodic job does; not while an operation is running, it comes round again."""
    try:
        sweep_all(current_engine().runtime)
    except Refused:
        logger.info("An operation on plugins is running; the sweep comes round again")


def sweep_all(runtime: Runtime, *, grace: timedelta | None = None) -> None:
    """Sweep the database and this host's var directory; ``grace`` takes the place of the usual ones.

    Raises ``Refused`` while an operation is running.
    """
    with locked(runtime, patience=0):
        with transaction(runtime):
            referenced = archives_in_use()
            gone = remove_unused(referenced, grace=UPLOAD_GRACE if grace is None else grace)
            remove_old(db.session.connection())
        sweep_host(runtime, referenced, grace=FOLDER_GRACE if grace is None else grace)
    if gone:
        logger.info("Archives that no plugin needs any more were deleted: %s", ", ".join(gone))


def sweep_host(
    runtime: Runtime, referenced: frozenset[str], *, grace: timedelta = FOLDER_GRACE
) -> None:
    """Sweep this host's var directory; ``referenced`` are the archives that plugins run from."""
    runtime.store.sweep(referenced, grace=grace)
    sweep_drafts(runtime.var / FILES, grace=grace)


def put_in_order(app: Flask) -> None:
    """Finish or undo, as a process starts, what dead ones left behind, and sweep this host's directory.

    Never raises: whatever is wrong is logged, and the site starts.
    """
    with app.app_context():
        runtime = current_engine().runtime
        try:
            with db.engine_for(runtime.database_url).connect() as connection:
                if not has_tables(connection):
                    return  # before the first migration
            repair_at_start(runtime)
            with unit_of_work("read"):
                referenced = archives_in_use()
            sweep_host(runtime, referenced)
        except Exception:
            logger.exception(
                "What plugins left behind could not be put in order; starting all the same"
            )


def archives_in_use() -> frozenset[str]:
    """Return the SHA-256 of the archives that a plugin runs from, or ran from before its last update."""
    query = select(PluginRow.archive, PluginRow.previous_archive)
    return frozenset(each for row in db.session.execute(query) for each in row if each is not None)
