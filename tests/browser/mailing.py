"""A site whose mail arrives: the demo with a mail server of its own, and the links that mails carry."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import urlsplit

from tests.browser.sites import LiveSite, copied_site, running_site
from tests.fixtures.mail import Mailbox, text_of

ARRIVES_SECONDS = 30
LINK = re.compile(r"https?://\S+")


@contextmanager
def mailing_site(template: Path, var: Path, mailbox: Mailbox) -> Iterator[LiveSite]:
    """Serve a copy of a prepared SQLite site that hands its mail to the mailbox.

    The password of the demo is good enough there for people who are added.
    """
    environ = copied_site(template, var) | {
        "PORTAL_SMTP_URL": f"smtp://127.0.0.1:{mailbox.port}",
        "PORTAL_PASSWORD_KINDS": "2",
    }
    with mailbox.open(), running_site(environ) as site:
        yield site


class Post:
    """What a mailing site has sent."""

    def __init__(self, site: LiveSite, mailbox: Mailbox) -> None:
        self._site = site
        self._mailbox = mailbox

    def mail(self, recipient: str, subject: str) -> EmailMessage:
        """Wait for a mail to that address whose subject has these words, and return it."""
        until = time.monotonic() + ARRIVES_SECONDS
        while time.monotonic() < until:
            for message in self._mailbox.messages:
                if recipient in str(message["To"]) and subject in str(message["Subject"]):
                    return message
            time.sleep(0.1)
        raise AssertionError(f"no mail to {recipient} on {subject!r}: {self._mailbox.subjects}")

    def link(self, recipient: str, subject: str, part: str) -> str:
        """Wait for the mail and return the path of its first link whose address has that part."""
        links = LINK.findall(text_of(self.mail(recipient, subject)))
        found = [each for each in links if part in each]
        assert found, f"no link with {part} among {links}"
        parts = urlsplit(found[0])
        assert f"{parts.scheme}://{parts.netloc}" == self._site.url
        return parts.path
