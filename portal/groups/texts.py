"""The rules for what a group says of itself: texts that can be read, and an address that can be followed.

Source: forge 4.6 (lengths) and 4.8; pure, nothing here looks at the database.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final
from urllib.parse import unquote, urlsplit

from flask_babel import gettext as _

from portal.core.visibletext import is_unseen, unseen_faults

DESCRIPTION_LENGTHS: Final = (10, 255)
PURPOSE_LENGTHS: Final = (10, 1500)
HOMEPAGE_LENGTH: Final = 255

_HOST: Final = re.compile(r"\[[0-9a-fA-F:.]+\]|[\w.-]+")


def description_faults(description: str) -> list[str]:
    """Return what is wrong with a tidied description; empty when it may be used."""
    least, most = DESCRIPTION_LENGTHS
    if not least <= len(description) <= most:
        return [
            _(
                "A description has %(least)d to %(most)d characters, this one %(count)d.",
                least=least,
                most=most,
                count=len(description),
            )
        ]
    return unseen_faults(description)


def purpose_faults(purpose: str, *, is_demanded: bool) -> list[str]:
    """Return what is wrong with a tidied purpose; one that is not demanded may be short or missing."""
    least, most = PURPOSE_LENGTHS
    if len(purpose) > most:
        return [_("A purpose has at most %(most)d characters.", most=most)]
    if is_demanded and len(purpose) < least:
        return [
            _(
                "Tell those who approve groups what it is for, in %(least)d characters or more.",
                least=least,
            )
        ]
    return unseen_faults(purpose)


def homepage_faults(homepage: str) -> list[str]:
    """Return what is wrong with a home page's address; empty when there is none or it may be used.

    Refused are other schemes than the web's, a user name or password in the address, control
    characters also where they are written as %00, backslashes and blanks, and ports that are none.
    """
    if not homepage or (len(homepage) <= HOMEPAGE_LENGTH and _is_web_address(homepage)):
        return []
    return [
        _(
            "Give a full address without a password, as in https://example.org/, of at most "
            "%(most)d characters.",
            most=HOMEPAGE_LENGTH,
        )
    ]


def _is_web_address(address: str) -> bool:
    if any(each in '\\<>"' or each.isspace() or is_unseen(each) for each in address):
        return False
    try:
        parts = urlsplit(address)
        port = parts.port
        host = parts.hostname or ""
        decoded = unquote(address)
    except ValueError:
        return False
    if any(unicodedata.category(each) == "Cc" for each in decoded):
        return False
    named = parts.netloc.removesuffix(f":{port}") if port else parts.netloc
    is_host = bool(host) and _HOST.fullmatch(named) is not None
    return parts.scheme in ("http", "https") and port != 0 and is_host
