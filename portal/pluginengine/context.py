"""Whose code is running: the handle of the current plugin, for translations, guards and logs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

#: The handle of the plugin whose code runs right now, None while the host's own code runs.
current_plugin: ContextVar[str | None] = ContextVar("portal_current_plugin", default=None)

#: Inside a hook: the handle of the plugin whose code fired it, None when the host did.
calling_plugin: ContextVar[str | None] = ContextVar("portal_calling_plugin", default=None)


#: Inside a hook: the handle of the plugin whose handler is being called.
answering: ContextVar[str | None] = ContextVar("portal_answering", default=None)


def handler_running() -> str | None:
    """Return the handle of the plugin whose handler runs right now, None where the host or a view does."""
    handle = answering.get()
    return handle if handle is not None and handle == current_plugin.get() else None


@contextmanager
def running_as(plugin: str | None) -> Iterator[None]:
    """Let the block run as the plugin with this handle (None: as the host)."""
    token = current_plugin.set(plugin)
    try:
        yield
    finally:
        current_plugin.reset(token)
