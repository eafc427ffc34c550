"""The table of workers: which processes of which hosts answer for the site, and with which generation.

Each worker writes its own row, from its watch and on a connection of its own, never in a request.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import uuid4

from sqlalchemy import delete, insert, select, update
from sqlalchemy.engine import Connection, Engine

from portal.core.clock import now
from portal.core.transactions import transaction_mode
from portal.pluginengine.models import WorkerRow

HEARTBEAT: Final = timedelta(seconds=5)
"""How often a worker says that it is alive when nothing else has changed."""

SILENCE: Final = timedelta(seconds=20)
"""A worker that has said nothing for so long is taken for dead."""

FORGOTTEN: Final = timedelta(hours=1)
"""How long the row of a dead worker stays."""


@dataclass(frozen=True, kw_only=True)
class Worker:
    """A live worker: where it runs, and the oldest generation that it still answers with."""

    host: str
    pid: int
    generation: int


class WorkerReport:
    """What one worker says of itself; ``tell`` writes only when there is something new to say."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._worker_id = ""
        self._told: tuple[int, int] | None = None
        self._told_at = now()

    def tell(self, generation: int) -> None:
        """Say which is the oldest generation that is still in use here; raises what the database raises."""
        known, moment = (os.getpid(), generation), now()
        if known == self._told and moment - self._told_at < HEARTBEAT:
            return
        if self._told is None or self._told[0] != known[0]:
            self._worker_id = (
                uuid4().hex
            )  # a process of its own, maybe forked from one that had spoken
        values = {"host": this_host(), "pid": known[0], "generation": generation, "seen_at": moment}
        with _writing(self._engine) as connection:
            own = update(WorkerRow).where(WorkerRow.worker_id == self._worker_id)
            if not connection.execute(own.values(values)).rowcount:
                connection.execute(insert(WorkerRow).values(worker_id=self._worker_id, **values))
                connection.execute(delete(WorkerRow).where(WorkerRow.seen_at < moment - FORGOTTEN))
        self._told, self._told_at = known, moment

    def take_leave(self) -> None:
        """Take the row away, as the worker ends."""
        if self._told is None:
            return
        with _writing(self._engine) as connection:
            connection.execute(delete(WorkerRow).where(WorkerRow.worker_id == self._worker_id))
        self._told = None


@contextmanager
def _writing(engine: Engine) -> Iterator[Connection]:
    """Open a short writing transaction on a connection of its own."""
    token = transaction_mode.set("write")
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        transaction_mode.reset(token)


def live_workers(connection: Connection) -> list[Worker]:
    """Return the workers that are alive, as far as their rows and, on this host, their processes tell."""
    rows = connection.execute(
        select(WorkerRow.host, WorkerRow.pid, WorkerRow.generation)
        .where(WorkerRow.seen_at > now() - SILENCE)
        .order_by(WorkerRow.host, WorkerRow.pid)
    )
    found = [Worker(host=row.host, pid=row.pid, generation=row.generation) for row in rows]
    return list(_alive(found))


def _alive(workers: Iterable[Worker]) -> Iterable[Worker]:
    here = this_host()
    return (each for each in workers if each.host != here or _is_running(each.pid))


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def this_host() -> str:
    """Return a name for where process numbers mean the same: the host, and its number space on Linux."""
    try:
        space = f":{os.stat('/proc/self/ns/pid').st_ino}"
    except OSError:
        space = ""
    return f"{socket.gethostname()[:200]}{space}"
