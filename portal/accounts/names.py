"""The rules of a login name, e-mail address and password (forge 4.1), as pure functions.

Each returns the faults in words; an empty list means that the value fits.
"""

from __future__ import annotations

import re

from flask_babel import gettext as _

from portal.core.errors import Invalid
from portal.core.mail.addresses import checked_address
from portal.core.visibletext import unseen_faults

SHORTEST_PASSWORD = 8
LONGEST_PASSWORD = 1024
LONGEST_REAL_NAME = 80
# Words of our own addresses and of the machines beside them (mail and DNS names that mislead).
_RESERVED = """
    about abuse account accounts administrator anonymous apache api backup bin bugs daemon db
    dns dummy ftp games git group groups guest help home host hostmaster info irc ldap list
    listmaster login logout lp mail mailer-daemon mailman me munin my mysql nagios new news
    no-reply nobody noc noreply ns ns1 ns2 null operator owner pgsql portal postfix postgres
    postmaster project projects proxy register root search security settings shell site sshd
    staff static support svn sync sys syslog system test undefined usenet user users uucp
    webmaster www www-data
"""
RESERVED_NAMES = frozenset(_RESERVED.split())
_USER_NAME = re.compile(r"(?=.*[a-z])[a-z0-9][a-z0-9._-]{2,31}")


def user_name_faults(user_name: str) -> list[str]:
    """Judge a login name; whether it is taken is not asked here."""
    if not _USER_NAME.fullmatch(user_name):
        return [
            _(
                "A login name has 3 to 32 lower-case letters, digits, dots, dashes and "
                "underscores. It begins with a letter or digit and has a letter in it."
            )
        ]
    if user_name in RESERVED_NAMES:
        return [_("The login name %(name)s is reserved. Choose another.", name=user_name)]
    return []


def email_faults(email: str) -> list[str]:
    """Judge the form of an e-mail address; nothing is looked up."""
    try:
        checked_address(email)
    except Invalid as refusal:
        return list(refusal.errors["email"])
    return []


def password_faults(password: str, kinds: int = 1) -> list[str]:
    """Judge a new password; ``kinds`` of lower case, upper case, digit and other must be in it."""
    faults = []
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        faults.append(
            _(
                "A password has %(least)d to %(most)d characters.",
                least=SHORTEST_PASSWORD,
                most=LONGEST_PASSWORD,
            )
        )
    if password_kinds(password) < kinds:
        faults.append(password_rule(kinds))
    return faults


def password_kinds(password: str) -> int:
    """Return how many there are of: lower-case letters, upper-case letters, digits, anything else."""
    found = (
        any(each.islower() for each in password),
        any(each.isupper() for each in password),
        any(each.isdigit() for each in password),
        any(not (each.islower() or each.isupper() or each.isdigit()) for each in password),
    )
    return sum(found)


def password_rule(kinds: int) -> str:
    """Return in words what has to be in a password; "" when anything will do."""
    texts = {
        2: _(
            "It needs two of: a lower-case letter, an upper-case letter, a digit, another character."
        ),
        3: _(
            "It needs three of: a lower-case letter, an upper-case letter, a digit, another character."
        ),
        4: _("It needs a lower-case letter, an upper-case letter, a digit and another character."),
    }
    return texts.get(kinds, "")


def real_name_faults(real_name: str) -> list[str]:
    """Judge the name that people read; expects it without space around."""
    if not 0 < len(real_name) <= LONGEST_REAL_NAME or not real_name.isprintable():
        return [_("A name has 1 to %(most)d characters on one line.", most=LONGEST_REAL_NAME)]
    return unseen_faults(real_name)
