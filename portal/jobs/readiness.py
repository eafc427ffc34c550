"""Whether background work gets done, as /readyz asks it."""

from __future__ import annotations

from portal.jobs.heartbeat import last_heartbeat
from portal.jobs.registry import current_jobs


def worker_answers() -> str:
    """Return "ok" when a worker has been seen lately, else what is wrong."""
    try:
        last = last_heartbeat(current_jobs().queue.huey)
    except Exception as error:  # noqa: BLE001 - the probe reports whatever is wrong
        return type(error).__name__
    if last is None:
        return "no worker is running"
    return "ok" if last.is_alive else f"no worker since {last.at:%Y-%m-%dT%H:%M:%SZ}"
