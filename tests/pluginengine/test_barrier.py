"""The swap barrier: nothing is taken from under code that is still running (engineering B1)."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from threading import Event

import pytest
from sqlalchemy import insert
from werkzeug.test import Client, TestResponse

from portal.app import make_runtime
from portal.core.clock import frozen, now
from portal.core.database import db
from portal.pluginengine import barrier
from portal.pluginengine.errors import Refused
from portal.pluginengine.journal import begin, note_held, put_journal_in_order
from portal.pluginengine.lifecycle import Outcome
from portal.pluginengine.models import WorkerRow
from portal.pluginengine.operations import raise_generation, transaction
from portal.pluginengine.passages import Passages
from portal.pluginengine.reloading import ReloadableApp
from portal.pluginengine.workers import SILENCE, WorkerReport, live_workers, this_host
from portal.web.generation import COOKIE
from tests.fixtures.plugins import THING_MIGRATION, MakePlugin, PluginSite

PAGE = "/plugins/probe/page"

VIEWS = """
    from flask import Blueprint, current_app
    from portal.pluginapi import db
    from sqlalchemy import text

    bp = Blueprint("probe", __name__)

    @bp.get("/page")
    def page():
        gate = current_app.extensions.get("test.gate")
        if gate is not None:
            entered, go_on = gate
            entered.set()
            assert go_on.wait(20)
        return str(db.session.scalar(text("SELECT count(*) FROM plugin_probe_thing")))
"""

ADDS = """
    import sqlalchemy as sa
    from alembic import op

    revision = "probe_2"
    down_revision = "probe_1"


    def upgrade():
        op.add_column("plugin_probe_thing", sa.Column("word", sa.String))
"""

BREAKS = """
    from alembic import op

    revision = "probe_2"
    down_revision = "probe_1"


    def upgrade():
        op.rename_table("plugin_probe_thing", "plugin_probe_old")
        op.execute("CREATE TABLE plugin_probe_thing (thing_id INTEGER)")
"""


class Web:
    """A web worker of the site with a quick watch, and what it is asked in a thread of its own."""

    def __init__(self, site: PluginSite) -> None:
        self.runtime = make_runtime(site.settings)
        self.app = ReloadableApp(
            engine=db.engine_for(site.settings.database_url),
            build=self.runtime.build,
            poll_seconds=0.05,
            cookie=COOKIE,
            mend=put_journal_in_order,
        )
        self.threads = ThreadPoolExecutor(2)
        assert self.get("/healthz").status_code == 200, "its watch is running now"

    def get(self, path: str = PAGE) -> TestResponse:
        return Client(self.app, use_cookies=False).get(path, buffered=True)

    def get_slowly(self) -> tuple[Future[TestResponse], Event]:
        """Begin a request that goes on when the event is set; return once it is inside the plugin's page."""
        entered, go_on = Event(), Event()
        self.app.app.extensions["test.gate"] = (entered, go_on)
        answer = self.threads.submit(self.get)
        assert entered.wait(10)
        return answer, go_on

    def close(self) -> None:
        self.threads.shutdown()
        self.app.stop()
        self.runtime.close()


@pytest.fixture
def probe(site: PluginSite, make_plugin: MakePlugin) -> Callable[..., None]:
    """Put a version of the plugin into its folder, with a page that counts the rows of its table."""

    def put(version: str, *migrations: str, methods: str = "pass") -> None:
        files = {f"migrations/{number}.py": text for number, text in enumerate(migrations)}
        make_plugin(
            "probe",
            config={"scope": ["site"], "version": version},
            methods=methods,
            files={"views.py": VIEWS, **files},
        )

    put("1.0", THING_MIGRATION)
    site.enable("probe")
    return put


@pytest.fixture
def web(site: PluginSite, probe: Callable[..., None]) -> Iterator[Web]:
    """A running web worker."""
    web = Web(site)
    yield web
    web.close()


def in_the_background(web: Web, site: PluginSite, verb: str, **options: object) -> Future[Outcome]:
    return web.threads.submit(lambda: site.operate(verb, "probe", **options))


