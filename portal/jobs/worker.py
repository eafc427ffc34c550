"""The worker process: takes jobs from the queue, runs each in the newest generation."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from flask import Flask

from portal.config import Settings
from portal.core.transactions import guarded
from portal.core.unit_of_work import unit_of_work
from portal.jobs.heartbeat import HeartbeatThread
from portal.jobs.periodic import PeriodicThread
from portal.jobs.queue import JobQueue
from portal.jobs.registry import CORE, JobFunction, current_jobs
from portal.jobs.runs import noted
from portal.pluginengine.context import running_as
from portal.pluginengine.engine import current_engine
from portal.pluginengine.errors import HandlerMisuse
from portal.pluginengine.failures import record_failure
from portal.pluginengine.health.measuring import measured
from portal.pluginengine.health.places import JOB

logger = logging.getLogger(__name__)

#: Gives the app of the newest generation to one piece of work.
AppSource = Callable[[], AbstractContextManager[Flask]]


class JobRunner:
    """Runs one job: app of the current generation, a write transaction, the function."""

    def __init__(self, newest: AppSource) -> None:
        self._newest = newest

    def __call__(self, handle: str, name: str, payload: str) -> None:
        """Run the job; one that the current generation does not offer is dropped and logged."""
        with self._newest() as app, app.app_context():
            function = current_jobs().registry.find(handle, name)
            if function is None:
                logger.warning("The job %s:%s is not offered any more; dropped.", handle, name)
                return
            with noted(handle, name), unit_of_work("write"):
                if handle == CORE:
                    function(**json.loads(payload))
                else:
                    self._run_plugins(handle, name, function, json.loads(payload))

    def _run_plugins(
        self, handle: str, name: str, function: JobFunction, arguments: dict[str, Any]
    ) -> None:
        health = current_engine().health
        try:
            with measured(health, handle, JOB, name), running_as(handle), guarded(HandlerMisuse):
                function(**arguments)
        except Exception as error:
            record_failure(health, handle, JOB, name, "", error)
            raise


def run_worker(settings: Settings, newest: AppSource) -> None:
    """Run jobs until SIGTERM or SIGINT; the job in hand is finished first (10 seconds at most).

    ``newest`` gives the app of the newest generation; it is asked for every job, and every second for
    the work that comes round.
    """
    queue = JobQueue(settings, JobRunner(newest))
    consumer = queue.huey.create_consumer(
        workers=1,
        worker_type="thread",
        periodic=False,
        max_delay=1.0,
        shutdown_timeout=10,
        graceful_signal="TERM",
    )
    heartbeat, periodic = HeartbeatThread(queue.huey), PeriodicThread(newest, queue)
    heartbeat.start()
    periodic.start()
    try:
        consumer.run()
    finally:
        periodic.stop()
        heartbeat.stop()
        queue.close()
