"""/metrics: what this host's processes have counted, and how the site is, as Prometheus reads it (design 9).

Counting costs a request some microseconds and no statement; what has to be asked of the database is asked
when the page is. See docs/metrics.md and docs/decisions/0010-metrics-in-files.md.
"""

from __future__ import annotations

import logging
from collections import Counter as CountOf
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from time import perf_counter
from typing import Final, cast

from flask import Flask, Response, current_app, request
from flask.globals import request_ctx

from portal import __version__
from portal.core import unit_of_work
from portal.core.database import db
from portal.core.mail.queries import count_by_state
from portal.core.metrics.exposition import Reading, written
from portal.core.metrics.sharing import Share
from portal.core.metrics.tallies import Tallies
from portal.core.metrics.values import Counter, Gauge, Histogram, Labels, Rows
from portal.pluginengine.engine import current_engine
from portal.pluginengine.hookfigures import HOOK_FIGURES, PORTAL
from portal.pluginengine.overview import plugin_overview
from portal.pluginengine.state import read_generation
from portal.pluginengine.workers import live_workers
from portal.web import probes
from portal.web.application import STARTED
from portal.web.metricsaccess import require_asker
from portal.web.transactions import READING_METHODS

EXTENSION: Final = "portal.metrics"

#: Any other word that a visitor sends for a method is counted as this.
OTHER: Final = "other"
#: What stands for the endpoint where no address of the site was asked for.
NOWHERE: Final = "none"
#: The label that names a plugin, and what stands there for the portal itself and its jobs.
PLUGIN: Final = "plugin"
OWN_NAMES: Final = (PORTAL, "core")
METHODS: Final = READING_METHODS | {"POST", "PUT", "PATCH", "DELETE"}