def is_silent_on(web: Web) -> bool:
    return "probe" in web.app.app.extensions["portal.engine"].state.held


def wait_until(claim: Callable[[], bool]) -> None:
    """Look again for up to ten seconds."""
    for _look in range(1000):
        if claim():
            return
        Event().wait(0.01)
    raise AssertionError("it did not come about in ten seconds")


@pytest.mark.parametrize("verb", ["uninstall", "unregister"])
def test_what_is_taken_away_waits_for_the_requests_that_use_it(
    site: PluginSite, web: Web, verb: str
) -> None:
    assert web.get().text == "0"
    answer, go_on = web.get_slowly()
    options = {"purge": True} if verb == "uninstall" else {"disable_first": True}
    operation = in_the_background(web, site, verb, **options)
    wait_until(lambda: is_silent_on(web))
    assert web.get().status_code == 404, "new requests do not reach it any more"
    assert not operation.done()
    assert "plugin_probe_thing" in site.tables()
    go_on.set()
    assert answer.result(10).text == "0"
    assert operation.result(10).changed
    assert operation.result().warnings == ()
    assert ("plugin_probe_thing" in site.tables()) is (verb == "unregister")


def test_a_migration_that_changes_what_is_there_runs_while_the_plugin_asks_to_come_back(
    site: PluginSite, web: Web, probe: Callable[..., None]
) -> None:
    answer, go_on = web.get_slowly()
    probe("1.1", THING_MIGRATION, BREAKS)
    operation = in_the_background(web, site, "update")
    wait_until(lambda: is_silent_on(web))
    meanwhile = web.get()
    assert (meanwhile.status_code, meanwhile.headers["Retry-After"]) == (503, "3")
    assert web.get("/plugins/probe/static/probe.css").status_code == 503
    assert web.get("/plugins/other/").status_code == 404
    assert web.get("/groups/").status_code == 200
    go_on.set()
    assert answer.result(10).status_code == 200
    assert operation.result(10).changed
    wait_until(lambda: web.get().status_code == 200)


def test_a_migration_that_only_adds_silences_nobody(
    site: PluginSite, web: Web, probe: Callable[..., None]
) -> None:
    answer, go_on = web.get_slowly()
    probe("1.1", THING_MIGRATION, ADDS)
    assert in_the_background(web, site, "update").result(10).changed, "beside the running request"
    assert not answer.done()
    go_on.set()
    assert answer.result(10).text == "0"


def test_a_rehearsal_says_that_the_pages_will_be_away(
    site: PluginSite, probe: Callable[..., None]
) -> None:
    before = site.snapshot()
    probe("1.1", THING_MIGRATION, BREAKS)
    told = site.operate("update", "probe", dry_run=True)
    assert "away for a few seconds" in told.warnings[0]
    assert site.snapshot() == before


def test_a_refused_step_lets_the_plugin_speak_again(
    site: PluginSite, web: Web, probe: Callable[..., None]
) -> None:
    probe(
        "1.1", THING_MIGRATION, methods="def uninstall(self, config, app): raise ValueError('no')"
    )
    site.operate("update", "probe")
    with pytest.raises(Refused, match="no"):
        site.operate("uninstall", "probe")
    wait_until(lambda: not is_silent_on(web) and web.get().status_code == 200)
    assert site.engine.state.held == {}


def test_what_others_need_is_refused_before_anything_falls_silent(
    site: PluginSite, make_plugin: MakePlugin, probe: Callable[..., None]
) -> None:
    make_plugin("other", config={"requires": {"plugins": {"probe": "1.0"}}}, methods="pass")
    site.enable("other")
    before = site.rows("engine_site")
    with pytest.raises(Refused, match="Other"):
        site.operate("uninstall", "probe")
    assert site.rows("engine_site") == before


def test_workers_bring_a_plugin_back_whose_operation_has_died(site: PluginSite, web: Web) -> None:
    with site.app.app_context():
        entry = begin(site.runtime, "uninstall", "probe", None)
        with transaction(site.runtime):
            note_held(entry, "probe")
            raise_generation()
    wait_until(lambda: "interrupted" in str(site.rows("engine_operations")))
    wait_until(lambda: web.get().status_code == 200)


