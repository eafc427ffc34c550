"""Measuring what a plugin runs outside of hooks: its pages, templates, jobs, imports."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter

from portal.core.interrupts import is_abort
from portal.pluginengine.health.log import HealthLog


@contextmanager
def measured(health: HealthLog, plugin: str, place: str, name: str) -> Iterator[None]:
    """Take the time of the block for the plugin, and note that it runs ``name`` at ``place``.

    Where the process is being ended because the block hangs, the note stays for those who come after.
    """
    cells, slot = health.marker.cells, health.marker.slot()
    outer, cells[slot] = cells[slot], health.marker.number(plugin, place, name)
    began = perf_counter()
    is_left = False
    try:
        yield
    except BaseException as error:
        is_left = is_abort(error)
        raise
    finally:
        if not is_left:
            cells[slot] = outer
        health.add_times([health.stopwatch(plugin, place)], [began, perf_counter()])
