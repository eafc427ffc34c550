"""The background jobs of a plugin: what each is for, and how it went the last time."""

from __future__ import annotations

import inspect
from dataclasses import dataclass

from portal.jobs.registry import current_jobs
from portal.jobs.runs import JobRun, last_run
from portal.siteadmin import plugintabs
from portal.siteadmin.views.blueprint import bp
from portal.siteadmin.views.plugins import require_plugin
from portal.siteadmin.views.plugintab import tab_page


@dataclass(frozen=True, kw_only=True)
class JobLine:
    """A job of a plugin: its name, the first line of what its author says of it, its last run or None."""

    name: str
    text: str
    last: JobRun | None


@bp.get("/plugins/<code>/jobs")
def show_plugin_jobs(code: str) -> str:
    """The jobs that the plugin offers while it runs, each with its last run on any host."""
    plugin = require_plugin(code)
    lines = _lines(plugin.handle) if plugin.handle else []
    schedules = plugin.manifest.cron if plugin.manifest is not None else ()
    return tab_page("plugin_jobs", plugin, plugintabs.JOBS, lines=lines, schedules=schedules)


def _lines(handle: str) -> list[JobLine]:
    jobs = current_jobs()
    return [
        JobLine(
            name=name,
            text=(inspect.getdoc(jobs.registry.find(owner, name)) or "").partition("\n")[0],
            last=last_run(jobs.queue.huey, owner, name),
        )
        for owner, name in jobs.registry
        if owner == handle
    ]