REQUESTS = Histogram(
    name="portal_http_request_duration_seconds",
    help="Requests and how long their answers took, by endpoint, method and class of the status.",
    labels=("endpoint", "method", "status"),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
STATEMENTS = Histogram(
    name="portal_http_request_queries",
    help="Statements that a request sent to the database, by endpoint.",
    labels=("endpoint",),
    buckets=(0, 1, 2, 5, 10, 20, 50, 100, 200),
)

logger = logging.getLogger(__name__)

#: Tells figures that are read when the page is asked for.
Source = Callable[[], Iterable[Gauge]]


@dataclass
class Metrics:
    """What an app's page tells: what is counted, and sources of what is so at the moment, by name.

    ``tallies`` and ``share`` are the process's, handed from generation to generation.
    """

    figures: list[Counter | Histogram] = field(default_factory=list)
    sources: dict[str, Source] = field(default_factory=dict)
    tallies: Tallies = field(default_factory=Tallies)
    share: Share | None = None

    def observe(self, histogram: Histogram, labels: Labels, value: float) -> None:
        """Count something that happened in this process."""
        self.tallies.observe(histogram, labels, value)
        if self.share is not None:
            self.share.awake()


def add_figures(app: Flask, *figures: Counter | Histogram) -> None:
    """Add what is counted to the page."""
    metrics_of(app).figures.extend(figures)


def add_source(app: Flask, name: str, source: Source) -> None:
    """Add figures to the page; a source that fails is left out, and ``portal_metrics_source_up`` says so."""
    metrics_of(app).sources[name] = source


@probes.bp.get("/metrics")
def show_metrics() -> Response:
    """Answer with every figure, to whoever may ask (``require_asker``)."""
    require_asker()
    figures = metrics_of(current_app).figures
    rows = current_engine().runtime.share.rows(figures)
    reading = Reading(figures=figures, rows=_of_known(rows, figures), gauges=list(_gauges()))
    body, content_type = written(reading, request.headers.get("Accept", ""))
    return Response(body, content_type=content_type, headers={"Cache-Control": "no-store"})


def init_app(app: Flask, tallies: Tallies, share: Share) -> None:
    """Count the app's requests, and tell of its plugins and mails; the address is one of the probes'."""
    made = app.extensions[EXTENSION] = Metrics(tallies=tallies, share=share)
    app.after_request(partial(count_request, made))
    add_figures(app, REQUESTS, STATEMENTS, *HOOK_FIGURES)
    add_source(app, "plugins", _plugins)
    add_source(app, "mails", _mails)
    add_source(app, "workers", _workers)


def count_request(metrics: Metrics, response: Response) -> Response:
    """Count the running request, which is about to be answered; costs some microseconds."""
    asked = request_ctx.request  # the context is looked up once
    started = asked.environ.get(STARTED)
    if started is None:
        return response
    endpoint = asked.endpoint or NOWHERE
    method = asked.method if asked.method in METHODS else OTHER
    status = f"{response.status_code // 100}xx"
    metrics.observe(REQUESTS, (endpoint, method, status), perf_counter() - started)
    metrics.observe(STATEMENTS, (endpoint,), unit_of_work.current_unit().statements)
    return response


def _of_known(rows: Rows, figures: Iterable[Counter | Histogram]) -> Rows:
    """Leave out what plugins have counted that the site does not know any more."""
    known = {*current_engine().state.by_handle, *OWN_NAMES}
    places = {each.name: each.labels.index(PLUGIN) for each in figures if PLUGIN in each.labels}
    return {
        (name, labels): numbers
        for (name, labels), numbers in rows.items()
        if name not in places or labels[places[name]] in known
    }


def _gauges() -> Iterator[Gauge]:
    """Yield what is so at the moment: first of this process, then of each source that can tell."""
    engine = current_engine()
    yield Gauge(
        name="portal_info",
        help="The release that runs.",
        labels=("version",),
        values={(__version__,): 1},
    )
    yield Gauge(
        name="portal_generation",
        help="The generation of the site that the answering worker serves.",
        values={(): engine.state.generation},
    )
    yield Gauge(
        name="portal_processes",
        help="Processes of this host whose figures are in these sums.",
        values={(): engine.runtime.share.processes()},
    )
    is_up: dict[tuple[str, ...], float] = {}
    for name, source in metrics_of(current_app).sources.items():
        found = _read(name, source)
        is_up[(name,)] = float(found is not None)
        yield from found or ()
    yield Gauge(
        name="portal_metrics_source_up",
        help="1 where the figures of a source could be read, 0 where they are left out.",
        labels=("source",),
        values=is_up,
    )


def _read(name: str, source: Source) -> list[Gauge] | None:
    """Return the figures of a source; None when it fails: the page tells what the others know."""
    try:
        return list(source())
    except Exception:
        logger.exception("The figures of %s could not be read", name)
        unit_of_work.recover()
        return None


def _plugins() -> Iterator[Gauge]:
    states = CountOf(each.state for each in plugin_overview())
    yield Gauge(
        name="portal_plugins",
        help="Plugins by state.",
        labels=("state",),
        values={(state,): count for state, count in states.items()},
    )


def _mails() -> Iterator[Gauge]:
    yield Gauge(
        name="portal_mails",
        help="Mails in the outbox by state; queued ones wait.",
        labels=("state",),
        values={(state,): count for state, count in count_by_state().items()},
    )


def _workers() -> Iterator[Gauge]:
    connection = db.session.connection()
    workers, generation = live_workers(connection), read_generation(connection)
    yield Gauge(
        name="portal_workers",
        help="Workers of the site that are alive, on all hosts.",
        values={(): len(workers)},
    )
    yield Gauge(
        name="portal_workers_behind",
        help="Those that still answer with an older generation than the site's.",
        values={(): sum(each.generation < generation for each in workers)},
    )


def metrics_of(app: Flask) -> Metrics:
    """Return what an app counts and tells."""
    if EXTENSION not in app.extensions:
        app.extensions[EXTENSION] = Metrics()
    return cast(Metrics, app.extensions[EXTENSION])
