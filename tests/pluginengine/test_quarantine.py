"""Quarantine: what keeps failing is stopped, by whichever worker writes it, and comes back by hand only."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import count

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.engine import Engine

from portal.core.audit.models import AuditEntry
from portal.core.clock import frozen, now
from portal.core.database import db
from portal.core.mail.models import OutboxMail
from portal.jobs.registry import jobs_of
from portal.pluginengine import healthfigures, lifecycle
from portal.pluginengine.errors import Refused
from portal.pluginengine.gathering import Gathering
from portal.pluginengine.health import HealthLog
from portal.pluginengine.journal import last_operations
from portal.pluginengine.lifecycle.quarantining import Rule
from portal.pluginengine.models import PluginRow
from portal.pluginengine.overview import plugin_status
from tests.factories import make_user
from tests.fixtures.plugins import MakePlugin, PluginSite

RULE = Rule(failures=5, minutes=10)
REQUESTS = count()


@pytest.fixture
def running(site: PluginSite, make_plugin: MakePlugin) -> PluginSite:
    """A site with a site admin and two plugins, one of which the other needs."""
    make_plugin("alpha", methods="def say(self):\n    return None", events={"message": ["say"]})
    make_plugin("beta", config={"requires": {"plugins": [{"code": "alpha"}]}})
    site.enable("alpha", "beta")
    with site.arrange():
        make_user("ada", is_site_admin=True)
        make_user("bob")
    return site


class Worker:
    """A worker process as far as gathering goes: its own memory, the site's database."""

    def __init__(self, site: PluginSite, rule: Rule = RULE) -> None:
        self.site = site
        self.health = HealthLog()
        self.engine: Engine = db.engine_for(site.settings.database_url)
        self.gathering = Gathering(self.engine, self.health, site.settings.var, rule)

    def fail(self, times: int, hook: str = "message", *, weight: int = 1) -> None:
        """Let alpha fail so often, each time in another request."""
        for _time in range(times):
            request = f"r{next(REQUESTS)}"
            self.health.record("alpha", hook, "say", request, ValueError("no luck"), weight=weight)

    def look(self) -> None:
        """What its thread does every few seconds."""
        self.gathering.look(self._newest)
        jobs_of(self.site.app).queue.close()  # which was told of the mails
        self.site.refresh()

    @contextmanager
    def _newest(self) -> Iterator[Flask]:
        yield self.site.app


def row_of(site: PluginSite) -> PluginRow:
    """The row of alpha."""
    with site.arrange("read"):
        row = db.session.scalars(select(PluginRow).where(PluginRow.code == "alpha")).one()
        db.session.expunge(row)
    return row


def mails(site: PluginSite) -> list[OutboxMail]:
    """What was written to people."""
    with site.arrange("read"):
        found = list(db.session.scalars(select(OutboxMail)))
        db.session.expunge_all()
    return found


def test_failures_of_several_workers_add_up_to_a_quarantine(running: PluginSite) -> None:
    """Engineering (w): five of one (plugin, hook) in ten minutes, summed over workers; it stays enabled."""
    one, other = Worker(running), Worker(running)
    one.fail(3)
    one.look()
    assert "alpha" in running.engine.plugins
    other.fail(2)
    other.look()
    row = row_of(running)
    assert (row.load_state, row.enable) == ("quarantined", 1)
    assert row.last_error == "It failed 5 times or more at message within 10 minutes."
    assert set(running.engine.plugins) == {"beta"}
    with running.arrange("read"):
        line = last_operations("alpha", 1)[0]
        db.session.expunge(line)
        status = plugin_status("alpha")
        audited = db.session.scalars(select(AuditEntry.action)).all()
    assert (line.verb, line.step) == ("quarantine", "done")
    assert status is not None
    assert status.state == "quarantined"
    assert "plugin.quarantine" in audited


