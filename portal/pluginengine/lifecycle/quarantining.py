"""Quarantine: a plugin that keeps failing stops running, stays enabled, and comes back by hand only.

It is an operation like any other, with a line in the journal and an entry in the audit log; never part
of a request (engineering (w), peers 3.1). Whoever was told in ``when_quarantined`` writes in the same
transaction, so that one quarantine is one mail to each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, cast

from flask import Flask, current_app
from flask_babel import gettext as _
from sqlalchemy import func, select, update

from portal.core.clock import now
from portal.core.database import db
from portal.core.unit_of_work import unit_of_work
from portal.pluginengine import dependencies, rows
from portal.pluginengine.actions import PLUGIN_QUARANTINE, PLUGIN_RETRY
from portal.pluginengine.health.places import DEATH
from portal.pluginengine.health.tables import FAILURES
from portal.pluginengine.lifecycle.callbacks import candidate
from portal.pluginengine.lifecycle.finding import known, note
from portal.pluginengine.lifecycle.running import Outcome, Work, run
from portal.pluginengine.models import PluginRow

EXTENSION: Final = "portal.quarantine"


@dataclass(frozen=True, kw_only=True)
class Rule:
    """So many failures of one plugin at one hook within so many minutes; 0 failures: never.

    The end of a worker counts for half of them, so that the second one quarantines.
    """

    failures: int = 5
    minutes: int = 10

    @property
    def weight_of_death(self) -> int:
        """What the end of a worker counts for."""
        return (self.failures + 1) // 2


@dataclass(frozen=True, kw_only=True)
class Quarantine:
    """A plugin that is being quarantined: its names, the cause in words, who needs it and runs on."""

    handle: str
    code: str
    name: str
    cause: str
    dependents: Sequence[str]


Listener = Callable[[Quarantine], object]


def when_quarantined(app: Flask, listener: Listener) -> None:
    """Have ``listener`` called in the transaction of each quarantine."""
    app.extensions[EXTENSION] = listener


def quarantine_all(rule: Rule) -> list[Outcome]:
    """Quarantine every plugin that has failed too often; return what was done. Needs an app context.

    Raises ``Refused`` while another operation is running: it comes round again.
    """
    if not rule.failures:
        return []
    with unit_of_work("read"):
        due = list(_due(rule))
    return [each for handle, hook in due if (each := quarantine(handle, hook, rule)).changed]


def quarantine(handle: str, hook: str, rule: Rule) -> Outcome:
    """Stop a plugin that has failed too often at the hook; nothing when that is so no more."""

    def step(work: Work) -> str:
        row = rows.find_row(handle)
        if row is None or (handle, hook) not in set(_due(rule)):
            return ""
        cause = _cause(hook, rule)
        row.load_state, row.last_error = "quarantined", cause
        _forgive(handle)
        note(
            PLUGIN_QUARANTINE, row, old={"state": "ok"}, new={"state": "quarantined", "hook": hook}
        )
        _tell(row, cause)
        return _("Plugin %(name)s was quarantined: %(cause)s", name=row.name, cause=cause)

    return run("quarantine", handle, step, _("Plugin %(code)s runs.", code=handle))


def retry(code: str, *, dry_run: bool = False) -> Outcome:
    """Let a quarantined plugin run again; its failures up to now do not count any more.

    Raises ``Refused`` when the site does not know it, and when its code cannot be brought up.
    """

    def step(work: Work) -> str:
        row = known(code)
        if row.load_state != "quarantined":
            return ""
        row.load_state, row.last_error = "ok", None
        _forgive(row.plugin_name)
        if row.enable:
            candidate(work.engine, row)
        note(PLUGIN_RETRY, row, old={"state": "quarantined"}, new={"state": "ok"})
        return _("Plugin %(name)s runs again.", name=row.name)

    unchanged = _("Plugin %(code)s is not quarantined.", code=code)
    return run("retry", code, step, unchanged, dry_run=dry_run)


def _due(rule: Rule) -> Iterator[tuple[str, str]]:
    """Yield the running plugins that have failed too often, each with the hook."""
    since = now() - timedelta(minutes=rule.minutes)
    query = (
        select(FAILURES.c.plugin, FAILURES.c.hook)
        .join(PluginRow, PluginRow.plugin_name == FAILURES.c.plugin)
        .where(
            FAILURES.c.minute >= since.replace(second=0, microsecond=0),
            PluginRow.enable == 1,
            PluginRow.delete_flg == 0,
            PluginRow.load_state == "ok",
        )
        .group_by(FAILURES.c.plugin, FAILURES.c.hook)
        .having(func.sum(FAILURES.c.weight) >= rule.failures)
        .order_by(FAILURES.c.plugin, FAILURES.c.hook)
    )
    return (cast("tuple[str, str]", tuple(row)) for row in db.session.execute(query))


def _forgive(handle: str) -> None:
    """Let the plugin's failures up to now count no more; the figures stay."""
    db.session.execute(update(FAILURES).where(FAILURES.c.plugin == handle).values(weight=0))


def _cause(hook: str, rule: Rule) -> str:
    if hook == DEATH:
        return _(
            "Workers ended while it was running, twice or more within %(minutes)d minutes.",
            minutes=rule.minutes,
        )
    return _(
        "It failed %(failures)d times or more at %(hook)s within %(minutes)d minutes.",
        failures=rule.failures,
        hook=hook,
        minutes=rule.minutes,
    )


def _tell(row: PluginRow, cause: str) -> None:
    listener: Listener | None = current_app.extensions.get(EXTENSION)
    if listener is not None:
        needing: Iterable[str] = dependencies.dependents(row, only_enabled=True)
        listener(
            Quarantine(
                handle=row.plugin_name,
                code=row.code,
                name=row.name,
                cause=cause,
                dependents=sorted(needing),
            )
        )
