"""Mounting a plugin's blueprint and refusing what would reach beyond its own addresses (design 9).

A blueprint is judged once per digest on a scratch app; Flask itself would let it add handlers,
processors and rules to the whole site.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, MutableMapping, Set
from dataclasses import dataclass
from itertools import islice
from typing import Any

from flask import Blueprint, Flask
from flask_babel import gettext as _

from portal.core.interrupts import is_interrupt
from portal.pluginengine import pagecode
from portal.pluginengine.errors import LoadError

Wrap = Callable[[str, Callable[..., Any]], Callable[..., Any]]

#: The part that announces the generic pages of a type in the next part, below g/<group>/, too.
TYPES = "t"
#: First path parts below /plugins/<handle>/ that belong to the host.
TAKEN = frozenset({"static", "docs", "cgi-bin", TYPES})
#: Parts that announce an owner in the next part.
OWNER_PARTS = {"g": "<group>", "u": "<user>"}


def prefix_of(handle: str) -> str:
    """Return the address space of a plugin, without a slash at its end."""
    return f"/plugins/{handle}"


@dataclass(frozen=True, kw_only=True)
class Mount:
    """A blueprint of a plugin, the prefix of its addresses, and what stands before its name, or nothing."""

    blueprint: Blueprint
    url_prefix: str
    name_prefix: str

    def on(self, app: Flask, handle: str) -> None:
        """Register it: the plugin's own blueprint under its handle, any other as ``<handle>.<name>``."""
        name = self.blueprint.name if self.name_prefix else handle
        app.register_blueprint(
            self.blueprint, url_prefix=self.url_prefix, name=name, name_prefix=self.name_prefix
        )


def own_pages(handle: str, blueprint: Blueprint) -> Mount:
    """Return the place of the blueprint that views.py names bp."""
    return Mount(blueprint=blueprint, url_prefix=prefix_of(handle), name_prefix="")


def judge_blueprints(handle: str, *mounts: Mount, types: Collection[str] = ()) -> None:
    """Raise ``LoadError`` when the blueprints would take more than the plugin's own addresses.

    ``types`` are the plugin's own: a view at the address of a generic page of one stands in its place.
    """
    scratch = Flask(__name__, static_folder=None)
    before = _site_wide(scratch)
    try:
        for mount in mounts:
            mount.on(scratch, handle)
    except BaseException as error:  # what it recorded is the plugin's code, too
        if is_interrupt(error):
            raise
        why = f"{type(error).__name__}: {error}"
        raise LoadError(handle, _("Its blueprint cannot be mounted: %(why)s", why=why)) from error
    if _site_wide(scratch) != before:
        cause = _(
            "Its blueprint hangs something on the whole site (before_app_request, app_errorhandler, "
            "app_template_filter or the like). Use the portal's hooks, or the blueprint's own decorators."
        )
        raise LoadError(handle, cause)
    for rule in scratch.url_map.iter_rules():
        fault = _rule_fault(handle, rule.rule, rule.arguments, types)
        if fault:
            raise LoadError(handle, fault)


def mount(app: Flask, handle: str, mounts: Iterable[Mount]) -> None:
    """Register judged blueprints of a plugin under /plugins/<handle>/; all their code runs as the plugin."""
    known = len(app.view_functions)
    for each in mounts:
        each.on(app, handle)
    for endpoint in tuple(islice(reversed(app.view_functions), len(app.view_functions) - known)):
        app.view_functions[endpoint] = pagecode.as_plugin(handle, app.view_functions[endpoint])
    for name in [each for each in app.blueprints if each.partition(".")[0] == handle]:
        _wrap_around_views(app, handle, name)


def _wrap_around_views(app: Flask, handle: str, name: str) -> None:
    """Let what one blueprint hangs around its own views run as the plugin, and behind the gate, too.

    Flask would call its url_value_preprocessors before the gate; they run as the first of what stands
    before the view.
    """
    readers = [pagecode.address_reader(each) for each in app.url_value_preprocessors.pop(name, ())]
    if readers:
        app.before_request_funcs[name] = [*readers, *app.before_request_funcs.get(name, ())]
    around: tuple[tuple[MutableMapping[Any, list[Any]], Wrap], ...] = (
        (app.before_request_funcs, pagecode.before),
        (app.after_request_funcs, pagecode.after),
        (app.teardown_request_funcs, pagecode.teardown),
        (app.template_context_processors, pagecode.template_values),
        (app.url_default_functions, pagecode.as_plugin),
    )
    for functions, wrap in around:
        if name in functions:
            functions[name] = [wrap(handle, each) for each in functions[name]]
    for handlers in app.error_handler_spec.get(name, {}).values():
        for error, handler in handlers.items():
            handlers[error] = pagecode.error_handler(handle, handler)


def _site_wide(app: Flask) -> list[Any]:
    return list(_counts(app))


def _counts(app: Flask) -> Iterator[Any]:
    for functions in (
        app.before_request_funcs,
        app.after_request_funcs,
        app.teardown_request_funcs,
        app.template_context_processors,
        app.url_value_preprocessors,
        app.url_default_functions,
    ):
        yield len(functions.get(None, ()))
    yield sum(len(handlers) for handlers in app.error_handler_spec.get(None, {}).values())
    yield len(app.teardown_appcontext_funcs)
    yield len(app.extensions)
    yield dict(app.config)
    yield "jinja_env" in vars(app)  # made when a filter, test or global is added


def _rule_fault(handle: str, rule: str, arguments: Set[str], types: Collection[str]) -> str:
    prefix = prefix_of(handle) + "/"
    if not rule.startswith(prefix):
        return _("The address %(rule)s lies outside %(prefix)s.", rule=rule, prefix=prefix)
    below = rule.removeprefix(prefix)
    fault = _type_fault(rule, below.removeprefix("g/<group>/"), types)
    if fault:
        return fault
    first, _slash, rest = below.partition("/")
    if first in TAKEN and first != TYPES:
        return _(
            "The address %(rule)s is the host's: %(words)s are taken.",
            rule=rule,
            words=", ".join(sorted(TAKEN)),
        )
    expected = OWNER_PARTS.get(first)
    if expected and rest.partition("/")[0] != expected:
        return _(
            "The address %(rule)s must go on with %(part)s after %(first)s/.",
            rule=rule,
            part=expected,
            first=first,
        )
    for word, part in OWNER_PARTS.items():
        if part.strip("<>") in arguments and f"/{word}/{part}" not in rule:
            return _(
                "The address %(rule)s must write %(part)s as %(word)s/%(part)s.",
                rule=rule,
                part=part,
                word=word,
            )
    return ""


def _type_fault(rule: str, below: str, types: Collection[str]) -> str:
    """Judge what lies among the generic pages: only those of the plugin's own types can be replaced."""
    parts = below.split("/")
    if parts[0] != TYPES or (len(parts) > 2 and parts[1] in types):  # t/<type>/...
        return ""
    return _(
        "The address %(rule)s is the host's: below t/ a plugin replaces pages of its own types, %(types)s.",
        rule=rule,
        types=", ".join(f"t/{each}/" for each in sorted(types)) or _("of which it has none"),
    )
