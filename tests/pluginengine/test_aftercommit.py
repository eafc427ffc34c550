"""What a plugin wants called after the commit: its failure is an incident, its rows are its own."""

import logging

import pytest

from portal.core.unit_of_work import after_commit
from tests.fixtures.plugins import THING_MIGRATION, MakePlugin, PluginSite

VIEWS = """
import sys
from flask import Blueprint, abort
from sqlalchemy import text
from portal.pluginapi import Group, after_commit, db

bp = Blueprint("probe", __name__)

def later():
    {code}

@bp.post("/")
def page():
    after_commit(later)
    after_commit(other)
    {end}

def other():
    db.session.execute(text("INSERT INTO plugin_probe_thing (thing_id) VALUES (1)"))
"""
ADDRESS = "/plugins/probe/"
FAILURES = {
    "raises": ("raise ValueError('no luck')", "ValueError: no luck"),
    "leaves": ("sys.exit(3)", "SystemExit: 3"),
    "commits": ("db.session.commit()", "session.commit() is not allowed"),
    "breaks the database": ("db.session.execute(text('SELECT * FROM nowhere'))", "nowhere"),
    "changes a core row": (
        "db.session.execute(text(\"UPDATE users SET real_name = 'x'\"))",
        "is not its own",
    ),
}


def written(
    site: PluginSite, make_plugin: MakePlugin, code: str = "pass", end: str = "return 'done'"
) -> None:
    """Enable a plugin whose page asks for two calls after the commit."""
    views = VIEWS.format(code=code, end=end)
    make_plugin("probe", files={"views.py": views, "migrations/one.py": THING_MIGRATION})
    site.enable("probe")


@pytest.mark.parametrize(("code", "error"), FAILURES.values(), ids=FAILURES)
def test_a_call_that_fails_costs_itself_and_is_an_incident(
    site: PluginSite, make_plugin: MakePlugin, code: str, error: str
) -> None:
    written(site, make_plugin, code)
    answer = site.client().post(ADDRESS, headers={"X-Request-ID": "request-1"})
    assert (answer.status_code, answer.text) == (200, "done")
    (incident,) = site.engine.health.incidents()
    assert (incident.plugin, incident.hook) == ("probe", "after_commit")
    assert incident.handler.endswith("views.later")
    assert error in incident.error
    assert incident.request_id == "request-1"
    assert len(site.rows("plugin_probe_thing")) == 1


def test_after_a_roll_back_nothing_is_called(site: PluginSite, make_plugin: MakePlugin) -> None:
    written(site, make_plugin, end="abort(404)")
    assert site.client().post(ADDRESS).status_code == 404
    assert site.rows("plugin_probe_thing") == []


def test_a_call_of_the_hosts_that_fails_is_no_plugins_incident(
    site: PluginSite, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise ValueError("of the host")

    with caplog.at_level(logging.ERROR), site.arrange():
        after_commit(fail)
    assert "A call waiting for the commit failed" in caplog.text
    assert site.engine.health.incidents() == ()
