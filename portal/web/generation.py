"""A person who changed the site's plugins never gets an older page from another worker (engineering 2h).

The answer to the change carries the new generation in a cookie; a worker that is behind waits for it.
"""

from __future__ import annotations

from flask import Response

from portal.config import current_settings

COOKIE = "portal_generation"
LIFETIME_SECONDS = 60


def announce(response: Response, generation: int) -> Response:
    """Let the browser ask for at least ``generation`` during the next minute."""
    response.set_cookie(
        COOKIE,
        str(generation),
        max_age=LIFETIME_SECONDS,
        httponly=True,
        samesite="Lax",
        secure=current_settings().secure_cookies,
    )
    return response
