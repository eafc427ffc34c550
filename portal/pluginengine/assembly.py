"""Putting an app's engine together: load the plugins of a state, attach their handlers, mount their pages."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Flask
from flask_babel import gettext as _
from jinja2 import BaseLoader, FileSystemLoader, PrefixLoader

from portal.core import unit_of_work
from portal.core.audit.actions import declare_actions
from portal.core.units import find_unit
from portal.pluginengine import declarative, loader, mounting, ownership, readers, services
from portal.pluginengine.actions import ACTIONS
from portal.pluginengine.activation import Activation
from portal.pluginengine.catalogue import Catalogue, UnknownHook
from portal.pluginengine.discovery import Found
from portal.pluginengine.dispatch import Hooks
from portal.pluginengine.engine import Engine
from portal.pluginengine.errors import LoadError
from portal.pluginengine.extending import extend_core_types
from portal.pluginengine.handlers import plugin_handler
from portal.pluginengine.hosting import core_types_of, hosting_of
from portal.pluginengine.loader import LoadedPlugin, Offers, Problem
from portal.pluginengine.objecttypes.pagetypes import install_page_types
from portal.pluginengine.plans import Deriver
from portal.pluginengine.plugin import Plugin
from portal.pluginengine.routing import Gate, Router
from portal.pluginengine.runtime import Runtime
from portal.pluginengine.sessions import SessionFence
from portal.pluginengine.signals import HookNamespace
from portal.pluginengine.state import HandlerRecord, PluginRecord, SiteState
from portal.pluginengine.store import StoreError

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Host:
    """What the host tells its engine: who looks at whose page, under which request id.

    ``derive`` works out hook arguments that callers leave out; ``gate`` admits to plugin pages;
    ``plain_class`` is what plugins without code of their own are objects of.
    """

    page_owner: Callable[[], Any]
    request_id: Callable[[], str]
    derive: Mapping[str, Deriver]
    gate: Gate
    plain_class: type[Plugin] = Plugin
    safe_mode: bool = False


def assemble(
    app: Flask, state: SiteState, runtime: Runtime, catalogue: Catalogue, host: Host
) -> Engine:
    """Build the engine of ``app`` from ``state`` and make it the one that ``current_engine()`` finds.

    A plugin that cannot be loaded, attached or mounted costs itself only and stands in ``problems``.
    """
    declare_actions(app, ACTIONS)
    plugins, problems = _load_all(app, state, runtime, catalogue, host)
    _judge_all(app, plugins, problems, runtime, catalogue)
    pages = _pages_of_all(app, plugins, problems)
    readers.read_all(app, plugins, problems)
    extend_core_types(app, plugins, problems)
    install_page_types(app, {handle: each.pages for handle, each in plugins.items()})
    activation = Activation(each.switch for each in plugins.values())
    hooks = Hooks(
        catalogue,
        HookNamespace(),
        runtime.health,
        active_set=activation.active_for,
        page_owner=host.page_owner,
        defer=_after_commit,
        derive=host.derive,
        fence=SessionFence(),
        request_id=host.request_id,
        sender=app,
    )
    engine = Engine(
        state=state,
        catalogue=catalogue,
        hooks=hooks,
        activation=activation,
        health=runtime.health,
        plugins=plugins,
        problems=problems,
        runtime=runtime,
    )
    engine.install_on(app)
    for plugin in plugins.values():
        _attach(hooks, plugin, state.handlers)
        mounting.mount(app, plugin.handle, pages[plugin.handle])
    Router(app, host.gate, held=bool(engine.held))
    ownership.watch()
    return engine


def plugin_templates(plugins: Iterable[LoadedPlugin]) -> BaseLoader:
    """Return the loader of plugin templates: "helloworld:tab.html" is templates/helloworld/tab.html."""
    folders = {each.handle: each.folder / "templates" / each.handle for each in plugins}
    return PrefixLoader(
        {handle: FileSystemLoader(path) for handle, path in folders.items()}, delimiter=":"
    )


def _load_all(
    app: Flask, state: SiteState, runtime: Runtime, catalogue: Catalogue, host: Host
) -> tuple[dict[str, LoadedPlugin], dict[str, Problem]]:
    plugins: dict[str, LoadedPlugin] = {}
    problems: dict[str, Problem] = {}
    wanted = [each for each in state.plugins if each.runs and each.handle not in state.held]
    if not wanted:
        return plugins, problems
    found = runtime.discovery.found()
    offers = Offers(
        hook_scopes={spec.name: spec.scope for spec in catalogue},
        types=core_types_of(app),
        forms=hosting_of(app).forms,
        plain_class=host.plain_class,
    )
    for record in wanted:
        if host.safe_mode:
            problems[record.handle] = Problem(
                kind="safe_mode", cause=_("The portal runs in safe mode.")
            )
            continue
        outcome = _load(record, found, runtime, offers)
        if isinstance(outcome, Problem):
            problems[record.handle] = outcome
            logger.error("Plugin %s does not run: %s", record.handle, outcome.cause)
        else:
            plugins[record.handle] = outcome
    return plugins, problems


def _load(
    record: PluginRecord, found: Mapping[str, Found], runtime: Runtime, offers: Offers
) -> LoadedPlugin | Problem:
    """Load a plugin from its archive when it was uploaded, else from what lies on disk."""
    if record.archive is None:
        return loader.load(record, found.get(record.code.lower()), runtime, offers)
    try:
        stored = runtime.stored(record.archive)
    except (StoreError, OSError) as error:
        return Problem(kind="missing", cause=str(error))
    return loader.load(record, stored, runtime, offers)


def _judge_all(
    app: Flask,
    plugins: dict[str, LoadedPlugin],
    problems: dict[str, Problem],
    runtime: Runtime,
    catalogue: Catalogue,
) -> None:
    """Take out the plugins whose handlers or pages would not stand, before anything is attached."""
    for handle, plugin in list(plugins.items()):
        is_known = plugin.package in runtime.judged
        if is_known and not plugin.may_answer_otherwise:
            continue
        try:
            for each in plugin.handlers:
                spec = catalogue.get(each.declaration.event)
                plugin_handler(handle, spec, each.declaration.handler, each.answer)
            if is_known:
                continue
            if handle in app.blueprints:
                raise LoadError(handle, _("Its handle is the name of a part of the portal."))
            declarative.judge_relationships(handle, plugin.package)
            if plugin.blueprint is not None:
                own = mounting.own_pages(handle, plugin.blueprint)
                mounting.judge_blueprints(handle, own, types=plugin.types.own)
        except (LoadError, UnknownHook) as error:
            cause = error.cause if isinstance(error, LoadError) else str(error)
            problems[handle] = Problem(kind="broken", cause=cause)
            del plugins[handle]
            logger.warning("Plugin %s does not run: %s", handle, cause)
        else:
            runtime.judged.add(plugin.package)


def _pages_of_all(
    app: Flask, plugins: dict[str, LoadedPlugin], problems: dict[str, Problem]
) -> dict[str, tuple[mounting.Mount, ...]]:
    """Return the pages of every plugin, services called; one whose service fails is taken out."""
    pages: dict[str, tuple[mounting.Mount, ...]] = {}
    for handle, plugin in list(plugins.items()):
        try:
            pages[handle] = services.pages_of(app, plugin)
        except LoadError as error:
            problems[handle] = Problem(kind="broken", cause=error.cause)
            del plugins[handle]
            logger.warning("Plugin %s does not run: %s", handle, error.cause)
    return pages


def _attach(hooks: Hooks, plugin: LoadedPlugin, rows: Iterable[HandlerRecord]) -> None:
    """Connect the plugin's handlers at their places in the handler table; without a row: after it (P-07)."""
    places = {
        (row.event, row.handler): row for row in rows if row.plugin_id == plugin.record.plugin_id
    }
    for each in plugin.handlers:
        declared = each.declaration
        row = places.get((declared.event, declared.handler))
        hooks.attach(
            plugin.handle,
            declared.event,
            declared.handler,
            each.answer,
            priority=row.effective if row else None,
            row_id=row.handler_id if row else None,
            handler_type=declared.type,
            plugin_code=plugin.record.code,
        )


def _after_commit(call: Callable[[], None]) -> None:
    """Run ``call`` after the commit of the running unit, in a writing unit of its own."""

    def later() -> None:
        with unit_of_work.unit_of_work("write"):
            call()

    if find_unit() is None:
        later()
    else:
        unit_of_work.after_commit(later)
