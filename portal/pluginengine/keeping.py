"""What a handler may not leave otherwise than it found it: the host's own in ``flask.g``, the page's rows,
and what is called when the request has been answered.

None of it passes through anything that could refuse it, so it is looked at before and after, and put back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from flask import g, has_app_context, has_request_context
from flask.globals import request_ctx

#: How the names of the host's own in ``flask.g`` begin.
_HOSTS = ("portal_", "_login_user")
#: Where the rows stand that every part of a page may show.
_ROWS = ("portal_viewer", "portal_group", "portal_user")


class Kept:
    """A look at what is kept; ``with_rows`` in a reading unit, where nobody changes rows.

    One look serves all handlers of a firing: only handlers run between the first and the last of them.
    """

    __slots__ = ("_afterwards", "_count", "_globals", "_rows", "_seen", "_with_rows")

    def __init__(self, *, with_rows: bool) -> None:
        self._with_rows = with_rows
        self._globals: dict[str, Any] = vars(g._get_current_object()) if has_app_context() else {}
        self._afterwards: list[Callable[..., Any]] = (
            request_ctx._after_request_functions if has_request_context() else []
        )
        self._count = len(self._afterwards)
        self._look()

    def _look(self) -> None:
        self._seen = self._globals.copy()
        self._rows: list[tuple[dict[str, Any], dict[str, Any]]] = []
        if self._with_rows:
            for name in _ROWS:
                row = self._seen.get(name)
                if row is not None:
                    self._rows.append((row.__dict__, row.__dict__.copy()))

    def put_back(self) -> str:
        """Put back what was changed or removed, and return its names, "" when nothing was."""
        if self._globals == self._seen and len(self._afterwards) == self._count:
            for now, before in self._rows:
                if now != before:
                    break
            else:
                return ""
        found = [*self._put_back_globals(), *self._put_back_afterwards()]
        for now, before in self._rows:
            found += _put_back(now, before)
        self._look()  # what was added lawfully
        return ", ".join(found)

    def _put_back_globals(self) -> Iterator[str]:
        for name, value in self._seen.items():
            if name.startswith(_HOSTS) and self._globals.get(name, self) is not value:
                self._globals[name] = value
                yield f"flask.g.{name}"

    def _put_back_afterwards(self) -> Iterator[str]:
        if len(self._afterwards) > self._count:
            del self._afterwards[self._count :]
            yield "flask.after_this_request()"


def _put_back(now: dict[str, Any], before: dict[str, Any]) -> Iterator[str]:
    """Put back what has another value; what is only gone is loaded again when it is asked for."""
    for name, value in before.items():
        if name in now and now[name] is not value and now[name] != value:
            now[name] = value
            yield name
