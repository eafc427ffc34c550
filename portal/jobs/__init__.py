"""Background work: one Huey queue a site, one core task, job functions looked up by generation.

Jobs are marks on functions, never Huey tasks: a module that is imported again by a later generation
would register its tasks a second time, which Huey refuses (engineering A11).
"""

from flask import Flask

from portal.jobs.queue import JobQueue
from portal.jobs.registry import EXTENSION, JobRegistry, Jobs


def init_app(app: Flask) -> None:
    """Give the app a registry for its generation's jobs and a way to the site's queue."""
    queue = JobQueue(app.extensions["portal.settings"])
    app.extensions[EXTENSION] = Jobs(registry=JobRegistry(), queue=queue)
