"""The swap barrier: destructive steps wait until no worker answers with what they are about to change (B1).

An operation that must not meet running code of its plugin *holds* it: the line in the journal says so, the
generation is raised, and every worker swaps to one in which the plugin is silent. When the process dies,
repair ends the line, and the plugin is back.
"""

from __future__ import annotations

import time
from typing import Final

from flask_babel import gettext as _

from portal.core.database import db
from portal.core.transactions import transaction_mode
from portal.pluginengine import journal
from portal.pluginengine.operations import raise_generation, transaction
from portal.pluginengine.passages import step_aside
from portal.pluginengine.reloading import load_generation
from portal.pluginengine.runtime import Runtime
from portal.pluginengine.workers import Worker, live_workers

PATIENCE_SECONDS: Final = 10.0
"""How long it waits for workers that do not follow; then the operation goes on without them."""

LOOK_SECONDS: Final = 0.05


def hold(runtime: Runtime, entry: int, handle: str) -> list[str]:
    """Silence a plugin on every worker while the operation of journal line ``entry`` runs.

    Inside the operations' lock, and outside its transaction. Returns a warning for each worker that did
    not follow in ten seconds.
    """
    with transaction(runtime):
        journal.note_held(entry, handle)
        generation = raise_generation()
    return _wait(runtime, generation)


def settle(runtime: Runtime) -> list[str]:
    """Wait until every worker has swapped to the generation of now, and finished what it began before."""
    return _wait(runtime, load_generation(db.engine_for(runtime.database_url)))


def _wait(runtime: Runtime, generation: int) -> list[str]:
    step_aside()
    limit = time.monotonic() + PATIENCE_SECONDS
    while late := _late(runtime, generation):
        if time.monotonic() > limit:
            return [
                _(
                    "The worker %(pid)s on %(host)s was still answering with the state before.",
                    pid=each.pid,
                    host=each.host.partition(":")[0],
                )
                for each in late
            ]
        time.sleep(LOOK_SECONDS)
    return []


def _late(runtime: Runtime, generation: int) -> list[Worker]:
    """Return the live workers that still answer with an older generation."""
    token = transaction_mode.set("read")
    try:
        with db.engine_for(runtime.database_url).connect() as connection:
            workers = live_workers(connection)
    finally:
        transaction_mode.reset(token)
    return [each for each in workers if each.generation < generation]
