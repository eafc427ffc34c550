"""How jobs went: the last run of each, kept in the queue's own storage, and figures for /metrics."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from time import perf_counter
from typing import Final, Literal

from flask import current_app
from huey import Huey

from portal.core.clock import now
from portal.core.metrics.values import Gauge, Histogram
from portal.jobs.registry import CORE, current_jobs
from portal.pluginengine.engine import current_engine
from portal.web.metrics import metrics_of

logger = logging.getLogger(__name__)

Outcome = Literal["done", "failed"]

KEY: Final = "portal.run"
#: The most that is kept of an error, in characters.
MAX_ERROR: Final = 1000

JOBS = Histogram(
    name="portal_job_duration_seconds",
    help="Background jobs and how long they took, by plugin (core is the portal), job and outcome.",
    labels=("plugin", "job", "outcome"),
    buckets=(0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300),
)


@dataclass(frozen=True, kw_only=True)
class JobRun:
    """A run of a job: when it began (aware UTC), how long it took (seconds), and how it ended."""

    at: datetime
    seconds: float
    outcome: Outcome
    error: str = ""


@contextmanager
def noted(handle: str, name: str) -> Iterator[None]:
    """Note how the job inside the block went, and count it; what it raises goes on."""
    began_at, began = now(), perf_counter()
    error = ""
    outcome: Outcome = "failed"
    try:
        yield
        outcome = "done"
    except Exception as failure:
        error = f"{type(failure).__name__}: {failure}"[:MAX_ERROR]
        raise
    finally:
        seconds = perf_counter() - began
        run = JobRun(at=began_at, seconds=seconds, outcome=outcome, error=error)
        metrics_of(current_app).observe(JOBS, (handle, name, outcome), seconds)
        _keep(handle, name, run)


def last_run(huey: Huey, handle: str, name: str) -> JobRun | None:
    """Return the last run of a job, or None when it never ran."""
    stored = huey.get(f"{KEY}.{handle}.{name}", peek=True)
    if stored is None:
        return None
    at, seconds, outcome, error = stored
    return JobRun(at=datetime.fromisoformat(at), seconds=seconds, outcome=outcome, error=error)


def waiting_jobs() -> list[Gauge]:
    """Return how many jobs wait, for /metrics."""
    return [
        Gauge(
            name="portal_jobs_waiting",
            help="Background jobs in the queue.",
            values={(): current_jobs().queue.size()},
        )
    ]


def purge_runs() -> None:
    """Forget the runs of plugins that the site does not know any more."""
    known = {CORE, *current_engine().state.by_handle}
    huey = current_jobs().queue.huey
    for key in huey.storage.result_items():
        if key.startswith(f"{KEY}.") and key.split(".")[2] not in known:
            huey.delete(key)


def _keep(handle: str, name: str, run: JobRun) -> None:
    kept = (run.at.isoformat(), run.seconds, run.outcome, run.error)
    try:
        current_jobs().queue.huey.put(f"{KEY}.{handle}.{name}", kept)
    except Exception:
        logger.exception("The run of the job %s:%s could not be noted", handle, name)
