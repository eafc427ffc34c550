"""Which plugins took part in one answer, and how long each took: noted for site admins alone.

Nothing of it outlives the request; what the process measures of everybody stands in ``health``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one plugin did for an answer: how many of its handlers were called, and for how many seconds."""

    handle: str
    calls: int
    seconds: float


class Trace:
    """The notes of one request. ``clock`` gives seconds, by default ``time.perf_counter``."""

    def __init__(self, clock: Callable[[], float] = perf_counter) -> None:
        self._clock = clock
        self._began = clock()
        self._sums: dict[str, tuple[int, float]] = {}

    def note(self, handles: Sequence[str | None], marks: Sequence[float]) -> None:
        """Note one firing: who was called in order, and the readings as ``HealthLog.add_times`` takes them.

        A handle that is None or empty is nobody's plugin and is not noted.
        """
        before = marks[0]
        for handle, after in zip(handles, marks[1:], strict=False):
            if handle and after != before:
                calls, seconds = self._sums.get(handle, (0, 0.0))
                self._sums[handle] = (calls + 1, seconds + after - before)
            before = after

    def parts(self) -> tuple[Part, ...]:
        """What has been noted so far, the slowest plugin first."""
        parts = [
            Part(handle=handle, calls=calls, seconds=seconds)
            for handle, (calls, seconds) in self._sums.items()
        ]
        return tuple(sorted(parts, key=lambda part: (-part.seconds, part.handle)))

    def seconds(self) -> float:
        """How long the answer has taken so far, since it was known who looks."""
        return self._clock() - self._began
