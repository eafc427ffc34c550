"""The running sums of the time that one plugin takes for one hook, and what of them is not written yet."""

from __future__ import annotations

from dataclasses import dataclass

from portal.pluginengine.health.histogram import BUCKETS


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """How long the handlers of one plugin took for one hook in this process, in seconds; ``errors`` failed."""

    plugin: str
    hook: str
    calls: int
    total: float
    longest: float
    errors: int = 0


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

    ``HealthLog`` hands it out, holds its lock around every method, and adds calls itself, since that is on
    the path that must be fast: seconds to ``total``, one to a bucket. ``mark`` is the number that says, in
    the cells of ``health.marker``, that the plugin is running there.
    """

    __slots__ = (
        "_written",
        "buckets",
        "errors",
        "hook",
        "longest",
        "mark",
        "plugin",
        "slow",
        "total",
    )

    def __init__(self, plugin: str, hook: str, mark: int = 0) -> None:
        self.plugin = plugin
        self.hook = hook
        self.mark = mark
        self.total = 0.0
        self.longest = 0.0
        self.errors = 0
        self.slow = 0
        self.buckets = [0] * BUCKETS
        self._written = self._sums()

    @property
    def calls(self) -> int:
        """How many calls there were."""
        return sum(self.buckets)

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
