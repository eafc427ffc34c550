"""Which addresses may stand in a link or an asset of a page: the site's own, and http or https."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

#: The longest that can be drawn, in characters: addresses, titles, explanations.
LONGEST_URL = 2000
LONGEST_TITLE = 1000
LONGEST_TEXT = 2000

#: Browsers drop or rewrite these, so what is checked would not be what is followed.
_UNSAFE = re.compile(r"[\x00-\x20\x7f\\\ud800-\udfff]")
#: Half a character, which no page can hold.
_SURROGATE = re.compile(r"[\ud800-\udfff]")


def checked_url(url: object, owner: str) -> str:
    """Return ``url`` when it is relative to the site (``/...``, ``?...``, ``#...``) or http(s).

    Raises ValueError, naming ``owner`` (the value that holds it), for anything else:
    ``javascript:``, ``data:``, ``//host``, and addresses with spaces, controls or backslashes.
    """
    if not isinstance(url, str) or not url:
        raise ValueError(f"{owner} needs an address, got {url!r}.")
    if len(url) > LONGEST_URL:
        raise ValueError(f"{owner} has an address of more than {LONGEST_URL} characters.")
    if _UNSAFE.search(url) or url.startswith("//"):
        raise ValueError(f"{owner} has an unsafe address: {url[:80]!r}.")
    if url[0] in "/?#":
        return url
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise ValueError(
            f"{owner} has the address {url[:80]!r}: give one that begins with / or is http(s)."
        )
    return url


def checked_title(title: object, owner: str) -> str:
    """Return a title as plain text; translations that wait for their language are read now.

    Markup becomes text, too: titles are escaped where they are drawn. Raises ValueError when
    nothing is left or when it is too long to be drawn.
    """
    text = str(title) if title is not None else ""
    if not text.strip():
        raise ValueError(f"{owner} needs a title.")
    if len(text) > LONGEST_TITLE:
        raise ValueError(f"{owner} has a title of more than {LONGEST_TITLE} characters.")
    if _SURROGATE.search(text):
        raise ValueError(f"{owner} has a title with a lone surrogate, which no page can hold.")
    return text


def checked_text(text: object, owner: str) -> str:
    """Return an explanation as plain text; ValueError when it is too long to stand beside a link."""
    plain = str(text)
    if len(plain) > LONGEST_TEXT:
        raise ValueError(f"{owner} has a text of more than {LONGEST_TEXT} characters.")
    if _SURROGATE.search(plain):
        raise ValueError(f"{owner} has a text with a lone surrogate, which no page can hold.")
    return plain
