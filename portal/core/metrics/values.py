"""What can be measured: the declaration of each figure, written once where it is counted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

#: The values of a figure's labels, in the order of their names.
Labels = tuple[str, ...]

#: What a process has counted: (figure, values of its labels) to its numbers.
#: A counter has one; a histogram has one for each bucket, one for what is beyond, and the sum.
Rows = dict[tuple[str, Labels], list[float]]


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A figure: its name, what it tells, and the names of its labels."""

    name: str
    help: str
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Counter(Figure):
    """What only grows while a process lives; the name ends in ``_total``."""

    @property
    def width(self) -> int:
        """How many numbers a row has."""
        return 1


@dataclass(frozen=True, kw_only=True)
class Histogram(Figure):
    """How many values lay below each of the ``buckets``, which are upper bounds in ascending order."""

    buckets: tuple[float, ...]

    @property
    def width(self) -> int:
        """How many numbers a row has."""
        return len(self.buckets) + 2


@dataclass(frozen=True, kw_only=True)
class Gauge(Figure):
    """What is so at the moment: read when it is asked for, never counted."""

    values: Mapping[Labels, float] = field(default_factory=dict)


def merged(sources: Iterable[Rows], figures: Iterable[Counter | Histogram]) -> Rows:
    """Return the sums of what several processes have counted.

    Rows of figures that are not known, or of another shape (an older release wrote them), are left out.
    """
    widths = {each.name: each.width for each in figures}
    sums: Rows = {}
    for rows in sources:
        for key, numbers in rows.items():
            if widths.get(key[0]) != len(numbers):
                continue
            before = sums.get(key)
            sums[key] = (
                list(numbers)
                if before is None
                else [one + other for one, other in zip(before, numbers, strict=True)]
            )
    return sums
