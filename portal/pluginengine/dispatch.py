"""Firing hooks: the five kinds, the scope of each, and what the caller gets back.

One ``Hooks`` belongs to one app, with its own signals; the lists of who is called are cached by
active set, so plugins that are not active cost nothing (design 8).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from markupsafe import Markup

from portal.pluginengine import masking
from portal.pluginengine.arguments import Params, fresh
from portal.pluginengine.catalogue import Catalogue
from portal.pluginengine.fencing import Fence
from portal.pluginengine.fragments import FragmentChecker, join
from portal.pluginengine.handlers import Answer, Handler, host_handler, plugin_handler
from portal.pluginengine.health import HealthLog
from portal.pluginengine.hooks import HookKind
from portal.pluginengine.isolation import Runner, continued, refuse_endless_chain, unanswered
from portal.pluginengine.masking import current_view
from portal.pluginengine.merging import honour_anchors, judge_for
from portal.pluginengine.plans import SILENCE, Deriver, HookLine, HookMisfire, Plan
from portal.pluginengine.priorities import DISABLED
from portal.pluginengine.signals import HOST, LISTED, UNLISTED, HookNamespace, Place

#: Gives the handles of the plugins that are active for an owner; None stands for the site.
ActiveSet = Callable[[Any], frozenset[str]]

NOBODY: frozenset[str] = frozenset()


class Hooks:
    """What the host fires hooks with.

    ``active_set`` answers which plugins are active for the owner that a hook's scope names: the
    ``group`` or ``user`` argument, ``page_owner()`` for page hooks, None for the site.
    ``defer`` keeps a call until after the commit. ``derive`` works out arguments that callers may
    leave out (``viewer``, ``group_id``), only when a handler looks at them. ``fence`` wraps the
    calls of plugins' handlers. ``sender`` is what receivers connected through blinker get.

    Every firing method takes, besides the hook's own parameters: ``asked``, the exact plugins to
    ask instead of the active ones, and ``also``, plugins to ask besides them (the one that is
    just being switched on or off).
    """

    def __init__(  # noqa: PLR0913 - the composition root names each part that it hands in
        self,
        catalogue: Catalogue,
        namespace: HookNamespace,
        health: HealthLog,
        *,
        active_set: ActiveSet,
        page_owner: Callable[[], object] = lambda: None,
        defer: Callable[[Callable[[], None]], None] = lambda call: call(),
        derive: Mapping[str, Deriver] | None = None,
        fence: Fence | None = None,
        request_id: Callable[[], str] = lambda: "",
        sender: object = None,
        checker: FragmentChecker | None = None,
    ) -> None:
        self.catalogue = catalogue
        self.namespace = namespace
        self.health = health
        self._active_set = active_set
        self._page_owner = page_owner
        self._defer = defer
        self._derive = dict(derive or {})
        self._sender = sender
        self._checker = checker or FragmentChecker()
        self._runner = Runner(health, fence, request_id)
        self._lines: dict[str, HookLine] = {}

    # -- who answers -----------------------------------------------------------------------------

    def offer_host(self, name: str, function: Callable[..., object]) -> Handler:
        """Let a function of the host answer a hook, before all plugins, in declaration order.

        Raises UnknownHook, and LoadError when the function asks for what the hook does not offer.
        """
        line = self._line(name)
        handler = host_handler(line.spec, function)
        place = Place(HOST, sequence=line.signal.next_sequence())
        return line.signal.connect_at(place, handler, None)

    def attach(  # noqa: PLR0913 - the columns of a row of the handler table
        self,
        plugin: str,
        name: str,
        handler_name: str,
        answer: Answer,
        *,
        priority: int | None = None,
        row_id: int | None = None,
        handler_type: str = "",
        plugin_code: str = "",
    ) -> Handler:
        """Let a plugin's method (or another style of handler) answer, at its place in the table.

        ``priority`` and ``row_id`` are the row's; without them the handler stands after all rows,
        by ``plugin_code`` (the handle when empty) and order of attaching (P-07). A priority of 0
        is checked and not connected (P-03). Raises UnknownHook and LoadError.
        """
        line = self._line(name)
        handler = plugin_handler(
            plugin,
            line.spec,
            handler_name,
            answer,
            priority=priority,
            row_id=row_id,
            handler_type=handler_type,
        )
        if priority == DISABLED:
            return handler
        sequence = line.signal.next_sequence()
        if priority is None:
            place = Place(UNLISTED, text=plugin_code or plugin, sequence=sequence)
        else:
            place = Place(LISTED, -priority, sequence=row_id if row_id is not None else sequence)
        return line.signal.connect_at(place, handler, plugin)

    def listeners(self, name: str) -> tuple[Handler, ...]:
        """Return everything that is attached to a hook, in order, whoever is active."""
        return self._line(name).listeners()

    # -- firing ----------------------------------------------------------------------------------

    def notify(
        self,
        name: str,
        /,
        *,
        asked: frozenset[str] | None = None,
        also: frozenset[str] = NOBODY,
        **params: object,
    ) -> None:
        """Tell everyone; results are ignored.

        Unless the hook is declared ``now``, the calls happen after the commit, each handler's in a
        transaction of its own, with the plugins that are active at this moment and with copies of
        the lists and mappings given.
        """
        line = self._fired(name, "notify", params)
        plan = self._plan(line, params, asked, also)
        if not plan.calls:
            return
        refuse_endless_chain(name)
        if line.spec.now:
            self._runner.run(line, plan, params)
            return
        kept = fresh(params)
        for single in plan.split():
            self._defer(continued(partial(self._tell, line, single, kept)))

    def _tell(self, line: HookLine, plan: Plan, params: Params) -> None:
        self._runner.run(line, plan, params)

    def collect(
        self,
        name: str,
        /,
        *,
        asked: frozenset[str] | None = None,
        also: frozenset[str] = NOBODY,
        **params: object,
    ) -> tuple[Any, ...]:
        """Return the handlers' values, flattened in order; anchors (``after``) are honoured."""
        line = self._fired(name, "collect", params)
        items = self._run(line, params, asked, also)
        return honour_anchors(items) if items and line.items else tuple(items)

    def render(
        self,
        name: str,
        /,
        *,
        asked: frozenset[str] | None = None,
        also: frozenset[str] = NOBODY,
        **params: object,
    ) -> Markup:
        """Return the handlers' fragments joined; empty markup when nobody has anything to say."""
        line = self._fired(name, "render", params)
        return join(self._run(line, params, asked, also))

    def check(
        self,
        name: str,
        /,
        *,
        asked: frozenset[str] | None = None,
        also: frozenset[str] = NOBODY,
        **params: object,
    ) -> None:
        """Ask whether something may happen; raises the first Veto. Other failures abstain."""
        line = self._fired(name, "check", params)
        self._run(line, params, asked, also)

    def first(
        self,
        name: str,
        /,
        *,
        required: frozenset[str] = NOBODY,
        asked: frozenset[str] | None = None,
        also: frozenset[str] = NOBODY,
        **params: object,
    ) -> Any:
        """Return the first answer that is not None, or None when all abstain.

        Plugins in ``required`` are always asked, also after an answer. One that fails, or that
        has no active handler here, makes the call raise Refused; one may refuse by Veto.
        """
        answers = self.answers(name, required=required, asked=asked, also=also, **params)
        return answers[0] if answers else None

    def answers(
        self,
        name: str,
        /,
        *,
        required: frozenset[str] = NOBODY,
        asked: frozenset[str] | None = None,
        also: frozenset[str] = NOBODY,
        **params: object,
    ) -> tuple[Any, ...]:
        """Return, of a first hook, the first answer and behind it those that required plugins add.

        Raises as ``first`` does.
        """
        line = self._fired(name, "first", params)
        plan = self._plan(line, params, asked, also, required)
        absent = required - {plugin for plugin, _call, _handler in plan.calls}
        if absent:
            raise unanswered(line.spec, min(absent))
        if not plan.calls:
            return ()
        refuse_endless_chain(name)
        return tuple(self._runner.run(line, plan, params, first=True, required=required))

    # -- the way to the handlers -----------------------------------------------------------------

    def _line(self, name: str) -> HookLine:
        """The hook's line, made on first use; raises UnknownHook."""
        line = self._lines.get(name)
        if line is None:
            spec = self.catalogue.get(name)
            line = self._lines[name] = HookLine(
                spec,
                self.namespace.signal(name, spec.doc),
                judge=judge_for(spec, self._checker),
                sender=self._sender,
                health=self.health,
                derive=self._derive,
            )
        return line

    def _fired(self, name: str, kind: HookKind, params: Params) -> HookLine:
        """The line of a hook that may be fired so; raises UnknownHook and HookMisfire."""
        line = self._lines.get(name) or self._line(name)
        spec = line.spec
        if spec.kind != kind:
            raise HookMisfire(f"{name} is a {spec.kind} hook: fire it by hooks.{spec.kind}().")
        if spec.planned is not None:
            raise HookMisfire(
                f"{name} is marked as planned for {spec.planned}. The package that fires it "
                "declares it in its own hooks.py and takes it out of the planned ones."
            )
        line.check_arguments(params)
        return line

    def _plan(
        self,
        line: HookLine,
        params: dict[str, object],
        asked: frozenset[str] | None,
        also: frozenset[str],
        required: frozenset[str] = NOBODY,
    ) -> Plan:
        """Who is called now; adds the arguments that they look at and the caller left out."""
        if not line.signal.receivers:
            return SILENCE
        active = self._active(line, params) if asked is None else asked
        if also:
            active = active | also
        if current_view.get() is None:
            plan = line.plan(active)
        else:
            seen = masking.shown(line.spec, active, required)
            plan = line.plan(active) if seen == active else line.passing_plan(seen)
        for name, derive in plan.derived:
            if name not in params:
                params[name] = derive(params)
        return plan

    def _active(self, line: HookLine, params: Params) -> frozenset[str]:
        scope = line.spec.scope
        if scope == "site":
            return self._active_set(None)
        if scope == "page":
            return self._active_set(self._page_owner())
        return self._active_set(params[scope])

    def _run(
        self,
        line: HookLine,
        params: dict[str, object],
        asked: frozenset[str] | None,
        also: frozenset[str],
    ) -> list[Any]:
        plan = self._plan(line, params, asked, also)
        if not plan.calls:
            return []
        refuse_endless_chain(line.spec.name)
        return self._runner.run(line, plan, params)
