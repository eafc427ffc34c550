"""The export of all that the site knows about a person, as one JSON document that packages contribute to.

Its shape stands in docs/plugins/personal-data.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import BinaryIO, Final, cast

from flask import Flask, current_app
from flask_babel import gettext as _

from portal.accounts.actions import USER_EXPORT, person
from portal.accounts.loading import load_user
from portal.accounts.models import User
from portal.config import current_settings
from portal.core.audit.recording import record
from portal.core.clock import now
from portal.core.errors import NotFound
from portal.core.jsonfile import JsonFile, Part
from portal.core.snapshots import see_one_moment
from portal.core.unit_of_work import unit_of_work

FORMAT: Final = 1
"""Raised when what stands in an export changes its place or its meaning."""

EXTENSION: Final = "portal.accounts.exports"

#: Returns what a package knows about the person: mappings, lists, or iterators for what may be long.
Contribution = Callable[[User], object]


@dataclass(frozen=True, kw_only=True)
class Exported:
    """An export that was written: whose it is and when it was made."""

    user_name: str
    exported_at: datetime

    @property
    def name(self) -> str:
        """A name for the file: the login name and when it was made."""
        return f"{self.user_name}-{self.exported_at:%Y%m%d-%H%M%S}.json"


def on_export(app: Flask, section: str, contribution: Contribution) -> None:
    """Let every export have a section of this name; only while the app is built.

    The contribution is called in a reading unit of work; when it fails, a note stands in its section.
    Raises ValueError when there is a section of that name already.
    """
    sections: dict[str, Contribution] = app.extensions.setdefault(EXTENSION, {})
    if section in sections:
        raise ValueError(f"There is a section {section!r} in exports already; choose another name.")
    sections[section] = contribution


def export_person(user_id: int, target: BinaryIO) -> Exported:
    """Write all that the site knows about a person to ``target``, which can be read back, and record it.

    A bit at a time, in one transaction that sees everything as it is at its beginning. Raises ``NotFound``
    when there is no such account, OSError when ``target`` cannot be written.
    """
    with unit_of_work("read"):
        see_one_moment()
        user = _known(user_id)
        exported = Exported(user_name=user.user_name, exported_at=now())
        sections = cast(Mapping[str, Contribution], current_app.extensions.get(EXTENSION, {}))
        document: dict[str, object] = {
            "format": FORMAT,
            "site": current_settings().site_name,
            "exported_at": exported.exported_at,
        }
        for name, contribution in sections.items():
            document[name] = Part(name=name, make=partial(contribution, user))
        JsonFile(target).write(document)
    with unit_of_work("write"):
        record(USER_EXPORT, person(_known(user_id)))
    return exported


def _known(user_id: int) -> User:
    user = load_user(user_id)
    if user is None:
        raise NotFound(_("There is no such account."))
    return user
