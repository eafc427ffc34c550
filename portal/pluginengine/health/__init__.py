"""The health of plugins: what failed in them, and how long they take.

Gathered in the memory of each process (``log``), written every few seconds by a thread of its own
(``writing``) into tables that add up all workers and hosts (``tables``); ``pluginengine.healthfigures``
reads them.
"""

from portal.pluginengine.health.incident import Incident
from portal.pluginengine.health.log import HealthLog
from portal.pluginengine.health.stopwatch import Stopwatch, Timing

__all__ = ["HealthLog", "Incident", "Stopwatch", "Timing"]
