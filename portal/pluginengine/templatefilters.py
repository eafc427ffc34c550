"""Filters that a service brings for templates: they run as their plugin, and are called by its name (E-19)."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from flask_babel import gettext as _
from jinja2 import pass_context
from jinja2.runtime import Context

from portal.core.transactions import guarded
from portal.pluginengine.context import running_as
from portal.pluginengine.errors import HandlerMisuse

Filter = Callable[..., Any]


def filter_name(handle: str, name: str) -> str:
    """Return what templates call a filter: ``shout`` of the plugin probe is ``probe.shout``.

    Raises ValueError for a name that templates cannot write.
    """
    own = name.removeprefix(f"{handle}.")
    if not own.isidentifier():
        raise ValueError(
            _("%(name)s cannot name a filter: write letters and underscores.", name=own)
        )
    return f"{handle}.{own}"


def as_filter(handle: str, function: Filter) -> Filter:
    """Return a filter that runs as the plugin, whichever template it stands in.

    It takes the context, which keeps Jinja from working it out while a template is compiled and from
    keeping the result in the cache of compiled templates. ``function`` gets what it asks for itself
    (``pass_context``, ``pass_eval_context``, ``pass_environment``).
    """
    wanted = getattr(getattr(function, "jinja_pass_arg", None), "name", "")

    @pass_context
    @functools.wraps(function)
    def run(context: Context, *arguments: Any, **options: Any) -> Any:
        given = {
            "context": context,
            "eval_context": context.eval_ctx,
            "environment": context.environment,
        }
        first = (given[wanted],) if wanted else ()
        with running_as(handle), guarded(HandlerMisuse):
            return function(*first, *arguments, **options)

    return run
