"""What one process counts, for as long as it lives: swapping the app changes nothing here. Thread-safe."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from threading import Lock

from portal.core.metrics.values import Counter, Histogram, Labels, Rows

#: Tells rows that are kept elsewhere, such as the times of hooks.
Teller = Callable[[], Rows]


class Tallies:
    """The counters and histograms of a process.

    Labels must be words of a closed set (endpoints, hooks, handles of plugins that the site knows), never
    what visitors write: each new value is a row that stays.
    """

    def __init__(self) -> None:
        self._rows: Rows = {}
        self._tellers: list[Teller] = []
        self._lock = Lock()

    def tell(self, teller: Teller) -> None:
        """Add the rows that ``teller`` gives whenever the rows are read."""
        self._tellers.append(teller)

    def add(self, counter: Counter, labels: Labels = (), amount: float = 1) -> None:
        """Let a counter grow."""
        row = self._row(counter, labels)
        with self._lock:
            row[0] += amount

    def observe(self, histogram: Histogram, labels: Labels, value: float) -> None:
        """Add a value to a histogram."""
        row = self._rows.get((histogram.name, labels)) or self._row(histogram, labels)
        place = bisect_left(histogram.buckets, value)
        with self._lock:
            row[place] += 1
            row[-1] += value

    def rows(self) -> Rows:
        """Return a copy of all rows as they are now."""
        with self._lock:
            rows = {key: list(numbers) for key, numbers in self._rows.items()}
        for teller in self._tellers:
            rows.update(teller())
        return rows

    def _row(self, figure: Counter | Histogram, labels: Labels) -> list[float]:
        with self._lock:
            return self._rows.setdefault((figure.name, labels), [0.0] * figure.width)
