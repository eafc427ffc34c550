"""What goes when an account is deleted: personal data, and what packages above keep for the person."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from flask import Flask, current_app
from sqlalchemy import delete

from portal.accounts.actions import USER_ERASE, person
from portal.accounts.models import User, UserPlugin
from portal.core.audit.recording import record
from portal.core.database import db
from portal.pluginengine import personaldata
from portal.pluginengine.settings.writing import forget_owner

EXTENSION = "portal.accounts.departures"

#: Takes away what a package keeps for the person; raises ``Conflict`` when it cannot do without them.
Departure = Callable[[User], None]


def on_departure(app: Flask, departure: Departure) -> None:
    """Call ``departure`` in the transaction of each deletion; only while the app is built."""
    app.extensions.setdefault(EXTENSION, []).append(departure)


def leave_everything(user: User) -> None:
    """Let every package take away what it keeps for the person."""
    departures: list[Departure] = current_app.extensions.get(EXTENSION, [])
    for departure in departures:
        departure(user)


def erase(user: User) -> None:
    """Take the personal data out of the row of a deleted account.

    The login name stays, since it is never given again, and so does the password's hash. The address
    is free again.
    """
    user.real_name = user.user_name
    user.email = ""
    user.email_ci = f" {user.user_name}"
    user.language = user.timezone = user.page_size = None
    user.theme = "auto"
    db.session.execute(delete(UserPlugin).where(UserPlugin.user_id == user.user_id))
    forget_owner(user)


def as_subject(user: User) -> personaldata.Person:
    """Return whom it is about, for the tables of plugins."""
    return personaldata.Person(key=user.user_id, name=user.user_name)


def erase_from_plugins(
    user: User, known: Sequence[personaldata.Place] | None = None
) -> tuple[str, ...]:
    """Take the person out of what plugins keep, in whatever state they are; the audit log tells the tables.

    Returns, for site admins to read, what plugins declare and what could not be looked at. Raises
    ``Conflict`` when the database refuses, so that the account stays, too. ``known`` are the places, for
    whoever does this for many people.
    """
    erased = personaldata.erase(as_subject(user), known)
    if erased:
        told = {
            "deleted": [f"{table}: {count}" for table, count in erased.deleted.items()],
            "emptied": [f"{table}: {count}" for table, count in erased.emptied.items()],
            "faults": list(erased.faults),
        }
        record(USER_ERASE, person(user), new={name: each for name, each in told.items() if each})
    return erased.faults
