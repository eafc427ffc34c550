"""Background work: one Huey queue a site, one core task, job functions looked up by generation.

Jobs are marks on functions, never Huey tasks: a module that is imported again by a later generation
would register its tasks a second time, which Huey refuses (engineering A11).
"""

from flask import Flask

from portal.jobs import upkeep
from portal.jobs.queue import JobQueue
from portal.jobs.readiness import worker_answers
from portal.jobs.registry import EXTENSION, JobRegistry, Jobs
from portal.jobs.runs import JOBS, waiting_jobs
from portal.web.metrics import add_figures, add_source
from portal.web.probes import add_check


def init_app(app: Flask, queue: JobQueue) -> None:
    """Give the app its generation's jobs, the process's way to the queue, and a check for /readyz."""
    app.extensions[EXTENSION] = Jobs(registry=JobRegistry(), queue=queue)
    add_check(app, "worker", worker_answers, essential=False)
    add_figures(app, JOBS)
    add_source(app, "jobs", waiting_jobs)
    upkeep.init_app(app)
