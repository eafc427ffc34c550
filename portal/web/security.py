"""Security headers of every answer; its content security policy allows inline text by hash only.

A hash depends on the text alone, so equal pages have equal headers and equal bytes, and a stored
page goes on working with the header of a later 304 (docs/decisions/0006-inline-text-by-hash.md).
"""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256
from typing import Literal

from flask import Flask, Response, g
from markupsafe import Markup
from werkzeug.middleware.proxy_fix import ProxyFix

InlineElement = Literal["style", "script"]

_POLICY = (
    "default-src 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'; form-action 'self'; "
    "img-src 'self' data:; style-src {style}; script-src {script}"
)
#: What ends the element or changes how its text is read; characters that browsers replace.
_LEAVING: dict[InlineElement, re.Pattern[str]] = {
    "style": re.compile(r"</?style|[\0\r\ud800-\udfff]", re.IGNORECASE),
    "script": re.compile(r"</?script|<!--|[\0\r\ud800-\udfff]", re.IGNORECASE),
}
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}


class InlineFault(ValueError):
    """A text cannot stand in an inline element; says what of it."""


def trust_proxies(app: Flask, count: int) -> None:
    """Believe what so many reverse proxies in front say of the visitor's address, scheme and host.

    With none, no header is believed: anybody could write it.
    """
    if count:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=count, x_proto=count, x_host=count
        )


def inline_element(element: InlineElement, text: str) -> Markup:
    """Return an inline element with exactly this text, which the running answer then allows.

    Raises InlineFault, see ``refuse_leaving``.
    """
    refuse_leaving(element, text)
    digest = b64encode(sha256(text.encode()).digest()).decode()
    _allowed(element)[f"'sha256-{digest}'"] = None
    return Markup(f"<{element}>{text}</{element}>")  # noqa: S704  raw text elements know no escapes


def refuse_leaving(element: InlineElement, text: str) -> None:
    """Raise InlineFault unless the text stays in its element and reaches browsers as it is hashed."""
    found = _LEAVING[element].search(text)
    if found:
        raise InlineFault(f"{found.group()!r} cannot stand in a {element} element")


def _allowed(element: InlineElement) -> dict[str, None]:
    """The sources of this answer for an element, in order, each once."""
    allowed: dict[str, None] = g.setdefault(f"portal_inline_{element}", {"'self'": None})
    return allowed


def add_headers(response: Response) -> Response:
    """Put the security headers on an answer; pages also forbid shared caches."""
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    if response.mimetype == "text/html":
        policy = _POLICY.format(
            style=" ".join(_allowed("style")), script=" ".join(_allowed("script"))
        )
        response.headers.setdefault("Content-Security-Policy", policy)
        response.headers.setdefault("Cache-Control", "private, no-cache")
    return response


def init_app(app: Flask) -> None:
    """Add the headers to every answer of the app."""
    app.after_request(add_headers)