def test_each_site_admin_gets_one_mail_that_names_the_cause(running: PluginSite) -> None:
    """Issue 6: one e-mail to site admins per incident; who needs the plugin runs on and is named."""
    worker = Worker(running)
    worker.fail(9)
    worker.look()
    worker.fail(9)
    worker.look()
    (mail,) = mails(running)
    assert mail.recipient.startswith("ada@")
    text = " ".join(mail.text.split())
    assert "It failed 5 times or more at message within 10 minutes." in text
    assert "Beta" in text
    assert "/admin/plugins/alpha/" in text


def test_one_request_counts_once_however_often_it_fails(running: PluginSite) -> None:
    """A page that fires a hook five times is one failure: no single visit stops a plugin."""
    worker = Worker(running)
    for _time in range(9):
        worker.health.record("alpha", "message", "say", "the same", ValueError("no luck"))
    worker.look()
    assert row_of(running).load_state == "ok"
    assert worker.health.incidents()[0].count == 9
    worker.fail(4)
    worker.look()
    assert row_of(running).load_state == "quarantined"


def test_what_does_not_reach_the_rule_leaves_the_plugin_running(running: PluginSite) -> None:
    """Too few, at different hooks, too long ago, without weight, or with the rule switched off."""
    worker = Worker(running)
    worker.fail(4)
    worker.fail(4, hook="headermenu")
    worker.fail(20, hook="GET /plugins/alpha/", weight=0)
    with frozen(now() - timedelta(minutes=20)):
        worker.fail(9)
    worker.look()
    never = Worker(running, Rule(failures=0))
    never.fail(50)
    never.look()
    assert row_of(running).load_state == "ok"


def test_the_second_worker_that_a_plugin_ends_quarantines_it(running: PluginSite) -> None:
    """Engineering B8: the marker names the culprit; each end counts for half."""
    assert (Rule(failures=5).weight_of_death, Rule(failures=1).weight_of_death) == (3, 1)
    for state in ("ok", "quarantined"):
        dead = HealthLog()
        dead.marker.open(running.settings.var / "running")
        dead.marker.cells[0] = dead.marker.number("alpha", "message", "say")
        abandon(dead)
        worker = Worker(running)
        worker.look()
        worker.gathering.stop()
        assert row_of(running).load_state == state
    cause = row_of(running).last_error
    assert cause == "Workers ended while it was running, twice or more within 10 minutes."
    with running.arrange("read"):
        (incident,) = healthfigures.incidents("alpha")
    assert incident.error == "A worker ended while this was running: message say."
    assert incident.count == 2


def abandon(health: HealthLog) -> None:
    """Let go of the lock on the marks, as the end of a process does."""
    assert health.marker._file is not None
    fcntl.flock(health.marker._file, fcntl.LOCK_UN)


def test_a_quarantine_outlasts_restarts_and_is_lifted_by_hand(running: PluginSite) -> None:
    """Retry: it runs, and what it did before does not count any more."""
    worker = Worker(running)
    worker.fail(5)
    worker.look()
    running.refresh()
    assert "alpha" not in running.engine.plugins
    assert running.operate("retry", "alpha").message == "Plugin Alpha runs again."
    assert "alpha" in running.engine.plugins
    assert row_of(running).last_error is None
    worker.fail(4)
    worker.look()
    assert row_of(running).load_state == "ok"
    assert not running.operate("retry", "alpha").changed


def test_a_plugin_whose_code_is_broken_by_now_stays_in_quarantine(
    running: PluginSite, make_plugin: MakePlugin
) -> None:
    """Retry says what is wrong and changes nothing."""
    worker = Worker(running)
    worker.fail(5)
    worker.look()
    make_plugin("alpha", methods="def nothing(self): ...", events={"message": ["say"]})
    with running.app.app_context(), pytest.raises(Refused, match="cannot run"):
        lifecycle.retry("alpha")
    assert row_of(running).load_state == "quarantined"
