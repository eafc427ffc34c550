"""What people can choose from in their settings: themes, languages, time zones."""

from __future__ import annotations

from functools import cache
from typing import Final
from zoneinfo import available_timezones

from babel import Locale
from flask_babel import lazy_gettext
from flask_babel.speaklater import LazyString

from portal.web.i18n import LANGUAGES

THEMES: Final[dict[str, LazyString]] = {
    "auto": lazy_gettext("As the device is set"),
    "light": lazy_gettext("Light"),
    "dark": lazy_gettext("Dark"),
}

#: How many rows a page of a list may have, and has for people who chose nothing (forge 4.0).
PAGE_SIZES: Final = (10, 25, 50, 100)


@cache
def time_zones() -> tuple[str, ...]:
    """Return the names of the zones a person can choose: places, and UTC."""
    places = (each for each in available_timezones() if "/" in each and not each.startswith("Etc/"))
    return ("UTC", *sorted(places))


def is_time_zone(name: str) -> bool:
    """Tell whether a person can choose this zone."""
    return name in time_zones()


def languages() -> list[tuple[str, str]]:
    """Return the languages that the portal speaks, as (code, own name)."""
    return [(code, Locale.parse(code).get_display_name() or code) for code in LANGUAGES]


def is_language(code: str) -> bool:
    """Tell whether the portal speaks this language."""
    return code in LANGUAGES
