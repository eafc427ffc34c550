"""The search for the plugin that spoils a page: half of the suspects are hidden, somebody says what is seen.

Pure: plugins are their keys here. Where one plugin alone is to blame, it is named after at most
ceil(log2(n)) answers; a last look tells apart where none is, or several are (peers 3.1).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Final, Literal

Fault = Literal["breaks", "looks", "slow"]
#: look: nothing is hidden yet. halve: half of the suspects are. check: the last suspect alone is.
#: all: everything is. done: the search has its result, and nothing is hidden.
Phase = Literal["look", "halve", "check", "all", "done"]
Result = Literal[
    "", "culprit", "nobody_there", "not_a_plugin", "own_page", "several", "not_seen", "changed"
]

FAULTS: Final[tuple[Fault, ...]] = ("breaks", "looks", "slow")


@dataclass(frozen=True, kw_only=True)
class Bisection:
    """One search. ``path`` is the page with its query, ``fault`` what is wrong with it.

    ``suspects`` stand with each plugin before those that it needs, so that what is hidden of them hides no
    other suspect. ``kept`` are never hidden: the plugin whose page it is, and what it needs. ``turn`` counts
    all answers, ``steps`` those that halved; ``most`` is how many of the latter it takes at most.
    """

    path: str
    fault: Fault
    phase: Phase = "look"
    suspects: tuple[int, ...] = ()
    kept: tuple[int, ...] = ()
    turn: int = 0
    steps: int = 0
    most: int = 0
    result: Result = ""

    @property
    def culprit(self) -> int | None:
        """The plugin that is left, proven or not yet; None while there are several."""
        return self.suspects[0] if len(self.suspects) == 1 else None

    def hidden(self, everyone: Iterable[int]) -> frozenset[int]:
        """Return which plugins the page is shown without; ``everyone`` are those that run."""
        if self.phase == "halve":
            return frozenset(self._half())
        if self.phase == "check":
            return frozenset(self.suspects)
        return frozenset(everyone) - frozenset(self.kept) if self.phase == "all" else frozenset()

    def begun(self, suspects: Iterable[int], kept: Collection[int]) -> Bisection:
        """Return the search after the first look, which showed the fault, with those who take part."""
        found = tuple(each for each in suspects if each not in kept)
        begun = replace(
            self,
            suspects=found,
            kept=tuple(kept),
            turn=self.turn + 1,
            most=max(len(found) - 1, 0).bit_length(),
        )
        if found:
            return begun._narrowed(found)
        return begun._done("own_page" if kept else "nobody_there")

    def answered(self, *, is_wrong: bool) -> Bisection:
        """Return the search after an answer: whether the page is still wrong as it is shown now."""
        after = replace(self, turn=self.turn + 1)
        if self.phase == "look":
            return after if is_wrong else after._done("not_seen")
        if self.phase == "halve":
            return after._halved(is_wrong)
        if self.phase == "check":
            return replace(after, phase="all") if is_wrong else after._done("culprit")
        if self.phase == "all":
            blameless: Result = "own_page" if self.kept else "not_a_plugin"
            return after._done(blameless if is_wrong else "several")
        return self

    def without(self, running: Collection[int]) -> Bisection:
        """Return the search, over when a suspect ran no longer: what was seen then says nothing of the rest."""
        lost = tuple(each for each in self.suspects if each not in running)
        if not lost or self.phase == "done":
            return self
        return replace(self, suspects=lost)._done("changed")

    def _half(self) -> tuple[int, ...]:
        return self.suspects[: len(self.suspects) // 2]

    def _halved(self, is_wrong: bool) -> Bisection:
        half = self._half()
        left = self.suspects[len(half) :] if is_wrong else half
        after = replace(self, steps=self.steps + 1)
        if len(left) == 1 and not is_wrong:  # it alone was hidden, and the fault was gone
            return replace(after, suspects=left)._done("culprit")
        return after._narrowed(left)

    def _narrowed(self, left: tuple[int, ...]) -> Bisection:
        return replace(self, suspects=left, phase="check" if len(left) == 1 else "halve")

    def _done(self, result: Result) -> Bisection:
        return replace(self, phase="done", result=result)
