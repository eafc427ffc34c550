"""The health of plugins in site admin: the list names who is slow and who fails, the tab says where."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.app import create_app
from portal.core.database import db
from portal.core.unit_of_work import unit_of_work
from portal.jobs.registry import jobs_of
from portal.pluginengine.engine import current_engine
from portal.pluginengine.health import HealthLog
from portal.pluginengine.health.places import REQUEST
from portal.pluginengine.health.writing import write
from portal.pluginengine.lifecycle.quarantining import Rule, quarantine_all
from tests.factories import make_user, sign_in
from tests.sampleplugins import PluginSite

QUIET = [f"quiet{letter}" for letter in "abcdefgh"]
ALL = [*QUIET, "slow", "flaky"]


class Ten:
    """A site admin's browser at a site with ten plugins, one of them slow and one of them flaky."""

    def __init__(self, site: PluginSite) -> None:
        for handle in QUIET:
            site.write(handle, {"message": "return None"})
        site.write("slow", {"message": "return None"})
        site.write("flaky", {"message": "raise ValueError('now and then')"})
        self.site = site
        self.app = site.run(*ALL)
        with self.app.app_context(), unit_of_work():
            self.admin = make_user("ada", is_site_admin=True)
        self.go_over(self.app)

    def go_over(self, app: Flask) -> None:
        """Use this generation from here on."""
        app.config.update(TESTING=True, PROPAGATE_EXCEPTIONS=False, WTF_CSRF_ENABLED=False)
        self.app = app
        self.health: HealthLog = app.extensions["portal.engine"].health
        self.browser: FlaskClient = sign_in(app.test_client(), self.admin)

    def page(self, path: str) -> str:
        """A page of site admin as text, spaces as people see them."""
        return " ".join(self.browser.get(path).text.split())

    def line(self, handle: str) -> str:
        """The plugin's line in the list."""
        page = self.page("/admin/plugins/")
        start = page.index(f'href="/admin/plugins/{handle}/"')
        return page[start : page.index("</li>", start)]


@pytest.fixture
def ten(site: PluginSite) -> Ten:
    """The ten plugins."""
    return Ten(site)


def test_the_list_names_the_slow_and_the_flaky_one(ten: Ten) -> None:
    """Issue 6: errors in 24 hours, time per request."""
    ten.health.add_times([ten.health.stopwatch("slow", "message")] * 2, [0.0, 3.0, 6.0])
    ten.browser.get("/")
    requests = ten.health.stopwatch("", REQUEST).calls
    assert requests == 1
    assert "1 error in 24 hours" in ten.line("flaky")
    slow = ten.line("slow")
    assert "0 errors in 24 hours" in slow
    assert "3000 ms" in slow
    assert "per request" in slow
    assert "0 errors" in ten.line("quieta")


def test_the_tab_shows_each_hook_with_its_figures_and_last_failure(ten: Ten) -> None:
    """Issue 6: count, mean, p95, last error with traceback; what was written and what is fresh."""
    ten.browser.get("/")
    with ten.app.app_context():
        assert write(db.engine_for(ten.site.settings.database_url), ten.health)
    ten.browser.get("/")
    page = ten.page("/admin/plugins/flaky/health")
    assert 'href="/admin/plugins/flaky/health" aria-current="page"' in page
    assert page.count("ValueError: now and then") >= 2
    assert "on_message" in page
    for text in ("Calls", "Mean", "p95", '<span class="mono">message</span>'):
        assert text in page
    assert "Nothing went wrong" in ten.page("/admin/plugins/quieta/health")


def test_the_quarantine_of_one_changes_nothing_for_the_other_nine(ten: Ten) -> None:
    """Issue 6; the list says why, what to do, and offers Retry."""
    before = ten.browser.get("/").text
    for _again in range(4):
        ten.browser.get("/")
    with ten.app.app_context():
        write(db.engine_for(ten.site.settings.database_url), ten.health)
        (outcome,) = quarantine_all(Rule())
    jobs_of(ten.app).queue.close()  # which was told of the mail
    assert "Flaky was quarantined" in outcome.message
    ten.go_over(create_app(ten.site.settings))
    with ten.app.app_context():
        assert set(current_engine().plugins) == set(ALL) - {"flaky"}
    assert ten.browser.get("/").status_code == 200
    assert len(before) >= len(ten.browser.get("/").text)
    line = ten.line("flaky")
    for text in ("Quarantined", "It failed 5 times or more at message", "Press Retry", "/retry"):
        assert text in line
    assert "Quarantined" not in ten.line("quieta")
    answer = ten.browser.post("/admin/plugins/flaky/retry")
    assert answer.status_code == 303
    assert "portal_generation=" in answer.headers["Set-Cookie"]
