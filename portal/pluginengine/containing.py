"""Running a piece of a plugin's code in a page of the host's, outside of hooks: contained as a handler is.

What fails is an incident, and costs what the piece would give.
"""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import TypeVar

from flask import g

from portal.core.interrupts import TimeIsUp, is_interrupt
from portal.pluginengine.context import running_as
from portal.pluginengine.engine import current_engine
from portal.pluginengine.failures import record_failure
from portal.pluginengine.health.measuring import measured
from portal.pluginengine.masking import note_parts
from portal.pluginengine.sessions import SessionFence

Result = TypeVar("Result")


class PieceFailed(Exception):
    """The code of a plugin failed; that is an incident already, and nothing of its writes is left."""


def contained(
    handle: str,
    place: str,
    name: str,
    piece: Callable[[], Result],
    *,
    passing: tuple[type[Exception], ...] = (),
    failed_at: str = "",
    weight: int = 1,
) -> Result:
    """Return what ``piece`` returns, run as the plugin, fenced and timed under ``name`` at ``place``.

    Raises those of ``passing`` as they are, and ``PieceFailed`` for whatever else it raises; where it
    hangs it is cut off as a handler is. A failure is an incident at ``failed_at``, when not at ``place``;
    ``weight`` is what it counts towards quarantine, 0 for what costs the plugin's own pages only.
    """
    health = current_engine().health
    marks = [perf_counter()]
    running = (
        [] if health.marker.slot() else health.deadline.running
    )  # the main thread alone is timed
    running.append(marks)
    try:
        fence = SessionFence().firing("check")
        with measured(health, handle, place, name), running_as(handle), fence(handle):
            return piece()
    except passing:
        raise
    except BaseException as error:
        if is_interrupt(error) or (isinstance(error, TimeIsUp) and error.whose is not marks):
            raise
        request_id = g.get("portal_request_id", "")
        where = failed_at or place
        record_failure(
            health, handle, where, name, request_id, error, measured_as=place, weight=weight
        )
        raise PieceFailed from error
    finally:
        running.pop()
        marks.append(perf_counter())
        note_parts([(handle, None, None)], marks)
