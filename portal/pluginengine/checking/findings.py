"""What a check finds: where, what is wrong, and what to write instead."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that is wrong with a plugin; ``remedy`` says what to do, nothing when ``text`` does."""

    place: str
    text: str
    remedy: str = ""

    def __str__(self) -> str:
        return " ".join(filter(None, [f"{self.place}: {self.text}", self.remedy]))
