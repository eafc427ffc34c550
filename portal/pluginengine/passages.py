"""Which generations of a worker are still answering: a passage is one request or job on its way through one.

Destructive steps of an operation wait until nobody passes through an older generation (engineering B1).
"""

from __future__ import annotations

from collections import Counter
from contextvars import ContextVar
from threading import Lock


class Passage:
    """One request or job, from its beginning until its answer is out; counted until ``leave``."""

    __slots__ = ("_passages", "generation")

    def __init__(self, passages: Passages, generation: int) -> None:
        self._passages: Passages | None = passages
        self.generation = generation

    def leave(self) -> None:
        """Count it no longer; leaving twice does no harm."""
        passages, self._passages = self._passages, None
        if passages is not None:
            passages.forget(self)


class Passages:
    """The passages of one process. Safe for threads."""

    def __init__(self) -> None:
        self._under_way: Counter[int] = Counter()
        self._lock = Lock()

    def enter(self, generation: int) -> Passage:
        """Count one more passage through a generation."""
        with self._lock:
            self._under_way[generation] += 1
        return Passage(self, generation)

    def forget(self, passage: Passage) -> None:
        """Count the passage no longer; called by ``Passage.leave``, once."""
        with self._lock:
            self._under_way[passage.generation] -= 1
            if not self._under_way[passage.generation]:
                del self._under_way[passage.generation]

    def oldest(self) -> int | None:
        """Return the oldest generation that something passes through, or None when all is still."""
        with self._lock:
            return min(self._under_way, default=None)


#: The passage that the running code belongs to, in web requests and jobs.
current_passage: ContextVar[Passage | None] = ContextVar("portal_passage", default=None)


def step_aside() -> None:
    """Let an operation not wait for the very request that asks for it."""
    passage = current_passage.get()
    if passage is not None:
        passage.leave()
