"""How plugins fare, in words and figures for site admin: what is wrong, what to do, errors and time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from flask_babel import gettext as _

from portal.core.clock import now
from portal.pluginengine.health import Incident
from portal.pluginengine.healthfigures import (
    HookTimes,
    errors_by_plugin,
    incidents,
    seconds_per_request,
    timings_since,
)
from portal.pluginengine.overview import PluginStatus

DAY: Final = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Fare:
    """A plugin's failures within a day, and the seconds that it adds to a request; None: nobody knows."""

    errors: int = 0
    seconds: float | None = None


@dataclass(frozen=True, kw_only=True)
class HookHealth:
    """A hook's (or place's) line on a plugin's page: its times within a day, and its last failure."""

    times: HookTimes
    last: Incident | None


def fares() -> Mapping[str, Fare]:
    """Return how each plugin fared within a day, by handle. Two SELECTs."""
    since = now() - DAY
    errors, seconds = errors_by_plugin(since), seconds_per_request(timings_since(since))
    return {
        handle: Fare(errors=errors.get(handle, 0), seconds=seconds.get(handle))
        for handle in errors.keys() | seconds.keys()
    }


def hooks_of(handle: str) -> Sequence[HookHealth]:
    """Return each hook of one plugin with its times and its last failure, the most expensive first."""
    last: dict[str, Incident] = {}
    for incident in incidents(handle):
        last.setdefault(incident.hook, incident)
    times = timings_since(now() - DAY, plugin=handle)
    return [HookHealth(times=each, last=last.get(each.hook)) for each in times]


def remedy_of(plugin: PluginStatus) -> str:
    """Return what to do about a plugin that does not run; "" when its cause says so, or it runs."""
    remedies = {
        "broken": _("Mend its files, or install a version that works: then it runs by itself."),
        "update": _(
            "Press Update: what it has to bring up to date is done, and the new version runs."
        ),
        "quarantined": _("Its tab Health shows what failed. Press Retry when the cause is gone."),
        "faulty": _("Correct its files: then it is offered here."),
    }
    return remedies.get(plugin.state, "")
