"""Texts that people read in names and descriptions: tidied, and free of what nobody can see.

Source: forge 4.6 and 4.8; pure, nothing here looks at the database.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from flask_babel import gettext as _

#: Controls, direction marks and other format characters, line separators, unassigned and private ones.
_UNSEEN_CATEGORIES: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
#: Letters and marks that are drawn as nothing or as a blank, though their category says otherwise.
_UNSEEN: Final = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0"
)
#: These choose how an emoji is drawn; phones add them, and nobody reads them.
_PRESENTATION: Final = {0xFE0E: None, 0xFE0F: None}
_MARKS: Final = ("Mn", "Me", "Mc")


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
    found = [character for character in text if character != "\n" and is_unseen(character)]
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


def is_unseen(character: str) -> bool:
    """Tell whether a character is drawn as nothing, as a blank other than a space, or turns the writing."""
    category = unicodedata.category(character)
    is_blank = category == "Zs" and character != " "
    return is_blank or category in _UNSEEN_CATEGORIES or character in _UNSEEN
