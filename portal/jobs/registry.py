"""Which jobs a generation offers: (handle, name) to function. Core jobs have the handle "core"."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import cast

from flask import Flask, current_app

from portal.jobs.queue import JobQueue

CORE = "core"
EXTENSION = "portal.jobs"

JobFunction = Callable[..., object]


class JobRegistry:
    """The jobs of one generation; a plugin that is off has none in it, so its jobs do not run."""

    def __init__(self) -> None:
        self._functions: dict[tuple[str, str], JobFunction] = {}

    def add(self, handle: str, name: str, function: JobFunction) -> None:
        """Offer ``function`` under the plugin's handle (``CORE`` for the host) and a name.

        Raises ValueError when the name is taken.
        """
        if (handle, name) in self._functions:
            raise ValueError(
                f"The job {handle}:{name} is there already; give this one another name."
            )
        self._functions[handle, name] = function

    def find(self, handle: str, name: str) -> JobFunction | None:
        """Return the function, or None when this generation does not offer the job."""
        return self._functions.get((handle, name))

    def __iter__(self) -> Iterator[tuple[str, str]]:
        """Iterate over (handle, name), sorted."""
        return iter(sorted(self._functions))


@dataclass(frozen=True, kw_only=True)
class Jobs:
    """What an app knows of background work: its generation's jobs and the site's queue.

    ``periodic`` maps the names of core jobs that come round to their seconds.
    """

    registry: JobRegistry
    queue: JobQueue
    periodic: dict[str, float] = field(default_factory=dict)


def jobs_of(app: Flask) -> Jobs:
    """Return an app's jobs."""
    return cast(Jobs, app.extensions[EXTENSION])


def current_jobs() -> Jobs:
    """Return the running app's jobs."""
    return jobs_of(current_app)
