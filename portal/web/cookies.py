"""The visitor's session cookie: handlers of plugins may read it, and hardly write it (design 5, Isolation).

What a handler put there would change pages that are not its own. While the portal writes, it may flash
a message and keep values under names of its own; a plugin's views may do as they like.
"""

from __future__ import annotations

import copy
from typing import Any

from flask.sessions import SecureCookieSession, SecureCookieSessionInterface

from portal.core.units import find_unit
from portal.pluginengine.context import handler_running
from portal.pluginengine.errors import HandlerMisuse

FLASHES = "_flashes"


def _refuse(what: str) -> None:
    """Raise HandlerMisuse while a handler runs that may not change ``what``."""
    handle = handler_running()
    if handle is None:
        return
    unit = find_unit()
    if unit is not None and unit.mode == "write":
        if what == FLASHES or what.startswith(f"{handle}_"):
            return
        instead = f"Use names that begin with {handle}_."
    else:
        instead = "Do it in a view of the plugin, or while the portal answers a POST."
    raise HandlerMisuse(f"flask.session[{what!r}] cannot be changed by a handler here. {instead}")


class PortalCookie(SecureCookieSession):
    """The values of a session cookie."""

    def __getitem__(self, key: str) -> Any:
        """Return a value; a handler gets a copy, so that changing it in place changes nothing."""
        value = super().__getitem__(key)
        return value if handler_running() is None else copy.deepcopy(value)

    def get(self, key: str, default: Any = None) -> Any:
        """Return a value, or ``default``."""
        return self[key] if key in self else default  # noqa: SIM401  that is this method

    def __setitem__(self, key: str, value: Any) -> None:
        """Set a value; for handlers see the module."""
        _refuse(key)
        super().__setitem__(key, value)

    def __delitem__(self, key: str) -> None:
        """Remove a value; for handlers see the module."""
        _refuse(key)
        super().__delitem__(key)

    def pop(self, key: str, *default: Any) -> Any:
        """Remove and return a value; for handlers see the module."""
        _refuse(key)
        return super().pop(key, *default)

    def setdefault(self, key: str, default: Any = None) -> Any:
        """Return a value, setting it first where it is missing; for handlers see the module."""
        if key not in self:
            self[key] = default
        return self[key]

    def update(self, *given: Any, **values: Any) -> None:
        """Set values; for handlers see the module."""
        for key in dict(*given, **values):
            _refuse(key)
        super().update(*given, **values)

    def popitem(self) -> tuple[str, Any]:
        """Remove and return some value; refused to handlers."""
        _refuse("")
        return super().popitem()

    def clear(self) -> None:
        """Remove everything; refused to handlers."""
        _refuse("")
        super().clear()


class PortalCookies(SecureCookieSessionInterface):
    """Reads and writes the signed cookie."""

    session_class = PortalCookie
