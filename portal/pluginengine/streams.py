"""The body of a plugin's answer, made while it is sent: it runs as the plugin, and cannot end the worker."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from flask import g, request

from portal.core import logs
from portal.core.interrupts import is_interrupt
from portal.core.transactions import guarded
from portal.pluginengine.context import running_as
from portal.pluginengine.engine import current_engine
from portal.pluginengine.errors import HandlerMisuse, PluginLeft
from portal.pluginengine.failures import record_failure
from portal.pluginengine.health import HealthLog
from portal.pluginengine.health.places import PAGE

#: Where the WSGI environment says whose page is being answered.
_KEY = "portal.plugin_page"

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class _Page:
    """What an incident of the page needs when its request is over."""

    health: HealthLog
    handle: str
    place: str
    name: str
    request_id: str


def expect(handle: str) -> None:
    """Note in the request that a page of the plugin with this handle is being answered."""
    request.environ[_KEY] = _Page(
        health=current_engine().health,
        handle=handle,
        place=f"{request.method} {request.url_rule}",
        name=request.endpoint or "",
        request_id=g.get("portal_request_id", ""),
    )


def contained(environ: dict[str, object], body: Iterable[bytes]) -> Iterable[bytes]:
    """Return what the server sends: of a plugin's page, with failures named; of any other as it is.

    A failure breaks the answer off, since its beginning is sent: as an Exception, which costs the server
    this connection only.
    """
    page = environ.get(_KEY)
    return _Contained(page, body) if isinstance(page, _Page) else body


class _Contained:
    def __init__(self, page: _Page, body: Iterable[bytes]) -> None:
        self._page = page
        self._body = body
        self._parts: Iterator[bytes] | None = None

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        return self._run(self._next)

    def close(self) -> None:
        """End the body, and call what waits for its end (``response.call_on_close``)."""
        close = getattr(self._body, "close", None)
        if close is not None:
            self._run(close)

    def _next(self) -> bytes:
        if self._parts is None:
            self._parts = iter(self._body)
        return next(self._parts)

    def _run(self, step: Callable[[], T]) -> T:
        page = self._page
        token = logs.request_id.set(page.request_id)
        try:
            with running_as(page.handle), guarded(HandlerMisuse):
                return step()
        except StopIteration:
            raise
        except BaseException as error:
            if is_interrupt(error):
                raise
            record_failure(
                page.health,
                page.handle,
                page.place,
                page.name,
                page.request_id,
                error,
                measured_as=PAGE,
            )
            if isinstance(error, Exception):
                raise
            raise PluginLeft(error) from error
        finally:
            logs.request_id.reset(token)
