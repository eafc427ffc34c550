"""Who may read /metrics: whoever has the token, or, where none is set, a program on this very machine."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any, Final

from flask import request
from flask_babel import gettext as _

from portal.config import current_settings
from portal.core.errors import Forbidden

#: Headers that proxies put on what they pass on. One of them is enough to know that somebody else asks.
_OF_PROXIES: Final = (
    "HTTP_FORWARDED",
    "HTTP_VIA",
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_X_REAL_IP",
)


def require_asker() -> None:
    """Raise ``Forbidden`` unless the request carries the token or, where none is set, is this machine's own."""
    token = current_settings().metrics_token
    if token is None:
        if not is_local(request.environ):
            raise Forbidden(
                _("The figures are read from this machine only."),
                _("Set PORTAL_METRICS_TOKEN, and send it as a bearer token."),
            )
    elif not hmac.compare_digest(_sent_token().encode(), token.encode()):
        raise Forbidden(_("The figures are for those who send the bearer token of this site."))


def is_local(environ: Mapping[str, Any]) -> bool:
    """Tell whether a request was made on this machine, and by no proxy on it for somebody else.

    The address is that of the connection itself, whatever ``X-Forwarded-For`` says and PORTAL_PROXIES
    believes; and what came through a proxy is never local, not even where no proxy is expected.
    """
    original = environ.get("werkzeug.proxy_fix.orig") or environ
    if any(name in environ for name in _OF_PROXIES):
        return False
    try:
        address = ip_address(original.get("REMOTE_ADDR") or "")
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback


def _sent_token() -> str:
    scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
