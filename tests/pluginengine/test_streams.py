"""The body of a plugin's answer: what fails while it is sent is named, and ends no worker."""

import pytest

from portal.pluginengine.errors import PluginLeft
from tests.fixtures.plugins import MakePlugin, PluginSite

ADDRESS = "/plugins/probe/"
VIEWS = """
import sys
from flask import Blueprint, Response
from portal.pluginapi import db

bp = Blueprint("probe", __name__)

def parts():
    yield b"first "
    {code}
    yield b"second"

def leave():
    sys.exit(3)

@bp.get("/")
def page():
    answer = Response(parts())
    {around}
    return answer
"""
FAILURES = {
    "raises": ("raise ValueError('no luck')", ValueError, "ValueError: no luck"),
    "exits": ("sys.exit(3)", PluginLeft, "SystemExit: 3"),
    "reads the database": ("db.session.connection()", RuntimeError, "outside a unit of work"),
}

#: Nothing in these tests depends on the database.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def written(site: PluginSite, make_plugin: MakePlugin, code: str = "", around: str = "") -> None:
    """Enable a plugin with a page whose body is made while it is sent."""
    views = VIEWS.format(code=code or "pass", around=around or "pass")
    make_plugin("probe", files={"views.py": views})
    site.enable("probe")


def failures(site: PluginSite) -> list[tuple[str, str, str]]:
    """Return plugin, place and error of each incident."""
    return [(each.plugin, each.hook, each.error) for each in site.engine.health.incidents()]


def test_a_streamed_answer_is_sent_as_it_is(site: PluginSite, make_plugin: MakePlugin) -> None:
    written(site, make_plugin)
    assert site.client().get(ADDRESS).data == b"first second"
    assert failures(site) == []


@pytest.mark.parametrize(("code", "raised", "error"), FAILURES.values(), ids=FAILURES)
def test_a_body_that_fails_breaks_off_and_is_an_incident(
    site: PluginSite,
    make_plugin: MakePlugin,
    code: str,
    raised: type[Exception],
    error: str,
) -> None:
    """The server gets an Exception, which costs this connection; SystemExit would end the worker."""
    written(site, make_plugin, code)
    answer = site.client().get(ADDRESS, buffered=False)
    assert answer.status_code == 200
    with pytest.raises(raised):
        list(answer.response)
    ((plugin, place, told),) = failures(site)
    assert (plugin, place) == ("probe", "GET /plugins/probe/")
    assert error in told


def test_what_waits_for_the_end_of_the_answer_cannot_end_the_worker(
    site: PluginSite, make_plugin: MakePlugin
) -> None:
    written(site, make_plugin, around="answer.call_on_close(leave)")
    with pytest.raises(PluginLeft):
        site.client().get(ADDRESS, buffered=True)
    assert [error for _plugin, _place, error in failures(site)] == ["SystemExit: 3"]
