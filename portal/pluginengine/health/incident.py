"""One failure of a plugin, in words: what is kept of an error once it is over."""

from __future__ import annotations

import hashlib
import traceback
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

#: The most that is kept of one error's text and of one traceback, in characters.
MAX_ERROR_CHARS = 1000
MAX_TRACEBACK_CHARS = 16_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """One failure of one handler, with how often it came back.

    ``id`` is the same in every process for the same plugin, hook, handler and error; ``at`` is
    the last time (aware UTC), ``first_at`` the first; ``request_id`` belongs to the last time.
    """

    id: str
    plugin: str
    hook: str
    handler: str
    request_id: str
    error: str
    traceback: str
    first_at: datetime
    at: datetime
    count: int


def texts_of(error: BaseException) -> tuple[str, str]:
    """The error in one line and its traceback, also for errors whose own text cannot be had."""
    report = traceback.TracebackException.from_exception(error)
    summary = "".join(report.format_exception_only()).strip()
    trace = "".join(report.format())
    return summary[:MAX_ERROR_CHARS], trace[-MAX_TRACEBACK_CHARS:]


def places_of(error: BaseException) -> tuple[str, str]:
    """The kinds of an error and of what led to it, and where they were raised; none of their texts."""
    trace: list[str] = []
    cause: BaseException | None = error
    seen: set[int] = set()
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        trace += [type(cause).__qualname__, "\n", *traceback.format_tb(cause.__traceback__)]
        cause = cause.__cause__ or cause.__context__
    summary = f"{type(error).__qualname__} (its text is withheld: it may hold a secret)"
    return summary, "".join(trace)[:MAX_TRACEBACK_CHARS]


def incident_id(*parts: str) -> str:
    """A short name for a failure, the same in every process."""
    text = "\0".join(parts).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(text, digest_size=6).hexdigest()


def is_outage(error: BaseException) -> bool:
    """Tell whether the database went away under the handler: no fault of its plugin's."""
    if isinstance(error, DBAPIError):
        return error.connection_invalidated
    return isinstance(error, PoolTimeout)
