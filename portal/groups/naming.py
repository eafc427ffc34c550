"""The rules for a group's two names: the permanent one in addresses, and the one that people read.

Source: forge 4.6 (3 to 15 characters, lower case letters, digits, dash; reserved names refused).
"""

from __future__ import annotations

import re
import unicodedata

from flask_babel import gettext as _

from portal.core.visibletext import unseen_faults

NAME_PATTERN = re.compile(r"[a-z](?:[a-z0-9]|-(?=[a-z0-9])){2,14}")
FULL_NAME_LENGTHS = (3, 40)
#: Room for the twin by which full names are compared; a single character may stand for 18.
KEY_LENGTH = 160

# Words of our own addresses and of the machines beside them (mail and DNS names that would mislead).
_RESERVED = """
about account accounts admin administrator anonymous api archive cgi-bin cvs dns docs download
downloads feed ftp git group groups help home image images imap irc join lists localhost login
logout mail mailman manager members mx mysql new news nobody noreply ns1 ns2 null pending plugin
plugins pop3 portal project projects public register root search settings shell site smtp sql ssh static
support svn system task tasks test tracker user users webmail webmaster wiki www
"""
RESERVED_NAMES = frozenset(_RESERVED.split())


def name_faults(name: str) -> list[str]:
    """Return what is wrong with ``name`` as a group's permanent name; empty when it may be used."""
    if not NAME_PATTERN.fullmatch(name):
        return [
            _(
                "The name %(name)s cannot stand in an address. Use 3 to 15 lower case letters, "
                "digits and single dashes, beginning with a letter.",
                name=repr(name[:40]),
            )
        ]
    if name in RESERVED_NAMES:
        return [_("The name %(name)s is reserved. Choose another.", name=name)]
    return []


def name_key(full_name: str) -> str:
    """Return what is equal for full names that people read as one: case, width and ligatures apart."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", full_name).casefold())


def full_name_faults(full_name: str) -> list[str]:
    """Return what is wrong with a tidied full name; empty when it may be used."""
    least, most = FULL_NAME_LENGTHS
    if not least <= len(full_name) <= most:
        return [
            _(
                "A full name has %(least)d to %(most)d characters, this one %(count)d.",
                least=least,
                most=most,
                count=len(full_name),
            )
        ]
    if len(name_key(full_name)) > KEY_LENGTH:
        return [_("This full name is too long when it is written out.")]
    return unseen_faults(full_name)
