"""The running sums of the time that one plugin takes for one hook, and what of them is not written yet."""

from __future__ import annotations

from dataclasses import dataclass

from portal.pluginengine.health.histogram import BUCKETS, bucket_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """How long the handlers of one plugin took for one hook in this process, in seconds."""

    plugin: str
    hook: str
    calls: int
    total: float
    longest: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """Calls of one plugin for one hook: how many, seconds, failures, slow ones, how many per bucket."""

    plugin: str
    hook: str
    calls: int
    seconds: float
    errors: int
    slow: int
    buckets: tuple[int, ...]


class Stopwatch:
    """The running sums of one plugin ("": the portal itself) for one hook.

    ``HealthLog`` hands it out and holds its lock around every method.
    """

    __slots__ = (
        "_written",
        "buckets",
        "calls",
        "errors",
        "hook",
        "longest",
        "plugin",
        "slow",
        "total",
    )

    def __init__(self, plugin: str, hook: str) -> None:
        self.plugin = plugin
        self.hook = hook
        self.calls = 0
        self.total = 0.0
        self.longest = 0.0
        self.errors = 0
        self.slow = 0
        self.buckets = [0] * BUCKETS
        self._written = self._sums()

    def add(self, seconds: float) -> None:
        """Count a call."""
        self.calls += 1
        self.total += seconds
        self.buckets[bucket_of(seconds)] += 1
        if seconds > self.longest:
            self.longest = seconds

    def unwritten(self) -> Sums | None:
        """Return what has been added since it was last written, None for nothing."""
        if (self.calls, self.errors) == (self._written.calls, self._written.errors):
            return None
        return _combined(self._sums(), self._written, -1)

    def note_written(self, sums: Sums) -> None:
        """Take note that these are in the table."""
        self._written = _combined(self._written, sums, 1)

    def _sums(self) -> Sums:
        return Sums(
            plugin=self.plugin,
            hook=self.hook,
            calls=self.calls,
            seconds=self.total,
            errors=self.errors,
            slow=self.slow,
            buckets=tuple(self.buckets),
        )


def _combined(one: Sums, other: Sums, sign: int) -> Sums:
    return Sums(
        plugin=one.plugin,
        hook=one.hook,
        calls=one.calls + sign * other.calls,
        seconds=one.seconds + sign * other.seconds,
        errors=one.errors + sign * other.errors,
        slow=one.slow + sign * other.slow,
        buckets=tuple(a + sign * b for a, b in zip(one.buckets, other.buckets, strict=True)),
    )
