"""What went wrong in plugins' code, and how long it takes: in memory, bounded, per process.

Reading pages must not write (design 8), so nothing here touches the database: ``unwritten`` hands out
what has come since the last time, and a thread of its own writes it (``health.writing``).
"""

from __future__ import annotations

import logging
from bisect import bisect_left
from collections import OrderedDict, deque
from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from threading import Lock

from portal.core.clock import now
from portal.pluginengine.health.deadline import Deadline
from portal.pluginengine.health.histogram import BOUNDS
from portal.pluginengine.health.incident import (
    Incident,
    incident_id,
    is_outage,
    places_of,
    texts_of,
)
from portal.pluginengine.health.marker import Marker
from portal.pluginengine.health.places import IMPORT, JOB
from portal.pluginengine.health.stopwatch import Stopwatch, Sums, Timing

logger = logging.getLogger(__name__)

#: How many different failures are kept; the oldest one goes when a new one comes.
MAX_INCIDENTS = 500

#: How many (request, incident) pairs are kept for the notice on the page.
MAX_REQUESTS = 2000

#: How many failures are remembered by their request, so that each counts once towards quarantine.
MAX_COUNTED = 200

#: What nobody waits for: it is never slow.
UNHURRIED = frozenset({IMPORT, JOB})

#: How many minutes of plugins and hooks with failures wait to be written; more are not counted.
MAX_MINUTES = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Failures:
    """How often one plugin failed at one hook within one minute (aware UTC).

    ``weight`` is what counts towards its quarantine.
    """

    plugin: str
    hook: str
    minute: datetime
    failures: int
    weight: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Unwritten:
    """What a process has gathered since it last wrote; the counts are those since then."""

    sums: tuple[Sums, ...]
    failures: tuple[Failures, ...]
    incidents: tuple[Incident, ...]

    def __bool__(self) -> bool:
        """Tell whether there is anything."""
        return bool(self.sums or self.failures or self.incidents)


