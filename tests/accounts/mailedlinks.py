"""Reading what was mailed: the path of the link in a message, as a browser would follow it."""

from __future__ import annotations

from email.message import EmailMessage

from tests.fixtures.mail import text_of

PUBLIC_URL = "http://127.0.0.1:8000"


def links_in(message: EmailMessage) -> list[str]:
    """Return the paths of the site's addresses in a message, its front page left out."""
    lines = (line.strip() for line in text_of(message).splitlines())
    found = [line.removeprefix(PUBLIC_URL) for line in lines if line.startswith(PUBLIC_URL)]
    return [path for path in found if path != "/"]


def link_in(message: EmailMessage) -> str:
    """Return the path of the only link in a message."""
    (path,) = links_in(message)
    return path
