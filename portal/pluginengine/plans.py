"""Who is called for a hook and a set of active plugins: worked out once, kept until it changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from portal.pluginengine.arguments import Params
from portal.pluginengine.handlers import Handler, connected_receiver
from portal.pluginengine.health import HealthLog, Stopwatch
from portal.pluginengine.hooks import HookSpec
from portal.pluginengine.merging import Anchored, Judge, TakenKey, item_classes, needs_no_judge
from portal.pluginengine.signals import HookSignal

#: Works out an argument that the caller left out, from those that it gave.
Deriver = Callable[[Params], object]

#: How many active sets are remembered per hook; beyond it the memory starts anew.
MAX_PLANS = 1024


class HookMisfire(TypeError):
    """A hook is fired in another way than it is declared; a mistake in the host's code."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Who is called, in order, their stopwatches, and the arguments to work out before.

    ``calls`` repeats a handler's plugin and call beside it, because this is the hot path;
    ``looks_back`` tells whether any of them wants to see what those before it gave.
    """

    calls: tuple[tuple[str | None, Callable[[Params], object], Handler], ...]
    stopwatches: tuple[Stopwatch, ...]
    derived: tuple[tuple[str, Deriver], ...]
    looks_back: bool = False

    def split(self) -> Iterator[Plan]:
        """Yield a plan for each call alone."""
        for call, stopwatch in zip(self.calls, self.stopwatches, strict=True):
            yield Plan((call,), (stopwatch,), self.derived)


#: Nobody is called.
SILENCE = Plan((), (), ())


class HookLine:
    """One hook of one app: its specification, its signal and its plans.

    A plan depends on the active set and on the signal's revision; plugins that are not active are
    filtered when the plan is made, so they cost nothing when the hook is fired.
    """

    def __init__(
        self,
        spec: HookSpec,
        signal: HookSignal,
        *,
        judge: Judge,
        sender: object,
        health: HealthLog,
        derive: Mapping[str, Deriver],
    ) -> None:
        self.spec = spec
        self.signal = signal
        self.judge = judge
        self.items = item_classes(spec)
        self.plain = needs_no_judge(spec)
        self._sender = sender
        self._health = health
        self._derive = {name: derive[name] for name in spec.params if name in derive}
        self._shapes: set[tuple[str, ...]] = set()
        self._plans: tuple[int, dict[frozenset[str], Plan]] = (-1, {})

    def plan(self, active: frozenset[str]) -> Plan:
        """Return who is called while these plugins are active."""
        revision, plans = self._plans
        current = self.signal.revision
        if revision != current or len(plans) > MAX_PLANS:
            plans = {}
            self._plans = (current, plans)
        plan = plans.get(active)
        if plan is None:
            plan = plans[active] = self._make(active)
        return plan

    def passing_plan(self, active: frozenset[str]) -> Plan:
        """Return the same for a set that one browser alone sees: nothing is remembered for it."""
        revision, plans = self._plans
        found = plans.get(active) if revision == self.signal.revision else None
        return self._make(active) if found is None else found

    def listeners(self) -> tuple[Handler, ...]:
        """Everything that is attached to the hook, in order, whoever is active."""
        connections = self.signal.connections_for(self._sender)
        return tuple(
            connection.receiver
            if isinstance(connection.receiver, Handler)
            else connected_receiver(self.spec, connection, self._sender)
            for connection in connections
        )

    def claim_keys(self, own: set[str], given: Iterable[object], plugin: str | None) -> None:
        """Add the keys of the host's items to ``own``; raise TakenKey for a plugin's that is among them."""
        keys = [cast(Anchored, each).key for each in given if isinstance(each, self.items)]
        if plugin is None:
            own.update(keys)
        elif taken := own.intersection(keys):
            raise TakenKey(min(taken))

    def check_arguments(self, params: Params) -> None:
        """Raise HookMisfire unless the arguments are those of the specification.

        What the host can work out itself may be left out. Each combination is judged once.
        """
        shape = tuple(params)
        if shape in self._shapes:
            return
        offered = self.spec.params
        unknown = [name for name in params if name not in offered]
        missing = [name for name in offered if name not in params and name not in self._derive]
        if unknown or missing:
            raise HookMisfire(
                f"The hook {self.spec.name} is declared with ({', '.join(offered)}); "
                f"this call gives it {', '.join(unknown) or 'nothing'} that it does not know "
                f"and leaves out {', '.join(missing) or 'nothing'}."
            )
        self._shapes.add(shape)

    def _make(self, active: frozenset[str]) -> Plan:
        if self.signal.is_muted:
            return SILENCE
        called = tuple(
            handler
            for handler in self.listeners()
            if handler.plugin is None or handler.plugin in active
        )
        stopwatches = (
            self._health.stopwatch(handler.plugin or "", self.spec.name) for handler in called
        )
        calls = tuple((handler.plugin, handler.call, handler) for handler in called)
        looks_back = any(handler.looks_back for handler in called)
        return Plan(calls, tuple(stopwatches), tuple(self._needed(called)), looks_back)

    def _needed(self, handlers: Iterable[Handler]) -> Iterable[tuple[str, Deriver]]:
        wanted = {name for handler in handlers for name in handler.wanted}
        return ((name, derive) for name, derive in self._derive.items() if name in wanted)
