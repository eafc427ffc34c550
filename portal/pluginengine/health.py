"""What went wrong in plugins' handlers, and how long they take: in memory, bounded, per process.

Reading pages must not write (design 8), so nothing here touches the database; a later flush may
take the snapshots from here.
"""

from __future__ import annotations

import hashlib
import traceback
from collections import OrderedDict, deque
from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

from portal.core.clock import now

#: How many different failures are kept; the oldest one goes when a new one comes.
MAX_INCIDENTS = 500

#: How many (request, incident) pairs are kept for the notice on the page.
MAX_REQUESTS = 2000

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """How long the handlers of one plugin took for one hook, in seconds."""

    plugin: str
    hook: str
    calls: int
    total: float
    longest: float


class Stopwatch:
    """The running sums behind one Timing; handed out by ``HealthLog.stopwatch``."""

    __slots__ = ("calls", "longest", "total")

    def __init__(self) -> None:
        self.calls = 0
        self.total = 0.0
        self.longest = 0.0


class HealthLog:
    """The failures and timings of one process. Safe for threads; holds no exception objects."""

    def __init__(
        self,
        clock: Callable[[], datetime] = now,
        max_incidents: int = MAX_INCIDENTS,
        max_requests: int = MAX_REQUESTS,
    ) -> None:
        self._clock = clock
        self._max_incidents = max_incidents
        self._incidents: OrderedDict[str, Incident] = OrderedDict()
        self._requests: deque[tuple[str, str]] = deque(maxlen=max_requests)
        self._stopwatches: dict[tuple[str, str], Stopwatch] = {}
        self._lock = Lock()

    # -- failures --------------------------------------------------------------------------------

    def record(
        self,
        plugin: str,
        hook: str,
        handler: str,
        request_id: str,
        error: BaseException,
        *,
        confidential: bool = False,
    ) -> Incident:
        """Note a failure and return its incident; the same failure again raises its count.

        With ``confidential``, no text of an error is kept, only kinds and places.
        """
        summary, trace = _places_of(error) if confidential else _texts_of(error)
        incident_id = _incident_id(plugin, hook, handler, summary)
        at = self._clock()
        with self._lock:
            before = self._incidents.pop(incident_id, None)
            incident = Incident(
                id=incident_id,
                plugin=plugin,
                hook=hook,
                handler=handler,
                request_id=request_id,
                error=summary,
                traceback=trace,
                first_at=before.first_at if before else at,
                at=at,
                count=before.count + 1 if before else 1,
            )
            self._incidents[incident_id] = incident
            while len(self._incidents) > self._max_incidents:
                self._incidents.popitem(last=False)
            if request_id:
                self._requests.append((request_id, incident_id))
        return incident

    def incidents(self) -> tuple[Incident, ...]:
        """Every failure that is kept, the latest first."""
        with self._lock:
            return tuple(reversed(self._incidents.values()))

    def for_request(self, request_id: str) -> tuple[Incident, ...]:
        """The failures of one request, in the order in which they happened, each once."""
        with self._lock:
            ids = dict.fromkeys(found for asked, found in self._requests if asked == request_id)
            return tuple(self._incidents[found] for found in ids if found in self._incidents)

    def keep_only(self, plugins: Container[str]) -> None:
        """Drop the failures of all plugins but these: of those that the site knows no longer.

        What stands under no plugin's handle ("", a receiver that nobody's plugin connected) stays.
        """
        with self._lock:
            for incident_id, incident in list(self._incidents.items()):
                if incident.plugin and incident.plugin not in plugins:
                    del self._incidents[incident_id]

    # -- time ------------------------------------------------------------------------------------

    def stopwatch(self, plugin: str, hook: str) -> Stopwatch:
        """Return the sums of (plugin, hook), the same object each time."""
        with self._lock:
            return self._stopwatches.setdefault((plugin, hook), Stopwatch())

    def add_times(self, stopwatches: Iterable[Stopwatch], marks: Iterable[float]) -> None:
        """Add one firing's times; one lock for all of them.

        ``marks`` are readings of ``time.perf_counter``, one before the first handler and one after
        each handler; a mark equal to the one before, or missing at the end, stands for a handler
        that was not called.
        """
        marks = iter(marks)
        with self._lock:
            before = next(marks)
            for stopwatch, after in zip(stopwatches, marks, strict=False):
                seconds = after - before
                before = after
                if seconds:
                    stopwatch.calls += 1
                    stopwatch.total += seconds
                    if seconds > stopwatch.longest:
                        stopwatch.longest = seconds

    def timings(self) -> tuple[Timing, ...]:
        """What has been measured so far, the most expensive first."""
        with self._lock:
            rows = [
                Timing(
                    plugin=plugin,
                    hook=hook,
                    calls=watch.calls,
                    total=watch.total,
                    longest=watch.longest,
                )
                for (plugin, hook), watch in self._stopwatches.items()
                if watch.calls
            ]
        return tuple(sorted(rows, key=lambda row: (-row.total, row.plugin, row.hook)))


def _texts_of(error: BaseException) -> tuple[str, str]:
    """The error in one line and its traceback, also for errors whose own text cannot be had."""
    report = traceback.TracebackException.from_exception(error)
    summary = "".join(report.format_exception_only()).strip()
    trace = "".join(report.format())
    return summary[:MAX_ERROR_CHARS], trace[-MAX_TRACEBACK_CHARS:]


def _places_of(error: BaseException) -> tuple[str, str]:
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


def _incident_id(*parts: str) -> str:
    """A short name for a failure, the same in every process."""
    text = "\0".join(parts).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(text, digest_size=6).hexdigest()
