"""What the audit log calls the things that happen: actions as values, each named ``noun.verb``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flask import Flask, current_app
from flask_babel.speaklater import LazyString

EXTENSION = "portal.audit"
ACTION_NAME = re.compile(r"[a-z][a-z0-9_]{0,31}\.[a-z][a-z0-9_]{0,30}")


@dataclass(frozen=True, kw_only=True)
class Action:
    """Something that happens to an object. ``name`` is stored, ``label`` is what people read.

    Raises ValueError for a name that is not ``noun.verb`` in lower case, as in ``member.add``.
    """

    name: str
    label: str | LazyString

    def __post_init__(self) -> None:
        """Check the name."""
        if not ACTION_NAME.fullmatch(self.name):
            raise ValueError(
                f"{self.name!r} cannot name an action; write noun.verb in lower case, as in member.add."
            )


def declare_actions(app: Flask, actions: Iterable[Action]) -> None:
    """Let the pages of this app know what its actions are called; only while the app is built."""
    known = app.extensions.setdefault(EXTENSION, {})
    for action in actions:
        if known.setdefault(action.name, action) != action:
            raise ValueError(f"The action {action.name} is declared twice, with two meanings.")


def known_actions() -> Mapping[str, Action]:
    """Return the declared actions of the running app by name."""
    known: dict[str, Action] = current_app.extensions.get(EXTENSION, {})
    return known


def action_label(name: str) -> str:
    """Return what people read for a stored action; the name itself when nobody declares it any more."""
    action = known_actions().get(name)
    return str(action.label) if action else name
