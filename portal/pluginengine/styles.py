"""A declared handler beside what carries it out, and the methods that event.yml names.

The other ways of writing handlers stand in ``gforge`` (``get_hooks()``) and ``links`` (config.yml);
all end in the same table (design 4, R-18).
"""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _

from portal.pluginengine.errors import LoadError
from portal.pluginengine.handlers import Answer
from portal.pluginengine.manifest import HandlerDeclaration, Manifest


@dataclass(frozen=True, kw_only=True)
class BoundHandler:
    """A declared handler and what carries it out."""

    declaration: HandlerDeclaration
    answer: Answer


def methods_of(handle: str, manifest: Manifest, answerer: object) -> tuple[BoundHandler, ...]:
    """Return the handlers of event.yml, methods of ``answerer``; raises LoadError for one it lacks."""
    return tuple(_method(handle, answerer, each) for each in manifest.handlers)


def _method(handle: str, answerer: object, declaration: HandlerDeclaration) -> BoundHandler:
    method = getattr(answerer, declaration.handler, None)
    if not callable(method):
        cause = _(
            "event.yml names the handler %(handler)s for %(event)s, but %(name)s has no such method.",
            handler=declaration.handler,
            event=declaration.event,
            name=type(answerer).__name__,
        )
        raise LoadError(handle, cause)
    return BoundHandler(declaration=declaration, answer=method)
