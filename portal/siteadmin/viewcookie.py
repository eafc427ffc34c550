"""The cookie that says how a site admin's browser looks at the site: without plugins, or without some of them.

It is signed, good for some hours, and bound to the session in which it was set: to anybody else, in another
session or after that time it says nothing. It holds keys of plugins and the search that is going on.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from flask import current_app, request
from flask_babel import gettext as _
from itsdangerous import BadData, URLSafeSerializer
from werkzeug.wrappers import Response

from portal.accounts.sessions import session_mark
from portal.config import current_settings
from portal.core.clock import now
from portal.core.errors import Conflict
from portal.siteadmin.bisecting import Bisection

COOKIE: Final = "portal_view"
LIFETIME: Final = timedelta(hours=4)
#: What browsers keep of a cookie, its name and attributes included, is 4096 bytes.
LARGEST: Final = 3800
#: Raised when the meaning of the content changes; what an older portal wrote is ignored.
FORMAT: Final = 1


@dataclass(frozen=True, kw_only=True)
class OwnView:
    """How this browser looks: ``is_safe`` without any plugin, else without those whose keys are ``hidden``.

    While a ``bisection`` runs, it alone decides.
    """

    is_safe: bool = False
    hidden: frozenset[int] = frozenset()
    bisection: Bisection | None = None

    def __bool__(self) -> bool:
        """True when there is anything to remember."""
        return self.is_safe or bool(self.hidden) or self.bisection is not None


def read_view() -> OwnView:
    """Return what the request's cookie says; the plain view for none that is good."""
    text = request.cookies.get(COOKIE)
    if not text:
        return OwnView()
    try:
        known, mark, until, is_safe, hidden, search = _serializer().loads(text)
    except (BadData, TypeError, ValueError):
        return OwnView()
    own = session_mark()
    if known != FORMAT or not own or mark != own or until <= now().timestamp():
        return OwnView()
    return OwnView(
        is_safe=is_safe, hidden=frozenset(hidden), bisection=_search(search) if search else None
    )


def keep_view(response: Response, view: OwnView) -> Response:
    """Let the browser look so from now on; the plain view takes the cookie away.

    Raises Conflict for more than a cookie can hold.
    """
    secure = current_settings().secure_cookies
    if not view:
        response.delete_cookie(COOKIE, httponly=True, samesite="Lax", secure=secure)
        return response
    until = int((now() + LIFETIME).timestamp())
    content = [FORMAT, session_mark(), until, view.is_safe, sorted(view.hidden), None]
    if view.bisection is not None:
        content[-1] = vars(view.bisection)
    text = str(_serializer().dumps(content))
    if len(text) > LARGEST:
        raise Conflict(
            _("That is more than a cookie can hold."), _("Hide fewer plugins, or all of them.")
        )
    response.set_cookie(
        COOKIE,
        text,
        max_age=LIFETIME,
        httponly=True,
        samesite="Lax",
        secure=secure,
    )
    return response


def _search(content: dict[str, Any]) -> Bisection:
    lists = {name: tuple(content[name]) for name in ("suspects", "kept")}
    return Bisection(**{**content, **lists})


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(
        str(current_app.secret_key),
        salt="portal.siteadmin.view",
        signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
    )
