"""What one browser is not shown: plugins hidden from the answer that is being made, and from no other.

A site admin who looks for a bad plugin sees the site without it; nobody else's view changes (peers 3.1).
Hooks, the activation predicate and the gate of plugin pages ask here. A mask hides, it never decides: it
lies on answers to GET and HEAD that only read, and leaves alone what guards (checks, required answers) and
what tells of facts after a commit. So nothing is stored otherwise, and no plugin is got round, by a mask.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace

from flask import Flask, current_app, request
from werkzeug.exceptions import NotFound

from portal.core.units import find_unit
from portal.pluginengine.hooks import HookSpec
from portal.pluginengine.tracing import Trace

EXTENSION = "portal.masking"
MASKED_METHODS = frozenset({"GET", "HEAD"})
NOBODY: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class View:
    """How one site admin's request looks at the site: the handles it is not shown, and its notes."""

    hidden: frozenset[str] = NOBODY
    trace: Trace = field(default_factory=Trace)


#: None for everybody who is no site admin, and outside requests: the hot path looks no further.
current_view: ContextVar[View | None] = ContextVar("portal_view", default=None)


class PluginHidden(NotFound):
    """The page is one of a plugin that this browser is not shown."""

    def __init__(self, handle: str) -> None:
        super().__init__()
        self.handle = handle


def offer_views(app: Flask, reader: Callable[[], View | None]) -> None:
    """Let ``reader`` say how each request looks at the site, as soon as it is known who looks."""
    app.extensions[EXTENSION] = reader


@contextmanager
def plain_view() -> Iterator[None]:
    """Begin a request that is shown everything; what is put on inside the block ends with it."""
    token = current_view.set(None)
    try:
        yield
    finally:
        current_view.reset(token)


def put_on() -> None:
    """Look at the site as the host says from here on; before the request's first hook, after its viewer."""
    reader: Callable[[], View | None] | None = current_app.extensions.get(EXTENSION)
    view = reader() if reader is not None else None
    if view is not None and not (request.method in MASKED_METHODS and _only_reads()):
        view = replace(view, hidden=NOBODY)
    current_view.set(view)


def hidden() -> frozenset[str]:
    """Return the handles that are hidden right now; none inside a unit of work that writes."""
    view = current_view.get()
    return view.hidden if view is not None and view.hidden and _only_reads() else NOBODY


def is_hidden(handle: str) -> bool:
    """Tell whether the plugin is hidden right now."""
    return current_view.get() is not None and handle in hidden()


def shown(spec: HookSpec, active: frozenset[str], required: frozenset[str]) -> frozenset[str]:
    """Return those of ``active`` that a hook asks behind the mask.

    Check hooks, those of ``required``, and what is told after a commit are never masked.
    """
    if spec.kind == "check" or (spec.kind == "notify" and not spec.now):
        return active
    return active - (hidden() - required)


def refuse_hidden(handle: str) -> None:
    """Raise PluginHidden, a 404, when a page of the plugin is asked for behind a mask."""
    if is_hidden(handle):
        raise PluginHidden(handle)


def note_parts(calls: Iterable[tuple[str | None, object, object]], marks: Sequence[float]) -> None:
    """Note who took part in a firing, where somebody may want to know; see ``Trace.note``."""
    view = current_view.get()
    if view is not None:
        view.trace.note([plugin for plugin, _call, _handler in calls], marks)


def _only_reads() -> bool:
    unit = find_unit()
    return unit is not None and unit.mode == "read"
