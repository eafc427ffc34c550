"""Reading the health of plugins: times and failures of all workers and hosts, for pages and metrics.

What this process has gathered and not written yet is added, so that a page tells of what happened a
moment ago; without the tables, or while they cannot be read, that is all there is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, func, select
from sqlalchemy.exc import OperationalError, ProgrammingError

from portal.core.database import db
from portal.pluginengine.engine import current_engine
from portal.pluginengine.health.histogram import BUCKETS, quantile
from portal.pluginengine.health.incident import Incident
from portal.pluginengine.health.places import IMPORT, JOB, REQUEST, TEMPLATE
from portal.pluginengine.health.stopwatch import Sums
from portal.pluginengine.health.tables import BUCKET_NAMES, FAILURES, INCIDENTS, TIMINGS

BESIDE_REQUESTS: Final = frozenset({IMPORT, JOB, TEMPLATE})
"""What does not add to the time of requests, or is counted there already."""

MOST_SHOWN: Final = 500
"""How many failures a page lists at most."""


@dataclass(frozen=True, kw_only=True)
class HookTimes:
    """The calls of one plugin ("" is the portal itself) for one hook, or for a place of ``health.places``.

    ``mean``, ``p95`` and ``seconds`` (the sum) are seconds; ``slow`` calls took longer than the
    setting PORTAL_HANDLER_WARN_SECONDS. ``buckets`` are those of ``health.histogram.BOUNDS``.
    """

    plugin: str
    hook: str
    calls: int
    mean: float
    p95: float
    errors: int
    seconds: float
    slow: int
    buckets: tuple[int, ...]


def timings_since(when: datetime, *, plugin: str | None = None) -> Sequence[HookTimes]:
    """Return the calls since ``when`` (aware; to the hour), the most expensive first.

    ``plugin`` narrows them to one plugin's, by handle. One SELECT.
    """
    numbers = [TIMINGS.c[name] for name in ("calls", "seconds", "errors", "slow", *BUCKET_NAMES)]
    slot = when.replace(minute=0, second=0, microsecond=0)
    query = (
        select(TIMINGS.c.plugin, TIMINGS.c.hook, *(func.sum(each) for each in numbers))
        .where(TIMINGS.c.slot >= slot)
        .group_by(TIMINGS.c.plugin, TIMINGS.c.hook)
    )
    if plugin is not None:
        query = query.where(TIMINGS.c.plugin == plugin)
    added = {(row[0], row[1]): [*row[2:]] for row in _rows(query)}
    for sums in current_engine().health.unwritten().sums:
        if plugin in (None, sums.plugin):
            into = added.setdefault((sums.plugin, sums.hook), [0, 0.0, 0, 0, *([0] * BUCKETS)])
            for place, number in enumerate(_numbers(sums)):
                into[place] += number
    found = [_times(key, numbers) for key, numbers in added.items()]
    return sorted(found, key=lambda each: (-each.seconds, each.plugin, each.hook))


def seconds_per_request(times: Iterable[HookTimes]) -> Mapping[str, float]:
    """Return, by handle, the seconds that each plugin adds to a request on average; empty without requests.

    ``times`` are those of all plugins, the portal's own count of requests among them. Templates are left
    out, whose time is part of the handler's or page's that renders them.
    """
    of_plugins: dict[str, float] = {}
    requests = 0
    for each in times:
        if each.plugin and each.hook not in BESIDE_REQUESTS:
            of_plugins[each.plugin] = of_plugins.get(each.plugin, 0.0) + each.seconds
        elif not each.plugin and each.hook == REQUEST:
            requests = each.calls
    return {handle: sum_ / requests for handle, sum_ in of_plugins.items()} if requests else {}


def failures_since(when: datetime) -> Mapping[tuple[str, str], int]:
    """Return how often each plugin failed at each hook since ``when`` (aware; to the minute). One SELECT."""
    minute = when.replace(second=0, microsecond=0)
    query = (
        select(FAILURES.c.plugin, FAILURES.c.hook, func.sum(FAILURES.c.failures))
        .where(FAILURES.c.minute >= minute)
        .group_by(FAILURES.c.plugin, FAILURES.c.hook)
    )
    found: dict[tuple[str, str], int] = {(row[0], row[1]): int(row[2]) for row in _rows(query)}
    for each in current_engine().health.unwritten().failures:
        if each.minute >= minute:
            key = (each.plugin, each.hook)
            found[key] = found.get(key, 0) + each.failures
    return found


def errors_by_plugin(when: datetime) -> Mapping[str, int]:
    """Return, by handle, how often anything of each plugin failed since ``when``. One SELECT."""
    found: dict[str, int] = {}
    for (plugin, _hook), count in failures_since(when).items():
        found[plugin] = found.get(plugin, 0) + count
    return found


def incidents(plugin: str | None = None) -> Sequence[Incident]:
    """Return the failures of all plugins, or of one by handle, the latest first; 500 at most. One SELECT."""
    query = select(INCIDENTS).order_by(INCIDENTS.c.at.desc(), INCIDENTS.c.id).limit(MOST_SHOWN)
    if plugin is not None:
        query = query.where(INCIDENTS.c.plugin == plugin)
    found = {row.id: Incident(**row._mapping) for row in _rows(query)}
    for each in current_engine().health.unwritten().incidents:
        if plugin in (None, each.plugin):
            stored = found.get(each.id)
            found[each.id] = each if stored is None else _joined(stored, each)
    return sorted(found.values(), key=lambda each: each.at, reverse=True)[:MOST_SHOWN]


def _rows(query: Select[Any]) -> Sequence[Any]:
    """Return the rows, none where the tables are not there or cannot be read: a page goes on without."""
    try:
        with db.session.begin_nested():
            return db.session.execute(query).all()
    except (OperationalError, ProgrammingError):
        return ()


def _numbers(sums: Sums) -> tuple[float, ...]:
    return (sums.calls, sums.seconds, sums.errors, sums.slow, *sums.buckets)


def _times(key: tuple[str, str], numbers: Sequence[Any]) -> HookTimes:
    calls, seconds, errors, slow, *buckets = numbers
    return HookTimes(
        plugin=key[0],
        hook=key[1],
        calls=int(calls),
        mean=float(seconds) / calls if calls else 0.0,
        p95=quantile(buckets, 0.95),
        errors=int(errors),
        seconds=float(seconds),
        slow=int(slow),
        buckets=tuple(int(each) for each in buckets),
    )


def _joined(stored: Incident, fresh: Incident) -> Incident:
    """Return a failure that is in the table and has come back since."""
    newer = fresh if fresh.at >= stored.at else stored
    first_at = min(stored.first_at, fresh.first_at)
    return replace(newer, first_at=first_at, count=stored.count + fresh.count)
