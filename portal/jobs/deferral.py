"""Asking for background work: ``defer`` from services, ``@job()`` for methods of a plugin."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from portal.core.unit_of_work import after_commit
from portal.jobs.registry import JobRegistry, current_jobs


def defer(handle: str, name: str, **payload: Any) -> None:
    """Run the job in the background once the running unit of work has committed.

    ``payload`` becomes the job's keyword arguments and must be plain JSON values. Raises
    LookupError for a job that this generation does not offer, TypeError for what is not JSON.
    Delivered at most once: what must not be lost is a row that a job drains.
    """
    jobs = current_jobs()
    if jobs.registry.find(handle, name) is None:
        raise LookupError(f"There is no job {handle}:{name}; register it before deferring it.")
    text = json.dumps(payload, allow_nan=False)
    after_commit(lambda: jobs.queue.enqueue(handle, name, text))


class BoundJob:
    """A job method seen through its plugin: call it to run it now, ``defer`` to run it later."""

    def __init__(self, owner: Any, name: str, function: Callable[..., object]) -> None:
        self._owner = owner
        self._name = name
        self._function = function
        self.__doc__ = function.__doc__

    def __call__(self, **payload: Any) -> object:
        """Run the job here and now, in the running unit of work."""
        return self._function(self._owner, **payload)

    def defer(self, **payload: Any) -> None:
        """Run the job in the background after the commit; see ``defer``."""
        defer(self._owner.handle, self._name, **payload)


class JobMark:
    """The descriptor that ``@job()`` leaves in a plugin's class; it registers nothing."""

    def __init__(self, function: Callable[..., object]) -> None:
        self.function = function
        self.name = function.__name__
        self.__doc__ = function.__doc__

    def __get__(self, instance: object | None, owner: type) -> JobMark | BoundJob:
        """Return the mark on the class, the bound job on an instance."""
        return self if instance is None else BoundJob(instance, self.name, self.function)


def job() -> Callable[[Callable[..., object]], JobMark]:
    """Mark a plugin's method as a job: ``self.sync.defer(group_id=1)`` then runs it later."""
    return JobMark


def marked_jobs(owner: object) -> Iterator[tuple[str, BoundJob]]:
    """Yield name and bound job of every method of ``owner`` marked with ``@job()``, sorted."""
    for name in sorted(dir(type(owner))):
        if isinstance(getattr(type(owner), name, None), JobMark):
            yield name, getattr(owner, name)


def register_jobs(registry: JobRegistry, owner: Any) -> None:
    """Offer the marked methods of a plugin under its handle."""
    for name, bound in marked_jobs(owner):
        registry.add(owner.handle, name, bound)
