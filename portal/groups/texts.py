"""The rules for what a group says of itself: texts that can be read, and an address that can be followed.

Source: forge 4.6 (lengths) and 4.8; pure, nothing here looks at the database.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final
from urllib.parse import unquote, urlsplit

from flask_babel import gettext as _

DESCRIPTION_LENGTHS: Final = (10, 255)
PURPOSE_LENGTHS: Final = (10, 1500)
HOMEPAGE_LENGTH: Final = 255

#: Controls, direction marks and other format characters, line separators, unassigned and private ones.
_UNSEEN_CATEGORIES: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
#: Letters and marks that are drawn as nothing or as a blank, though their category says otherwise.
_UNSEEN: Final = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0"
)
#: These choose how an emoji is drawn; phones add them, and nobody reads them.
_PRESENTATION: Final = {0xFE0E: None, 0xFE0F: None}
_MARKS: Final = ("Mn", "Me", "Mc")
_HOST: Final = re.compile(r"\[[0-9a-fA-F:.]+\]|[\w.-]+")


def tidy_text(text: str) -> str:
    """Return ``text`` in Unicode form NFC, on one line, without blanks at the ends.

    Blanks of every width become single spaces.
    """
    return " ".join(unicodedata.normalize("NFC", text.translate(_PRESENTATION)).split())


def tidy_lines(text: str) -> str:
    """Return ``text`` in form NFC with its lines kept, each tidied; at most one empty line in a row."""
    lines = (tidy_text(line) for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")


def unseen_faults(text: str) -> list[str]:
    """Return what is wrong with a tidied text that holds what nobody can see; its lines may be several.

    Refused are control and format characters (those that turn the direction of writing among them),
    blanks that are not spaces, and a mark that stands on no letter.
    """
    found = [character for character in text if character != "\n" and _is_unseen(character)]
    if found:
        text = ", ".join(f"U+{ord(each):04X}" for each in dict.fromkeys(found[:5]))
        return [
            _(
                "Use only characters that can be seen; this text holds %(characters)s.",
                characters=text,
            )
        ]
    if any(unicodedata.category(word[0]) in _MARKS for word in text.split()):
        return [_("A word begins with a mark that belongs on a letter before it.")]
    return []


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


def _is_unseen(character: str) -> bool:
    category = unicodedata.category(character)
    is_blank = category == "Zs" and character != " "
    return is_blank or category in _UNSEEN_CATEGORIES or character in _UNSEEN


def _is_web_address(address: str) -> bool:
    if any(each in '\\<>"' or each.isspace() or _is_unseen(each) for each in address):
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
