"""Versions: decimal numbers, kept as the text written, compared as numbers (M-05 to M-07)."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

from flask_babel import gettext as _

from portal.pluginengine.errors import BadValue

VERSION_LENGTH: Final = 255
SCHEMA_VERSION_LENGTH: Final = 32
"""The longest texts that the columns of `plugins` hold, in characters."""

_DECIMAL = re.compile(r"[0-9]+(\.[0-9]+)?")


def parse_version(text: str) -> Decimal:
    """The number that a `version` stands for (M-06, R-02).

    Raises BadValue for anything but a positive decimal number in ASCII digits: ``1.0``, ``2.05``
    and ``0.03`` are versions; ``0.45a``, ``version 3``, ``1.42.1`` and ``0`` are none.
    """
    number = _number(text, VERSION_LENGTH)
    if number is None or number <= 0:
        raise BadValue(
            text,
            _(
                "A version is a positive decimal number of digits with at most one point,"
                " such as 1.0, 2.05 or 0.03; a text for people goes into release."
            ),
        )
    return number


def parse_schema_version(text: str) -> Decimal:
    """The number that a `schema_version` stands for: as a version, but 0 is allowed (M-12).

    Raises BadValue with the rule for anything else.
    """
    number = _number(text, SCHEMA_VERSION_LENGTH)
    if number is None:
        raise BadValue(
            text,
            _(
                "A schema version is a decimal number of digits with at most one point and not"
                " below 0, best a whole one such as 3."
            ),
        )
    return number


def is_newer(candidate: str, installed: str) -> bool:
    """Whether ``candidate`` is greater than ``installed``: 2.1 is newer than 2.05 (M-05)."""
    return parse_version(candidate) > parse_version(installed)


def is_newer_schema(candidate: str, recorded: str) -> bool:
    """Whether a schema version is greater than the one on record: 1.5 is newer than 1 (M-10, M-11)."""
    return parse_schema_version(candidate) > parse_schema_version(recorded)


def is_same(one: str, other: str) -> bool:
    """Whether two versions are the same number, however written: 1.10 and 1.1 are."""
    return parse_version(one) == parse_version(other)


def satisfies(version: str, minimum: str | None) -> bool:
    """Whether ``version`` is at least ``minimum``; no minimum is satisfied by all."""
    return minimum is None or parse_version(version) >= parse_version(minimum)


def _number(text: str, limit: int) -> Decimal | None:
    return Decimal(text) if len(text) <= limit and _DECIMAL.fullmatch(text) else None
