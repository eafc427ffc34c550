"""What the running request is about: who looks, at which group's or user's page, through which plugin."""

from __future__ import annotations

from typing import Any

from flask import g, has_app_context

from portal.pluginengine.context import handler_running
from portal.pluginengine.errors import HandlerMisuse

_FIELDS = ("viewer", "group", "user", "plugin", "page_owner")


class Current:
    """A view of ``flask.g``; every attribute is None where it has not been set.

    ``viewer`` is the signed-in person or None; ``group`` the group whose page this is; ``user`` the
    person whose page this is; ``page_owner`` the one of the two whose plugin switches the page obeys;
    ``plugin`` the plugin object that serves the page; ``request_id`` the id that logs carry too.
    """

    viewer: Any
    group: Any
    user: Any
    plugin: Any
    page_owner: Any

    def __getattr__(self, name: str) -> Any:
        if name in _FIELDS:
            return g.get(f"portal_{name}") if has_app_context() else None
        raise AttributeError(
            f"current has no {name!r}; it has {', '.join(_FIELDS)} and request_id."
        )

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in _FIELDS:
            raise AttributeError(f"current.{name} cannot be set.")
        if handler_running() is not None:
            raise HandlerMisuse(f"current.{name} is the page's; a handler cannot set it.")
        setattr(g, f"portal_{name}", value)
        if name == "viewer":
            # As plain values: a roll-back expires the row, and the audit log needs them.
            g.portal_actor = (value.user_id, value.user_name) if value is not None else None
        if name in ("group", "user"):
            g.portal_page_owner = value

    @property
    def request_id(self) -> str:
        """The id of this request, or an empty text outside any."""
        return str(g.get("portal_request_id", "")) if has_app_context() else ""


current = Current()
