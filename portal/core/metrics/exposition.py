"""The figures in Prometheus's text, or in that of OpenMetrics when the asker prefers it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from portal.core.metrics.values import Counter, Gauge, Histogram, Labels, Rows


@dataclass(frozen=True, kw_only=True)
class Reading(Collector):
    """What is told at one moment: counted figures with their rows, and what is so right now."""

    figures: Iterable[Counter | Histogram]
    rows: Rows
    gauges: Iterable[Gauge]

    def collect(self) -> Iterator[Metric]:
        """Yield every figure as prometheus-client knows them."""
        for figure in self.figures:
            own = sorted(
                (labels, numbers)
                for (name, labels), numbers in self.rows.items()
                if name == figure.name
            )
            yield _counter(figure, own) if isinstance(figure, Counter) else _histogram(figure, own)
        for gauge in self.gauges:
            family = GaugeMetricFamily(gauge.name, gauge.help, labels=gauge.labels)
            for labels, value in sorted(gauge.values.items()):
                family.add_metric(labels, value)
            yield family


def written(reading: Reading, accept: str) -> tuple[bytes, str]:
    """Return the text of a reading and its content type, as the header ``Accept`` prefers."""
    encode, content_type = choose_encoder(accept)
    return encode(reading), content_type


def _counter(figure: Counter, rows: Iterable[tuple[Labels, list[float]]]) -> Metric:
    family = CounterMetricFamily(figure.name, figure.help, labels=figure.labels)
    for labels, numbers in rows:
        family.add_metric(labels, numbers[0])
    return family


def _histogram(figure: Histogram, rows: Iterable[tuple[Labels, list[float]]]) -> Metric:
    family = HistogramMetricFamily(figure.name, figure.help, labels=figure.labels)
    bounds = [*(str(float(bound)) for bound in figure.buckets), "+Inf"]
    for labels, numbers in rows:
        buckets = list(zip(bounds, accumulate(numbers[:-1]), strict=True))
        family.add_metric(labels, buckets, numbers[-1])
    return family
