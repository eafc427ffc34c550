"""How long calls took, as counts in fixed buckets: they can be added up over workers, hours and hosts."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

#: The upper bounds of the buckets in seconds, 10 microseconds to a minute; one more holds what took longer.
BOUNDS = (
    0.000_01, 0.000_025, 0.000_05, 0.000_1, 0.000_25, 0.000_5,
    0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5,
    1.0, 2.5, 5.0, 10.0, 25.0, 60.0,
)  # fmt: skip
BUCKETS = len(BOUNDS) + 1


def bucket_of(seconds: float) -> int:
    """Return the bucket of a call that took so many seconds; a bound belongs to the bucket below it."""
    return bisect_left(BOUNDS, seconds)


def quantile(buckets: Sequence[int], share: float) -> float:
    """Return about how many seconds at most that share (0 to 1) of the calls took; 0.0 without any.

    Inside a bucket the calls are taken as evenly spread; what took longer than the last bound counts
    as that bound.
    """
    wanted = share * sum(buckets)
    if not wanted:
        return 0.0
    seen = 0
    for number, count in enumerate(buckets):
        if count and seen + count >= wanted:
            if number == len(BOUNDS):
                break
            below = BOUNDS[number - 1] if number else 0.0
            return below + (BOUNDS[number] - below) * (wanted - seen) / count
        seen += count
    return BOUNDS[-1]
