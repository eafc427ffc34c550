"""A mail as a value, and as the message that goes out: nothing in it can become a header of its own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from portal.core.mail.addresses import checked_address
from portal.core.mail.models import OutboxMail

LONGEST_SUBJECT = 200
# Letters beyond ASCII are encoded: not every server on the way takes eight bits.
_POLICY = SMTP.clone(cte_type="7bit")
# Controls, line ends of any kind, and what turns the direction of writing.
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
# What begins an encoded word (RFC 2047). The email package decodes those that it is given in a header's
# text, line ends in them included, and so would write a header of the typist's own.
_ENCODED_WORD = re.compile(r"=(?=\?)")
_KIND = re.compile(r"[a-z0-9][a-z0-9_./:-]{0,63}")


@dataclass(frozen=True, kw_only=True)
class Mail:
    """What is to be said to whom. ``kind`` names the occasion, as in ``accounts/confirm``.

    The subject becomes one line. Raises ``Invalid`` for a recipient that is no address, ValueError
    for a mail without subject or text and for a kind that is no name.
    """

    recipient: str
    subject: str
    text: str
    kind: str
    html: str = ""
    language: str = "en"

    def __post_init__(self) -> None:
        if not _KIND.fullmatch(self.kind):
            raise ValueError(f"A mail's kind is a name like accounts/confirm, got {self.kind!r}.")
        object.__setattr__(self, "recipient", checked_address(self.recipient))
        object.__setattr__(self, "subject", one_line(self.subject))
        object.__setattr__(self, "text", self.text.replace("\0", ""))
        object.__setattr__(self, "html", self.html.replace("\0", ""))
        if not self.subject or not self.text.strip():
            raise ValueError(f"The mail {self.kind!r} needs a subject and a text.")


def one_line(text: str) -> str:
    """Return the text on one line, without controls and encoded words, at most as long as a subject may be."""
    line = " ".join(_ENCODED_WORD.sub("= ", _UNSEEN.sub(" ", text)).split())
    return line if len(line) <= LONGEST_SUBJECT else line[: LONGEST_SUBJECT - 1] + "…"


def as_message(mail: OutboxMail, sender: Address) -> EmailMessage:
    """Return the message for a row; the same row always has the same Message-ID and date.

    Raises ``Invalid`` for a row whose recipient is no address by the rules of today.
    """
    message = EmailMessage(policy=_POLICY)
    message["From"] = sender
    message["To"] = checked_address(mail.recipient)
    message["Subject"] = one_line(mail.subject)
    message["Date"] = format_datetime(mail.created_at)
    message["Message-ID"] = mail.message_id
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no vacation notices, please
    message.set_content(mail.text)
    if mail.html:
        message.add_alternative(mail.html, subtype="html")
    message["Content-Language"] = mail.language  # set last: set_content() clears its like
    return message
