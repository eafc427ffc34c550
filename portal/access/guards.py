"""Decorators for views: who may pass. The web kit turns the refusals into pages."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from flask_babel import gettext as _

from portal.access.decisions import can
from portal.accounts.guards import require_login, requires_login
from portal.core.errors import Forbidden
from portal.web.current import current

__all__ = ["require", "require_login", "requires", "requires_login"]

P = ParamSpec("P")
R = TypeVar("R")


def requires(permission: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let a view run only for a viewer who holds ``permission``, in ``current.group`` if it is set.

    Anonymous visitors are sent to log in (LoginRequired), others are refused (Forbidden).
    """

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            require(permission)
            return view(*args, **kwargs)

        return guarded

    return decorate


def require(permission: str) -> None:
    """Raise LoginRequired or Forbidden unless the viewer holds ``permission`` here."""
    if can(current.viewer, permission, current.group):
        return
    require_login()
    raise Forbidden(
        _("You may not do that."),
        _("It takes a permission that you do not have here; an administrator can give it."),
    )
