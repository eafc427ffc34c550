"""The decorator for views that need a signed-in viewer; permissions are ``access``'s business."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from flask_babel import gettext as _

from portal.core.errors import LoginRequired
from portal.web.current import current

P = ParamSpec("P")
R = TypeVar("R")


def requires_login(view: Callable[P, R]) -> Callable[P, R]:
    """Let a view run only for a signed-in viewer; others are sent to log in (LoginRequired)."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        require_login()
        return view(*args, **kwargs)

    return guarded


def require_login() -> None:
    """Raise LoginRequired when nobody is signed in."""
    if current.viewer is None:
        raise LoginRequired(_("Please log in to see this page."))
