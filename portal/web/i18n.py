"""Languages and time zones: the viewer's choice, else the browser's, else the site's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from flask import Flask, current_app, g, has_request_context, request
from flask_babel import Babel, format_datetime

from portal.config import ROOT, Settings, current_settings
from portal.web.current import current

LANGUAGES = ("en",)


@dataclass(frozen=True, kw_only=True)
class Reader:
    """Somebody for whom a text is written who is not the one who looks; None means the site's."""

    language: str | None = None
    timezone: str | None = None


@contextmanager
def written_for(reader: Reader) -> Iterator[None]:
    """Write texts, dates and times for ``reader`` inside the block.

    It is an app context of its own: ``current`` is empty in it, so nothing of the running request
    slips into what somebody else reads.
    """
    with current_app.app_context():
        g.portal_reader = reader
        yield


def choose_language() -> str:
    """Return the language of this answer."""
    reader: Reader | None = g.get("portal_reader")
    if reader is not None:
        chosen = reader.language
        return chosen if chosen in LANGUAGES else current_settings().default_language
    viewer = current.viewer
    if viewer is not None and viewer.language in LANGUAGES:
        return str(viewer.language)
    offered = request.accept_languages.best_match(LANGUAGES) if has_request_context() else None
    return offered or current_settings().default_language


def choose_timezone() -> str:
    """Return the time zone of this answer."""
    person: Reader | None = g.get("portal_reader") or current.viewer
    return str((person.timezone if person else None) or current_settings().default_timezone)


def moment_text(moment: datetime, style: str | None = None) -> str:
    """Return a moment as the viewer reads it: in their language and time zone; ``style`` is Babel's.

    One so near to an end of the calendar that their zone has no such day is written in UTC.
    """
    try:
        return str(format_datetime(moment, style))
    except OverflowError:
        return str(format_datetime(moment, style, rebase=False))


def init_app(app: Flask, settings: Settings) -> None:
    """Set Flask-Babel up."""
    Babel(
        app,
        default_locale=settings.default_language,
        default_timezone=settings.default_timezone,
        default_translation_directories=str(ROOT / "portal" / "translations"),
        locale_selector=choose_language,
        timezone_selector=choose_timezone,
    )
    app.jinja_env.filters["datetimeformat"] = moment_text
