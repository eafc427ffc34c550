"""Judges the plain numbers of a manifest, and bounds made of two of them."""

from __future__ import annotations

import re
from decimal import Decimal

from flask_babel import gettext as _

from portal.pluginengine.errors import BadValue
from portal.pluginengine.manifest.entry import Entry

_NUMBER = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,18})?")


def parse_number(text: str) -> Decimal:
    """A decimal number of ASCII digits, with a minus sign and one point at most; else BadValue."""
    if not _NUMBER.fullmatch(text):
        raise BadValue(text, _("A number belongs here, such as 3, -1 or 2.5."))
    return Decimal(text)


def parse_whole(text: str) -> int:
    """A whole number; else BadValue."""
    if "." in text:
        raise BadValue(text, _("A whole number belongs here, such as 3 or -1."))
    return int(parse_number(text))


def bounds(least: Entry, greatest: Entry) -> tuple[Decimal | None, Decimal | None]:
    """The two ends of a range, either may be open; a range without a number in it is a fault."""
    minimum = least.checked(parse_number)
    maximum = greatest.checked(parse_number)
    if minimum is not None and maximum is not None and minimum > maximum:
        greatest.fault(_("The greatest value is below the least one, %(least)s.", least=minimum))
    return minimum, maximum
