"""Work that comes round: ``add_periodic(app, "purge_mail", DAY, purge_mail)``.

A thread of each worker puts what is due into the queue. Time is cut into slots of the work's length,
and who first claims a slot, in the queue's storage, does so: once a site, however many workers.
"""

from __future__ import annotations

import logging
import math
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager

from flask import Flask
from huey import Huey

from portal.core.clock import now
from portal.jobs.queue import JobQueue
from portal.jobs.registry import CORE, JobFunction, jobs_of

KEY = "portal.periodic"
TICK_SECONDS = 1.0
MINUTE, HOUR, DAY = 60, 3600, 86_400

logger = logging.getLogger(__name__)


def add_periodic(app: Flask, name: str, seconds: float, function: JobFunction) -> None:
    """Run ``function`` (no parameters) about every so many seconds, as the job ``core:<name>``.

    It runs in a writing unit of work like any job, also once soon after a worker starts when its
    slot has passed unused. At most once a slot; a run that fails is logged and comes round again.
    Raises ValueError for a name that is taken.
    """
    jobs = jobs_of(app)
    jobs.registry.add(CORE, name, function)
    jobs.periodic[name] = seconds


def enqueue_due(app: Flask, queue: JobQueue) -> list[str]:
    """Put the app's periodic jobs whose slot nobody has claimed into the queue; return their names."""
    periodic = sorted(jobs_of(app).periodic.items())
    due = [name for name, seconds in periodic if _claim(queue.huey, name, seconds)]
    for name in due:
        queue.enqueue(CORE, name, "{}")
    return due


def _claim(huey: Huey, name: str, seconds: float) -> bool:
    """Claim the slot that the moment lies in, and drop the claim of the one before."""
    slot = math.floor(now().timestamp() / seconds)
    key = f"{KEY}.{name}"
    last = huey.get(key, peek=True)
    if last is not None and last >= slot:
        return False
    if not huey.put_if_empty(f"{key}.{slot}", 1):
        return False
    huey.put(key, slot)
    if last is not None:
        huey.delete(f"{key}.{last}")
    return True


class PeriodicThread(threading.Thread):
    """Looks every second whether something is due, in the app of the newest generation."""

    def __init__(
        self,
        newest: Callable[[], AbstractContextManager[Flask]],
        queue: JobQueue,
        seconds: float = TICK_SECONDS,
    ) -> None:
        super().__init__(name="periodic", daemon=True)
        self._newest = newest
        self._queue = queue
        self._seconds = seconds
        self._stopped = threading.Event()

    def run(self) -> None:
        """Look until it is told to stop; a fault (a database that is away) is logged and survived."""
        while not self._stopped.wait(self._seconds):
            try:
                with self._newest() as app:
                    enqueue_due(app, self._queue)
            except Exception:
                logger.exception("Periodic work could not be looked at; trying again.")
        self._queue.close()

    def stop(self) -> None:
        """Stop looking, and wait until that is done."""
        self._stopped.set()
        self.join(timeout=5)
