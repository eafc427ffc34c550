"""Addresses in mails: the recipient's, checked by email-validator, and the site's own as sender."""

from __future__ import annotations

import re
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.utils import getaddresses

from email_validator import EmailNotValidError, validate_email
from flask_babel import gettext as _

from portal.core.errors import Invalid

_ENCODED_WORD = "=?"
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def checked_address(address: str) -> str:
    """Return the address as it goes into the envelope, its domain in ASCII.

    Raises ``Invalid`` for what is no address; with that, no header can be slipped in, and no other
    recipient: an encoded word (``=?...?=``) would be decoded to what it stands for on sending.
    """
    try:
        found = validate_email(address, check_deliverability=False)
        if _ENCODED_WORD in address:
            raise EmailNotValidError(_ENCODED_WORD)
    except EmailNotValidError as error:
        text = _("This is not an e-mail address; it should look like name@example.org.")
        raise Invalid({"email": [text]}) from error
    return found.ascii_email or found.normalized


def sender_address(text: str, name: str = "") -> Address:
    """Return the sender that ``text`` names: an address, or ``A name <address>``.

    ``name`` is shown where the text has none. Raises ValueError for anything else. Unlike a
    recipient's, its domain may be a machine's own (``portal@localhost``).
    """
    found = getaddresses([text])
    shown, address = found[0] if len(found) == 1 else ("", "")
    if _CONTROL.search(text) or not re.fullmatch(r"[^\s@<>,]+@[^\s@<>,]+", address):
        raise ValueError("an address, or a name and an address as in Portal <portal@example.org>")
    try:
        return Address(_CONTROL.sub(" ", shown or name), addr_spec=address)
    except (HeaderParseError, ValueError, IndexError) as error:
        raise ValueError("an address that mail servers understand") from error
