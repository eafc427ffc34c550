"""Requests under /plugins/<handle>/: the owner is taken out, loaded, and asked the predicate.

A group page is written ``/g/<group>/...`` or carries ``group_id``; ``/u/<user>/...`` is a page about a
user. Unknown, unreadable or not using the plugin: 404 before the view runs (design 9). No plugin repeats it.
Generic pages of declared types pass the same gate: whose they are says the address, not the endpoint.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn

from flask import Flask, abort, current_app, g, redirect, request, send_from_directory
from werkzeug.exceptions import ServiceUnavailable
from werkzeug.wrappers import Response

from portal.pluginengine import masking, pagecode
from portal.pluginengine.engine import current_engine
from portal.pluginengine.loader import LoadedPlugin
from portal.pluginengine.mounting import prefix_of

STATIC_SECONDS = 365 * 24 * 3600
RETRY_SECONDS = 3
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
#: The blueprint of the pages that every declared type has; ``handle`` in their addresses names the plugin.
GENERIC = "types"


@dataclass(frozen=True, kw_only=True)
class OwnerKind:
    """A kind of page owner, offered by the package that knows it.

    ``part`` is the name of the URL variable ("group"); ``query`` the parameter of a seed-style address
    that carries the id, or None. ``find`` gets the text and whether it is an id, and returns the owner
    as the viewer sees it or None; ``name`` turns an owner into its URL part; ``enter`` makes it the
    current one and ``current`` returns that, or None.
    """

    part: str
    query: str | None
    find: Callable[[str, bool], Any]
    name: Callable[[Any], str]
    enter: Callable[[Any], None]
    current: Callable[[], Any]


@dataclass(frozen=True, kw_only=True)
class Gate:
    """What the host contributes: the kinds of owners, and what happens to a visitor without one.

    ``enter_plugin`` makes the plugin the current one; ``require_person`` refuses anonymous visitors.
    """

    kinds: tuple[OwnerKind, ...]
    enter_plugin: Callable[[Any], None]
    require_person: Callable[[], None]


class Router:
    """The gate in front of all plugin pages of one app; ``held`` says that one of them is away for now."""

    def __init__(self, app: Flask, gate: Gate, *, held: bool = False) -> None:
        self.gate = gate
        self._app = app
        app.url_value_preprocessors.setdefault(None, []).append(self.take_owner)
        app.before_request_funcs.setdefault(None, []).append(self.admit)
        app.url_default_functions.setdefault(None, []).append(self.complete)
        app.add_url_rule("/plugins/<handle>/static/<path:filename>", "plugin_static", _static)
        for rule in ("/plugin/<handle>/", "/plugin/<handle>/<path:rest>"):
            app.add_url_rule(rule, "plugin_old", _old_address, methods=METHODS)
        if held:
            for rule in ("/plugins/<handle>/", "/plugins/<handle>/<path:rest>"):
                app.add_url_rule(rule, "plugin_held", _held, methods=METHODS)

    def take_owner(self, endpoint: str | None, values: dict[str, Any] | None) -> None:
        """Take the owner's name out of the address before any code of the plugin sees it."""
        if values and (_is_generic(endpoint) or _plugin_of(endpoint) is not None):
            parts = [kind.part for kind in self.gate.kinds if kind.part in values]
            g.portal_owner_in_address = {part: str(values.pop(part)) for part in parts}

    def admit(self) -> None:
        """Let a request for a plugin's page in, or answer 404 before any code of the plugin runs."""
        is_generic = _is_generic(request.endpoint)
        plugin = _plugin_named() if is_generic else _plugin_of(request.endpoint)
        if plugin is None:
            return
        masking.refuse_hidden(plugin.handle)
        engine = current_engine()
        self.gate.enter_plugin(plugin.instance)
        kind, owner = self._owner()
        if kind is None:
            if "site" not in plugin.switch.scopes:
                self.gate.require_person()
        elif owner is None or not engine.activation.is_active(plugin.handle, owner):
            abort(404)
        else:
            kind.enter(owner)
        if not is_generic:  # those run code of the host's, and what fails there is the host's
            pagecode.let_in(plugin.handle)

    def _owner(self) -> tuple[OwnerKind | None, Any]:
        named: dict[str, str] = g.get("portal_owner_in_address", {})
        for kind in self.gate.kinds:
            if kind.part in named:
                return kind, kind.find(named[kind.part], False)
        for kind in self.gate.kinds:
            if kind.query and kind.query in request.values:
                return kind, kind.find(request.values[kind.query], True)
        return None, None

    def complete(self, endpoint: str, values: dict[str, Any]) -> None:
        """Put the owner back into ``url_for``: an owner object becomes its name, a missing one the current."""
        if "." not in endpoint or _plugin_of(endpoint) is None:
            return
        arguments = _arguments(endpoint)
        for kind in self.gate.kinds:
            given = values.get(kind.part)
            if given is None and kind.part in arguments:
                given = kind.current()
            if given is not None and not isinstance(given, str):
                values[kind.part] = kind.name(given)


def _arguments(endpoint: str) -> frozenset[str]:
    return frozenset().union(*(rule.arguments for rule in current_app.url_map.iter_rules(endpoint)))


def _plugin_of(endpoint: str | None) -> LoadedPlugin | None:
    if not endpoint:
        return None
    return current_engine().plugins.get(endpoint.partition(".")[0])


def _is_generic(endpoint: str | None) -> bool:
    return bool(endpoint) and str(endpoint).partition(".")[0] == GENERIC


def _plugin_named() -> LoadedPlugin:
    """Return the plugin that a generic address names."""
    return refuse_absent(str((request.view_args or {}).get("handle")))


def refuse_absent(handle: str) -> LoadedPlugin:
    """Return the plugin of that handle; 404 for none that runs, 503 for one that is away for now."""
    plugin = current_engine().plugins.get(handle)
    if plugin is None:
        _held(handle)
    return plugin


def _held(handle: str, rest: str = "") -> NoReturn:
    """Ask to come back: the plugin is silent while an operation changes what its pages rely on."""
    if handle not in current_engine().held:
        abort(404)
    raise ServiceUnavailable(retry_after=RETRY_SECONDS)


def _static(handle: str, filename: str) -> Response:
    engine = current_engine()
    plugin = engine.plugins.get(handle)
    if plugin is None and handle in engine.held:
        raise ServiceUnavailable(retry_after=RETRY_SECONDS)
    if plugin is None:
        abort(404)
    age = STATIC_SECONDS if request.args.get("v") == plugin.digest[:12] else 0
    return send_from_directory(plugin.folder / "static", filename, max_age=age)


def _old_address(handle: str, rest: str = "") -> Response:
    """Seed 001 writes /plugin/<handle>/; the address of today is /plugins/<handle>/."""
    query = f"?{request.query_string.decode('latin-1')}" if request.query_string else ""
    return redirect(f"{prefix_of(handle)}/{rest}{query}", 308)