def test_a_worker_that_does_not_follow_is_waited_for_and_named(
    site: PluginSite, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(barrier, "PATIENCE_SECONDS", 0.3)
    answer, go_on = web.get_slowly()
    outcome = site.operate("uninstall", "probe")
    assert outcome.changed
    assert f"The worker {os.getpid()} on" in outcome.warnings[0]
    go_on.set()
    assert answer.result(10).status_code == 200, "uninstalling keeps the tables"


def test_a_purge_waits_for_workers_that_have_not_swapped_yet(
    site: PluginSite, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer, go_on = web.get_slowly()
    monkeypatch.setattr(barrier, "PATIENCE_SECONDS", 0.1)
    site.operate("uninstall", "probe")
    monkeypatch.undo()
    operation = in_the_background(web, site, "purge")
    Event().wait(0.3)
    assert not operation.done()
    go_on.set()
    assert answer.result(10).text == "0"
    assert operation.result(10).warnings == ()


def test_the_request_that_asks_is_not_waited_for(site: PluginSite, web: Web) -> None:
    passages = web.app._passages
    with web.app.newest() as app, app.app_context():
        assert passages.oldest() == web.app.generation
        assert barrier.settle(site.runtime) == []
        assert passages.oldest() is None


class TestWorkers:
    """The table of workers."""

    @pytest.fixture
    def told(self, site: PluginSite) -> Iterator[WorkerReport]:
        report = WorkerReport(db.engine_for(site.settings.database_url))
        report.tell(3)
        yield report
        report.take_leave()

    def live(self, site: PluginSite) -> list[tuple[int, int]]:
        with db.engine_for(site.settings.database_url).connect() as connection:
            return [(each.pid, each.generation) for each in live_workers(connection)]

    def test_a_worker_tells_which_generation_it_still_uses(
        self, site: PluginSite, told: WorkerReport
    ) -> None:
        assert self.live(site) == [(os.getpid(), 3)]
        told.tell(4)
        assert self.live(site) == [(os.getpid(), 4)]

    def test_it_writes_when_something_is_new_or_five_seconds_have_passed(
        self, site: PluginSite, told: WorkerReport
    ) -> None:
        before = site.rows("engine_workers")
        told.tell(3)
        assert site.rows("engine_workers") == before
        with frozen(now() + timedelta(seconds=6)):
            told.tell(3)
        assert site.rows("engine_workers") != before

    def test_one_that_has_fallen_silent_counts_no_more_and_is_forgotten(
        self, site: PluginSite, told: WorkerReport
    ) -> None:
        with frozen(now() + SILENCE + timedelta(seconds=1)):
            assert self.live(site) == []
        with frozen(now() + timedelta(hours=2)):
            other = WorkerReport(db.engine_for(site.settings.database_url))
            other.tell(9)
            assert len(site.rows("engine_workers")) == 1
            other.take_leave()

    def test_one_whose_process_has_died_on_this_host_counts_no_more(self, site: PluginSite) -> None:
        child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
        values = {"pid": child.pid, "generation": 1, "seen_at": now()}
        with site.arrange():
            for worker_id, host in (("a", this_host()), ("b", "elsewhere")):
                db.session.execute(
                    insert(WorkerRow).values(worker_id=worker_id, host=host, **values)
                )
        assert len(self.live(site)) == 2
        child.send_signal(signal.SIGKILL)
        child.communicate()
        assert len(self.live(site)) == 1

    def test_its_row_goes_as_it_ends(self, site: PluginSite, told: WorkerReport) -> None:
        told.take_leave()
        assert site.rows("engine_workers") == []


def test_passages_count_until_they_are_left_once() -> None:
    passages = Passages()
    assert passages.oldest() is None
    first, second = passages.enter(4), passages.enter(3)
    assert passages.oldest() == 3
    second.leave()
    second.leave()
    assert passages.oldest() == 4
    first.leave()
    assert passages.oldest() is None
