"""What ends or hangs a whole worker: the site comes back by itself, and the plugin is named and stopped."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.pluginengine.health.deadline import Deadline
from tests.hooks.probing import EVERYWHERE, ProbedSite
from tests.walks import masked

PAGES = ("/", "/groups/apollo/", "/users/alice/")

#: A worker: it builds the site, answers one request, writes what it has gathered, and leaves.
WORKER = """
import sys
from werkzeug.test import Client
from portal.app import create_site
site = create_site()
answer = Client(site).get(sys.argv[1])
site.stop()
print(answer.status_code, *sorted(site.app.extensions["portal.engine"].plugins))
"""


@pytest.fixture
def site(probed: ProbedSite) -> Iterator[ProbedSite]:
    """A site on which apollo and alice use two plugins, one of which goes bad in the test."""
    probed.run("probe", {"message": "return 'all is well'"}, **EVERYWHERE)
    probed.run("other", {"message": "return 'the other'"}, **EVERYWHERE)
    before = signal.getsignal(signal.SIGALRM)
    yield probed
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


def worker(site: ProbedSite, page: str = "/") -> tuple[int, str]:
    """Let a worker answer one request; its exit status, and what it printed."""
    environ = {
        **os.environ,
        "PORTAL_VAR": str(site.settings.var),
        "DATABASE_URL": site.settings.database_url,
        "PORTAL_SECRET_KEY": site.settings.secret_key,
        "PORTAL_PLUGIN_PATH": str(site.folder),
    }
    done = subprocess.run(
        [sys.executable, "-c", WORKER, page],
        env=environ,
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    return done.returncode, done.stdout.strip()


def test_a_plugin_that_ends_workers_is_stopped_by_the_third(site: ProbedSite) -> None:
    """Engineering B8: os._exit in a handler."""
    site.write("probe", {"message": "import os\nos._exit(7)"}, **EVERYWHERE)
    assert [worker(site)[0] for _worker in range(2)] == [7, 7]
    assert worker(site) == (0, "200 other")
    site.refresh()
    page = site.as_("admin").get("/admin/plugins/probe/health").text
    assert "Workers ended while it was running, twice or more within 10 minutes." in page
    assert "A worker ended while this was running: message." in page


@pytest.mark.slow
def test_a_plugin_that_ends_workers_while_it_is_imported_is_stopped_by_the_third(
    site: ProbedSite,
) -> None:
    """Before any request, so that the site comes up."""
    (site.folder / "probe" / "plugin.py").write_text("import os\nos._exit(8)\n")
    assert [worker(site)[0] for _worker in range(2)] == [8, 8]
    assert worker(site) == (0, "200 other")


def test_a_handler_that_hangs_costs_its_part_of_the_page_and_is_named(site: ProbedSite) -> None:
    """The page has the status and the bytes it would have had without that handler."""
    site.write("probe", {"message": "return None"}, **EVERYWHERE)
    site.refresh()
    without = {page: masked(site.as_("").get(page).get_data()) for page in PAGES}
    site.write("probe", {"message": "while True: pass"}, **EVERYWHERE)
    site.refresh()
    site.runtime.health.deadline = Deadline(0.3, tick=0.1)
    for page in PAGES:
        answer = site.as_("").get(page)
        assert answer.status_code == 200
        assert masked(answer.get_data()) == without[page]
    (incident,) = [each for each in site.engine.health.incidents() if each.plugin == "probe"]
    assert (incident.hook, incident.count) == ("message", len(PAGES))
    assert "was cut off" in incident.error
