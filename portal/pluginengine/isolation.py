"""The one place where plugins' handlers are called: fenced, timed, and their failures contained.

A handler that raises, returns the wrong thing or gives markup that cannot stand in a page costs
its own contribution only (design 5, "Isolation").
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextvars import ContextVar
from time import perf_counter
from typing import Any

from flask_babel import gettext as _

from portal.core.interrupts import TimeIsUp, is_abort, is_interrupt
from portal.pluginengine.arguments import SO_FAR, Params, fresh, holds_containers
from portal.pluginengine.context import calling_plugin, current_plugin
from portal.pluginengine.errors import PluginError, Refused, Veto
from portal.pluginengine.fencing import Around, Fence
from portal.pluginengine.handlers import Handler
from portal.pluginengine.health import HealthLog
from portal.pluginengine.hooks import HookSpec
from portal.pluginengine.masking import note_parts
from portal.pluginengine.plans import HookLine, Plan

log = logging.getLogger(__name__)

#: How deep hooks may be fired from within handlers of hooks, after-commit chains included.
MAX_DEPTH = 10


class HookRecursion(PluginError):
    """A handler fires, directly or through others, the hook that it answers, without end."""

    def __init__(self, hook: str) -> None:
        super().__init__(
            f"The hook {hook} was fired {MAX_DEPTH} handlers deep: one of them fires, directly or "
            "through others, the hook that it answers. Make it return before it fires again."
        )


#: Where we stand: how deep the whole chain is, and how much of it is on this stack.
_chain: ContextVar[tuple[int, int]] = ContextVar("portal_hook_chain", default=(0, 0))


def refuse_endless_chain(hook: str) -> None:
    """Raise HookRecursion when a firing would go deeper than MAX_DEPTH."""
    if _chain.get()[0] >= MAX_DEPTH:
        raise HookRecursion(hook)


def continued(call: Callable[[], None]) -> Callable[[], None]:
    """Return the call for later, counted as part of today's chain: so that it, too, ends."""
    depth, _frames = _chain.get()

    def later() -> None:
        token = _chain.set((depth, 0))
        try:
            call()
        finally:
            _chain.reset(token)

    return later


class Runner:
    """Calls the handlers of a plan, one after the other.

    ``request_id`` is asked only when something fails; ``fence`` only for handlers of plugins.
    """

    def __init__(
        self, health: HealthLog, fence: Fence | None, request_id: Callable[[], str]
    ) -> None:
        self._health = health
        self._fence = fence
        self._request_id = request_id

    def run(  # noqa: C901, PLR0912, PLR0915 - the hot path, in one piece
        self,
        line: HookLine,
        plan: Plan,
        params: Params,
        first: bool = False,
        required: frozenset[str] = frozenset(),
    ) -> list[Any]:
        """Call the handlers and return the judged values of those that gave one, in order.

        With ``first``, nobody is asked after an answer but the plugins of ``required``, each of
        which must have its say. Raises Veto from a check handler and from a required plugin,
        Refused when a required plugin fails, and whatever a host handler raises.
        """
        results: list[Any] = []
        kind, plain, judge, fence = line.spec.kind, line.plain, line.judge, self._fence
        copied, looks_back = holds_containers(params), plan.looks_back
        depth, frames = _chain.get()
        chain_token = _chain.set((depth + 1, frames + 1))
        caller_token = calling_plugin.set(current_plugin.get())
        plugin_token = current_plugin.set(None)
        cells, slot = self._health.marker.cells, self._health.marker.slot()
        outer = cells[slot]
        marks = [perf_counter()]
        if not slot:  # only in the main thread is there a deadline
            self._health.deadline.running.append(marks)
        around: Around | None = None
        own: set[str] = set()
        try:
            for stopwatch, (plugin, call, handler) in zip(plan.stopwatches, plan.calls):  # noqa: B905
                if first and results and plugin not in required:
                    marks.append(marks[-1])
                    continue
                current_plugin.set(plugin)
                cells[slot] = stopwatch.mark
                try:
                    value = None
                    arguments = fresh(params) if copied else params
                    if looks_back and handler.looks_back:
                        arguments = {**arguments, SO_FAR: tuple(results)}
                    if fence is None or plugin is None:
                        value = call(arguments)
                    else:
                        if around is None:
                            around = fence.firing(kind)
                        with around(plugin):
                            value = call(arguments)
                    if value is not None:
                        given = (value,) if type(value) in plain else judge(value)
                        if line.items:
                            line.claim_keys(own, given, plugin)
                        results.extend(given)
                except BaseException as error:  # SystemExit of a plugin, too
                    if _is_not_its_own(error, marks):
                        if is_abort(error):
                            outer = cells[slot]  # for those who ask what hung
                        raise
                    self._contain(line.spec, handler, error, required)
                marks.append(perf_counter())
        finally:
            cells[slot] = outer
            if not slot:
                self._health.deadline.running.pop()
            current_plugin.reset(plugin_token)
            calling_plugin.reset(caller_token)
            _chain.reset(chain_token)
            self._health.add_times(plan.stopwatches, marks)
            note_parts(plan.calls, marks)
        return results

    def _contain(
        self, spec: HookSpec, handler: Handler, error: BaseException, required: frozenset[str]
    ) -> None:
        """Record a failure; raise it when it is not one to contain."""
        is_required = handler.plugin is not None and handler.plugin in required
        if not handler.isolated:
            raise error
        if isinstance(error, Veto) and (spec.kind == "check" or is_required):
            raise error
        if isinstance(error, HookRecursion) and _chain.get()[1] > 1:
            raise error
        plugin = handler.plugin or ""
        request_id = self._request_id()
        secret = spec.confidential
        incident = self._health.record(
            plugin, spec.name, handler.name, request_id, error, confidential=secret
        )
        log.error(
            "The handler %s of the plugin %s failed in the hook %s (incident %s)\n%s",
            handler.name,
            plugin or "-",
            spec.name,
            incident.id,
            incident.traceback,  # cut, and without the texts of errors where they may be secret
            extra={
                "plugin": plugin,
                "hook": spec.name,
                "handler": handler.name,
                "incident": incident.id,
            },
        )
        if is_required:
            raise unanswered(spec, handler.plugin or "") from None if secret else error


def _is_not_its_own(error: BaseException, marks: list[float]) -> bool:
    """Tell whether the end of the process, or of a handler further out, comes through this one."""
    if isinstance(error, TimeIsUp):
        return error.whose is not marks
    return is_interrupt(error)


def unanswered(spec: HookSpec, plugin: str) -> Refused:
    """The refusal when a plugin that must be asked cannot answer: we fail closed."""
    return Refused(
        _("The plugin %(plugin)s must be asked here and did not answer.", plugin=plugin),
        _("A site admin finds the cause under the hook %(hook)s.", hook=spec.name),
    )
