"""Languages and time zones: the viewer's choice, else the browser's, else the site's."""

from __future__ import annotations

from flask import Flask, has_request_context, request
from flask_babel import Babel

from portal.config import ROOT, Settings, current_settings
from portal.web.current import current

LANGUAGES = ("en",)


def choose_language() -> str:
    """Return the language of this answer."""
    viewer = current.viewer
    if viewer is not None and viewer.language in LANGUAGES:
        return str(viewer.language)
    offered = request.accept_languages.best_match(LANGUAGES) if has_request_context() else None
    return offered or current_settings().default_language


def choose_timezone() -> str:
    """Return the time zone of this answer."""
    viewer = current.viewer
    return str((viewer.timezone if viewer else None) or current_settings().default_timezone)


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
