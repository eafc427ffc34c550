"""What a plugin says of credentials: it accepts them, rejects them, or abstains (returns None)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel.speaklater import LazyString


@dataclass(frozen=True)
class Accept:
    """The credentials are right, and belong to the account ``user_name``.

    "" stands for the account of the login name as it was typed. ``email`` and ``real_name`` are
    what the plugin knows of the person, for sites that make accounts at the first log-in.
    """

    user_name: str = ""
    email: str = ""
    real_name: str = ""

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if not isinstance(value, str):
                raise TypeError(f"Accept's {name} is text, not {type(value).__name__}.")


@dataclass(frozen=True)
class Reject:
    """The log-in is refused; ``reason`` is shown to the person."""

    reason: str | LazyString

    def __post_init__(self) -> None:
        reason = "" if self.reason is None else str(self.reason)
        if not reason.strip():
            raise ValueError("A rejection needs a reason to show.")
        object.__setattr__(self, "reason", reason)


Verdict = Accept | Reject


def read_truth(value: object) -> Sequence[Verdict]:
    """True accepts the account of the login name as typed; False abstains."""
    return [Accept()] if value else []
