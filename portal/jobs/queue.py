"""The site's queue: Huey over a SQLite file of its own, or over PostgreSQL when the site uses it.

Huey's file is not the site's database, because enqueueing from an open write transaction would wait
for itself (engineering A11). Messages are signed with the site's secret, since Huey pickles them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

from huey import Huey, PostgresHuey, SqliteHuey
from huey.api import TaskWrapper
from huey.serializer import SignedSerializer
from psycopg.errors import UniqueViolation
from sqlalchemy.engine import make_url

from portal.config import Settings

QUEUE_NAME = "portal"
TABLE_PREFIX = "huey"

Execute = Callable[[str, str, str], None]


class JobQueue:
    """A way to the queue, opened when it is first used.

    ``execute`` is what a worker does with a job; a process that only enqueues gives none.
    """

    def __init__(self, settings: Settings, execute: Execute | None = None) -> None:
        self._settings = settings
        self._execute = execute

    @cached_property
    def _run_later(self) -> TaskWrapper:
        # Consumers find the task by module and name: the same in every process of the site.
        return open_huey(self._settings).task(name="run")(self._run)

    @property
    def huey(self) -> Huey:
        """Huey itself, with the one task ``run(handle, name, payload)``."""
        return self._run_later.huey

    def enqueue(self, handle: str, name: str, payload: str) -> None:
        """Put a job into the queue at once; ``payload`` is a JSON object of keyword arguments."""
        self._run_later(handle, name, payload)

    def size(self) -> int:
        """Return the number of jobs that wait."""
        return int(self.huey.pending_count())

    def close(self) -> None:
        """Close the connection of this thread, when there is one."""
        if "_run_later" in self.__dict__:
            self.huey.storage.close()

    def _run(self, handle: str, name: str, payload: str) -> None:
        if self._execute is None:
            raise RuntimeError("This process only enqueues jobs; `portal worker` runs them.")
        self._execute(handle, name, payload)


def open_huey(settings: Settings) -> Huey:
    """Return a Huey instance over the site's storage; makes the file or the tables when missing."""
    serializer = SignedSerializer(secret=settings.secret_key, salt="portal.jobs")
    options: dict[str, Any] = {"results": False, "serializer": serializer}
    url = make_url(settings.database_url)
    if url.get_backend_name() == "postgresql":
        dsn = url.set(drivername="postgresql").render_as_string(hide_password=False)
        options |= {"dsn": dsn, "table_prefix": TABLE_PREFIX}
        try:
            return PostgresHuey(QUEUE_NAME, **options)
        except UniqueViolation:  # another process has made the tables meanwhile, all or none
            return PostgresHuey(QUEUE_NAME, **options)
    settings.var.mkdir(parents=True, exist_ok=True)
    return SqliteHuey(QUEUE_NAME, filename=str(settings.var / "huey.db"), **options)
