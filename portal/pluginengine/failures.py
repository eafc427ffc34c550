"""Making an incident of what a plugin's code raised outside of hooks: its pages, and what follows them."""

from __future__ import annotations

import logging

from portal.pluginengine.health import HealthLog, Incident

log = logging.getLogger(__name__)


def record_failure(  # noqa: PLR0913 - what a failure is known by, and how it counts
    health: HealthLog,
    plugin: str,
    place: str,
    name: str,
    request_id: str,
    error: BaseException,
    *,
    measured_as: str = "",
    weight: int = 0,
) -> Incident:
    """Note and log that ``name`` of the plugin with this handle failed at ``place``.

    It has no weight unless one is given: what costs the plugin's own pages and jobs only does not
    quarantine it. ``measured_as`` is what the time goes under, when not under ``place``.
    """
    incident = health.record(
        plugin, place, name, request_id, error, weight=weight, measured_as=measured_as
    )
    log.error(
        "The plugin %s failed at %s (incident %s)\n%s",
        plugin,
        place,
        incident.id,
        incident.traceback,
        extra={"plugin": plugin, "incident": incident.id},
    )
    return incident
