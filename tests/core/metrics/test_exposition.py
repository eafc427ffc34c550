"""The figures as Prometheus reads them, judged by its own parser."""

from prometheus_client.openmetrics.parser import text_string_to_metric_families as read_open
from prometheus_client.parser import text_string_to_metric_families as read_plain

from portal.core.metrics.exposition import Reading, written
from portal.core.metrics.values import Counter, Gauge, Histogram

READING = Reading(
    figures=(
        Counter(name="calls_total", help="Calls.", labels=("who",)),
        Histogram(name="seconds", help="Times.", labels=("page",), buckets=(0.1, 1.0)),
    ),
    rows={("calls_total", ('a"b\n',)): [3.0], ("seconds", ("home",)): [1.0, 2.0, 3.0, 9.5]},
    gauges=(Gauge(name="mails", help="Mails.", labels=("state",), values={("queued",): 4}),),
)


def test_the_plain_text_has_cumulative_buckets_and_escaped_labels() -> None:
    body, content_type = written(READING, "")
    assert content_type.startswith("text/plain")
    samples = {
        (sample.name, *(sample.labels[name] for name in sorted(sample.labels))): sample.value
        for family in read_plain(body.decode())
        for sample in family.samples
    }
    assert samples == {
        ("calls_total", 'a"b\n'): 3,
        ("seconds_bucket", "0.1", "home"): 1,
        ("seconds_bucket", "1.0", "home"): 3,
        ("seconds_bucket", "+Inf", "home"): 6,
        ("seconds_count", "home"): 6,
        ("seconds_sum", "home"): 9.5,
        ("mails", "queued"): 4,
    }


def test_open_metrics_are_written_for_those_who_prefer_them() -> None:
    body, content_type = written(READING, "application/openmetrics-text; version=1.0.0")
    assert content_type.startswith("application/openmetrics-text")
    families = {family.name: family.type for family in read_open(body.decode())}
    assert families == {"calls": "counter", "seconds": "histogram", "mails": "gauge"}