class HealthLog:
    """The failures and timings of one process. Safe for threads; holds no exception objects.

    A plugin's call that takes ``warn_seconds`` or longer is counted as slow, and logged; 0: none is. ``marker``
    says what runs right now; ``deadline`` cuts handlers after ``handler_seconds``.
    """

    def __init__(
        self,
        clock: Callable[[], datetime] = now,
        max_incidents: int = MAX_INCIDENTS,
        max_requests: int = MAX_REQUESTS,
        *,
        warn_seconds: float = 0.0,
        handler_seconds: float = 0.0,
    ) -> None:
        self.marker = Marker()
        self.deadline = Deadline(handler_seconds)
        self._clock = clock
        self._max_incidents = max_incidents
        self._warn_seconds = warn_seconds or float("inf")
        self._incidents: OrderedDict[str, Incident] = OrderedDict()
        self._written: dict[str, int] = {}
        self._failures: dict[tuple[str, str, datetime], tuple[int, int]] = {}
        self._requests: deque[tuple[str, str]] = deque(maxlen=max_requests)
        self._counted: deque[tuple[str, str, str]] = deque(maxlen=MAX_COUNTED)
        self._stopwatches: dict[tuple[str, str], Stopwatch] = {}
        self._lock = Lock()

    # -- failures --------------------------------------------------------------------------------

    def record(  # noqa: PLR0913 - what a failure is known by, and three ways to count it
        self,
        plugin: str,
        hook: str,
        handler: str,
        request_id: str,
        error: BaseException,
        *,
        confidential: bool = False,
        weight: int = 1,
        measured_as: str = "",
    ) -> Incident:
        """Note a failure and return its incident; the same failure again raises its count.

        With ``confidential``, no text of an error is kept, only kinds and places. ``weight`` counts
        towards the plugin's quarantine, once a request, unless the database was away. ``measured_as`` is
        what its time goes under, when not under ``hook``.
        """
        summary, trace = places_of(error) if confidential else texts_of(error)
        return self.record_text(
            plugin,
            hook,
            handler,
            request_id,
            (summary, trace),
            weight=0 if is_outage(error) else weight,
            measured_as=measured_as,
        )

    def record_text(
        self,
        plugin: str,
        hook: str,
        handler: str,
        request_id: str,
        texts: tuple[str, str],
        *,
        weight: int = 1,
        measured_as: str = "",
    ) -> Incident:
        """Note a failure of which only words are left: the error in a line, and its traceback or ""."""
        summary, trace = texts
        found = incident_id(plugin, hook, handler, summary)
        at = self._clock()
        with self._lock:
            before = self._incidents.pop(found, None)
            incident = Incident(
                id=found,
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
            self._incidents[found] = incident
            while len(self._incidents) > self._max_incidents:
                gone, _incident = self._incidents.popitem(last=False)
                self._written.pop(gone, None)
            if request_id:
                self._requests.append((request_id, found))
                weight = self._once_a_request((request_id, plugin, hook), weight)
            self._watch(plugin, measured_as or hook).errors += 1
            self._count(plugin, hook, at.replace(second=0, microsecond=0), weight)
        return incident

    def _once_a_request(self, failed: tuple[str, str, str], weight: int) -> int:
        """Return what a failure counts: one page that fires a hook five times is one failure, not five."""
        if not weight or failed in self._counted:
            return 0
        self._counted.append(failed)
        return weight

    def _count(self, plugin: str, hook: str, minute: datetime, weight: int) -> None:
        key = (plugin, hook, minute)
        failures, sum_of_weights = self._failures.get(key, (0, 0))
        if failures or len(self._failures) < MAX_MINUTES:
            self._failures[key] = (failures + 1, sum_of_weights + weight)

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
            for found, incident in list(self._incidents.items()):
                if incident.plugin and incident.plugin not in plugins:
                    del self._incidents[found]
                    self._written.pop(found, None)
            for key in [each for each in self._failures if each[0] and each[0] not in plugins]:
                del self._failures[key]

    # -- time ------------------------------------------------------------------------------------

    def stopwatch(self, plugin: str, hook: str) -> Stopwatch:
        """Return the sums of (plugin, hook), the same object each time."""
        with self._lock:
            return self._watch(plugin, hook)

    def _watch(self, plugin: str, hook: str) -> Stopwatch:
        found = self._stopwatches.get((plugin, hook))
        if found is None:
            mark = self.marker.number(plugin, hook, "") if plugin else 0
            found = self._stopwatches[plugin, hook] = Stopwatch(plugin, hook, mark)
        return found

    def add_times(self, stopwatches: Iterable[Stopwatch], marks: Iterable[float]) -> None:
        """Add one firing's times; one lock for all of them.

        ``marks`` are readings of ``time.perf_counter``, one before the first handler and one after
        each handler; a mark equal to the one before, or missing at the end, stands for a handler
        that was not called.
        """
        marks = iter(marks)
        slow: list[tuple[Stopwatch, float]] = []
        limit = self._warn_seconds
        with self._lock:
            before = next(marks)
            for stopwatch, after in zip(stopwatches, marks, strict=False):
                seconds = after - before
                before = after
                if seconds:
                    stopwatch.total += seconds
                    stopwatch.buckets[bisect_left(BOUNDS, seconds)] += 1
                    if seconds > stopwatch.longest:
                        stopwatch.longest = seconds
                    if seconds >= limit and stopwatch.plugin and stopwatch.hook not in UNHURRIED:
                        stopwatch.slow += 1
                        slow.append((stopwatch, seconds))
        for stopwatch, seconds in slow:
            logger.warning(
                "The plugin %s took %.1f seconds in %s",
                stopwatch.plugin,
                seconds,
                stopwatch.hook,
                extra={"plugin": stopwatch.plugin, "hook": stopwatch.hook},
            )

    def timings(self) -> tuple[Timing, ...]:
        """What this process has measured so far, the most expensive first."""
        with self._lock:
            rows = [
                Timing(
                    plugin=plugin,
                    hook=hook,
                    calls=watch.calls,
                    total=watch.total,
                    longest=watch.longest,
                    errors=watch.errors,
                )
                for (plugin, hook), watch in self._stopwatches.items()
                if watch.calls
            ]
        return tuple(sorted(rows, key=lambda row: (-row.total, row.plugin, row.hook)))

    # -- on the way to the tables ----------------------------------------------------------------

    def unwritten(self) -> Unwritten:
        """Return what has come since ``note_written`` was last told."""
        with self._lock:
            sums = [each.unwritten() for each in self._stopwatches.values()]
            return Unwritten(
                sums=tuple(each for each in sums if each is not None),
                failures=tuple(
                    Failures(
                        plugin=plugin, hook=hook, minute=minute, failures=failures, weight=weight
                    )
                    for (plugin, hook, minute), (failures, weight) in self._failures.items()
                ),
                incidents=tuple(
                    replace(each, count=each.count - self._written.get(each.id, 0))
                    for each in self._incidents.values()
                    if each.count > self._written.get(each.id, 0)
                ),
            )

    def note_written(self, written: Unwritten) -> None:
        """Take note that this is in the tables; what has come meanwhile stays unwritten."""
        with self._lock:
            for sums in written.sums:
                self._watch(sums.plugin, sums.hook).note_written(sums)
            for each in written.failures:
                key = (each.plugin, each.hook, each.minute)
                failures, weight = self._failures.get(key, (0, 0))
                if failures > each.failures:
                    self._failures[key] = (failures - each.failures, weight - each.weight)
                else:
                    self._failures.pop(key, None)
            for incident in written.incidents:
                if incident.id in self._incidents:
                    self._written[incident.id] = self._written.get(incident.id, 0) + incident.count
