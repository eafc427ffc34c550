"""What packages above ask before an account changes its state; ``access`` keeps the last site admin."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask, current_app

from portal.accounts.models import User

EXTENSION = "portal.accounts.safeguards"

#: Raises ``Conflict`` when the person may not go to the state.
Safeguard = Callable[[User, str], None]


def guard_status(app: Flask, safeguard: Safeguard) -> None:
    """Ask ``safeguard`` before every change of an account's state; only while the app is built."""
    app.extensions.setdefault(EXTENSION, []).append(safeguard)


def check_status_change(user: User, status: str) -> None:
    """Raise what the first safeguard raises that objects."""
    safeguards: list[Safeguard] = current_app.extensions.get(EXTENSION, [])
    for safeguard in safeguards:
        safeguard(user, status)
