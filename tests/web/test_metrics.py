"""/metrics: who may read it, what it counts, and that neither a swap nor a fault takes it away."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import cast
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import pytest
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.test import EnvironBuilder

from portal.app import create_app, current_state, make_runtime
from portal.config import Settings
from portal.core.clock import now
from portal.core.database import db
from portal.jobs.registry import jobs_of
from portal.pluginengine.engine import EXTENSION, Engine
from portal.pluginengine.models import WorkerRow
from portal.web.metrics import add_source
from portal.web.metricsaccess import is_local
from tests.fixtures.plugins import PluginSite, write_plugin

TOKEN = "a token of at least sixteen"
LOCAL, REMOTE = "127.0.0.1", "203.0.113.9"


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """The database has little say in it."""
    return sqlite_url


@pytest.fixture
def site(settings: Settings, tmp_path: Path) -> Iterator[PluginSite]:
    """A site with a plugin that answers a hook of every page."""
    folder = tmp_path / "plugins"
    write_plugin(
        folder,
        "probe",
        events={"headermenu": ["link"]},
        methods="def link(self):\n    return None\n",
    )
    site = PluginSite(replace(settings, plugin_path=(folder,)))
    site.operate("register", "probe")
    site.operate("enable", "probe")
    yield site
    site.close()


def figures(app: Flask) -> dict[tuple[str, ...], float]:
    """Return the page's samples by name and values of the labels, those of buckets left out."""
    text = app.test_client().get("/metrics").text
    return {
        (sample.name, *(sample.labels[name] for name in sorted(sample.labels))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if not sample.name.endswith("_bucket")
    }


def test_requests_are_counted_by_endpoint_method_and_class(site: PluginSite) -> None:
    """Labels are a closed set: no path, no made-up method."""
    client = site.app.test_client()
    for _time in range(3):
        client.get("/")
    client.get("/no-such-page-1")
    client.get("/no-such-page-2")
    client.open("/", method="BREW")
    client.post("/login", data={})
    found = figures(site.app)
    counted = {
        key[1:]: value
        for key, value in found.items()
        if key[0] == "portal_http_request_duration_seconds_count"
    }
    assert counted == {
        ("home.index", "GET", "2xx"): 3,
        ("none", "GET", "4xx"): 2,
        ("none", "other", "4xx"): 1,
        ("accounts.login", "POST", "4xx"): 1,
    }
    assert 0 < found["portal_http_request_duration_seconds_sum", "home.index", "GET", "2xx"] < 10
    assert found["portal_http_request_queries_count", "home.index"] == 3
    assert found["portal_http_request_queries_sum", "home.index"] >= 3


def test_the_hooks_of_plugins_are_counted_with_their_time(site: PluginSite) -> None:
    for _time in range(2):
        site.app.test_client().get("/")
    found = figures(site.app)
    assert found["portal_hook_calls_total", "headermenu", "probe"] == 2
    assert found["portal_hook_seconds_total", "headermenu", "probe"] > 0


def test_the_page_tells_how_the_site_is(site: PluginSite) -> None:
    found = figures(site.app)
    assert found["portal_generation",] == site.engine.state.generation
    assert found["portal_plugins", "enabled"] == 1
    assert found["portal_mails", "queued"] == 0
    assert found["portal_jobs_waiting",] == 0
    assert found["portal_processes",] == 1
    assert found["portal_workers",] == found["portal_workers_behind",] == 0
    assert {key[1] for key in found if key[0] == "portal_metrics_source_up"} == {
        "jobs", "mails", "plugins", "workers",
    }  # fmt: skip


def test_workers_that_are_behind_are_told(site: PluginSite) -> None:
    """Of all hosts, from their own reports."""
    generation = site.engine.state.generation
    with site.arrange():
        for number, told in enumerate((generation, generation - 1)):
            row = WorkerRow(
                worker_id=str(number), host="elsewhere", pid=number, generation=told, seen_at=now()
            )
            db.session.add(row)
    found = figures(site.app)
    assert (found["portal_workers",], found["portal_workers_behind",]) == (2, 1)


def test_a_swap_resets_and_doubles_nothing(site: PluginSite) -> None:
    site.app.test_client().get("/")
    before = figures(site.app)
    site.operate("disable", "probe")
    site.operate("enable", "probe")
    site.app.test_client().get("/")
    after = figures(site.app)
    for key in (
        ("portal_http_request_duration_seconds_count", "home.index", "GET", "2xx"),
        ("portal_hook_calls_total", "headermenu", "probe"),
    ):
        assert (before[key], after[key]) == (1, 2)


def test_what_the_site_does_not_know_any_more_is_left_out(site: PluginSite) -> None:
    """Labels stay bounded by the plugins that there are."""
    site.app.test_client().get("/")
    key = ("portal_hook_calls_total", "headermenu", "probe")
    site.operate("disable", "probe")
    assert figures(site.app)[key] == 1
    site.operate("unregister", "probe")
    found = figures(site.app)
    assert key not in found
    assert any(each[0] == key[0] and each[-1] == "portal" for each in found)


def test_a_source_that_fails_costs_its_own_figures_only(site: PluginSite) -> None:
    def failing() -> list[object]:
        raise RuntimeError("no luck")

    add_source(site.app, "unlucky", failing)  # type: ignore[arg-type]
    found = figures(site.app)
    assert found["portal_metrics_source_up", "unlucky"] == 0
    assert found["portal_metrics_source_up", "plugins"] == 1


@pytest.mark.parametrize(
    ("proxies", "address", "headers", "local"),
    [
        (0, LOCAL, {}, True),
        (0, "127.8.9.10", {}, True),
        (0, "::1", {}, True),
        (0, "::ffff:127.0.0.1", {}, True),
        (0, REMOTE, {}, False),
        (0, "::ffff:203.0.113.9", {}, False),
        (0, "", {}, False),
        (0, REMOTE, {"X-Forwarded-For": LOCAL}, False),
        (0, LOCAL, {"X-Forwarded-For": REMOTE}, False),
        (1, REMOTE, {"X-Forwarded-For": LOCAL}, False),
        (1, LOCAL, {"X-Forwarded-For": LOCAL}, False),
        (1, LOCAL, {"X-Real-IP": REMOTE}, False),
        (1, LOCAL, {"Forwarded": "for=127.0.0.1"}, False),
        (1, LOCAL, {"Via": "1.1 proxy"}, False),
        (1, LOCAL, {}, True),
    ],
)
def test_neither_a_visitor_nor_a_proxy_passes_for_a_program_on_this_machine(
    proxies: int, address: str, headers: dict[str, str], local: bool
) -> None:
    """Whether proxies are expected or not."""
    judged: list[bool] = []

    def judge(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        judged.append(is_local(environ))
        return []

    app: WSGIApplication = ProxyFix(judge, x_for=proxies) if proxies else judge
    builder = EnvironBuilder(headers=headers, environ_base={"REMOTE_ADDR": address})
    app(builder.get_environ(), cast(StartResponse, lambda *_answer: None))
    assert judged == [local]


def test_without_a_token_this_machine_alone_is_answered(settings: Settings) -> None:
    app = create_app(replace(settings, proxies=1))
    for address, headers, status in (
        (LOCAL, {}, 200),
        (REMOTE, {}, 403),
        (LOCAL, {"X-Forwarded-For": LOCAL}, 403),
    ):
        answer = app.test_client().get(
            "/metrics", headers=headers, environ_base={"REMOTE_ADDR": address}
        )
        assert answer.status_code == status
        assert (b"portal_info" in answer.data) == (status == 200)
    jobs_of(app).queue.close()


def test_a_token_is_asked_of_everybody(settings: Settings) -> None:
    """Also of programs on this machine; and it is enough from anywhere, through any proxy."""
    app = create_app(replace(settings, metrics_token=TOKEN))
    cases = {
        None: 403, "": 403, f"Basic {TOKEN}": 403, f"Bearer {TOKEN}x": 403, "Bearer t\xf6ken": 403,
        f"Bearer {TOKEN}": 200, f"bearer  {TOKEN}": 200,
    }  # fmt: skip
    for sent, status in cases.items():
        headers = {"X-Forwarded-For": REMOTE} | ({} if sent is None else {"Authorization": sent})
        for address in (LOCAL, REMOTE):
            answer = app.test_client().get(
                "/metrics", headers=headers, environ_base={"REMOTE_ADDR": address}
            )
            assert answer.status_code == status, sent
    jobs_of(app).queue.close()


def test_the_page_is_open_to_its_readers_where_a_log_in_is_demanded(settings: Settings) -> None:
    app = create_app(replace(settings, login_required=True))
    assert app.test_client().get("/metrics").status_code == 200
    jobs_of(app).queue.close()


def test_generations_of_one_process_share_one_count(settings: Settings) -> None:
    """The counters belong to the runtime, which outlives every generation."""
    runtime = make_runtime(settings)
    apps = [runtime.build(current_state(settings)) for _generation in range(2)]
    engines: list[Engine] = [app.extensions[EXTENSION] for app in apps]
    assert engines[0].runtime.tallies is engines[1].runtime.tallies
    for app in apps:
        app.test_client().get("/healthz")
    key = ("portal_http_request_duration_seconds_count", "probes.healthz", "GET", "2xx")
    assert figures(apps[0])[key] == 2
    for app in apps:
        jobs_of(app).queue.close()
