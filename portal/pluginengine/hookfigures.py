"""What Prometheus is told of hooks: calls, seconds and failures of each plugin, from the log of health."""

from __future__ import annotations

from typing import Final

from portal.core.metrics.values import Counter, Rows
from portal.pluginengine.health import HealthLog

_LABELS: Final = ("plugin", "hook")

HOOK_CALLS = Counter(
    name="portal_hook_calls_total", help="Calls of handlers, by plugin and hook.", labels=_LABELS
)
HOOK_SECONDS = Counter(
    name="portal_hook_seconds_total",
    help="Time spent in handlers, by plugin and hook.",
    labels=_LABELS,
)
HOOK_ERRORS = Counter(
    name="portal_hook_errors_total",
    help="Calls of handlers that failed, by plugin and hook.",
    labels=_LABELS,
)
HOOK_FIGURES: Final = (HOOK_CALLS, HOOK_SECONDS, HOOK_ERRORS)

#: What stands for the plugin where the portal's own handler was called.
PORTAL: Final = "portal"


def hook_rows(health: HealthLog) -> Rows:
    """Return what was measured in this process since it began."""
    rows: Rows = {}
    for timing in health.timings():
        labels = (timing.plugin or PORTAL, timing.hook)
        rows[HOOK_CALLS.name, labels] = [float(timing.calls)]
        rows[HOOK_SECONDS.name, labels] = [timing.total]
        rows[HOOK_ERRORS.name, labels] = [float(timing.errors)]
    return rows
