"""A handler: one answer of one plugin (or of the host) to one hook, checked and ready to be called.

Each way of writing handlers has an adapter here that makes a Handler of it; the dispatcher knows
only the Handler.
"""

from __future__ import annotations

import inspect
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from flask_babel import gettext as _

from portal.pluginengine.arguments import Binding, Params, SignatureFault, bind
from portal.pluginengine.errors import LoadError
from portal.pluginengine.hooks import HookSpec
from portal.pluginengine.priorities import UNLISTED_PRIORITY
from portal.pluginengine.signals import Connection


@runtime_checkable
class Style(Protocol):
    """Another way of answering than by a method that gets keyword arguments."""

    def bind_to(self, spec: HookSpec) -> Binding:
        """Return the call that answers the hook; raises SignatureFault when it cannot be one."""


#: What carries a handler out: a method, or one of the other styles.
Answer = Callable[..., object] | Style


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Handler:
    """One receiver of a hook's signal, with all that lists, logs and the dispatcher need.

    ``plugin`` is the handle, None for the host's own handlers and for receivers that no plugin
    connected. ``wanted`` are the parameters that it looks at; with ``looks_back`` it sees the values
    given before it, too. ``isolated`` says whether its
    failure is contained: the host's handlers are our own code and fail loudly. ``priority`` is
    the table's number, -500 for a plugin's handler without a row (P-07), None outside the table.
    """

    plugin: str | None
    hook: str
    name: str
    call: Callable[[Params], object]
    wanted: tuple[str, ...] = ()
    isolated: bool = True
    priority: int | None = None
    row_id: int | None = None
    handler_type: str = ""
    looks_back: bool = False

    def __call__(self, sender: object = None, /, **params: object) -> object:
        """Answer a plain ``signal.send``: unscoped, and errors propagate, as blinker documents."""
        return self.call(params)


def host_handler(spec: HookSpec, function: Callable[..., object]) -> Handler:
    """Make a handler of one of the host's own functions; raises LoadError as plugin ``portal``."""
    name = describe_callable(function)
    try:
        bound = bind(function, spec.params)
    except SignatureFault as fault:
        raise LoadError("portal", _signature_cause(name, spec, fault)) from fault
    return Handler(
        plugin=None,
        hook=spec.name,
        name=name,
        call=bound.call,
        wanted=bound.wanted,
        isolated=False,
    )


def plugin_handler(
    plugin: str,
    spec: HookSpec,
    name: str,
    answer: Answer,
    *,
    priority: int | None = None,
    row_id: int | None = None,
    handler_type: str = "",
) -> Handler:
    """Make a handler of a plugin's method, or of its answer in another style.

    Raises LoadError when a method asks for a parameter that the hook does not offer; the text
    lists those that it does.
    """
    try:
        bound = answer.bind_to(spec) if isinstance(answer, Style) else bind(answer, spec.params)
    except SignatureFault as fault:
        raise LoadError(plugin, _signature_cause(name, spec, fault)) from fault
    return Handler(
        plugin=plugin,
        hook=spec.name,
        name=name,
        call=bound.call,
        wanted=bound.wanted,
        priority=UNLISTED_PRIORITY if priority is None else priority,
        row_id=row_id,
        handler_type=handler_type,
        looks_back=bound.looks_back,
    )


def connected_receiver(spec: HookSpec, connection: Connection, sender: object) -> Handler:
    """Make a handler of what was connected by blinker's own ``connect``.

    It gets the sender and every parameter by name, as from ``send``; a weak receiver stays weak.
    """
    receiver = connection.receiver
    alive = receiver() if isinstance(receiver, weakref.ref) else receiver
    is_coroutine = inspect.iscoroutinefunction(alive)

    def call(params: Params) -> object:
        target = receiver() if isinstance(receiver, weakref.ref) else receiver
        if target is None:
            return None
        if is_coroutine:
            raise RuntimeError("Cannot send to a coroutine function.")
        return target(sender, **params)

    return Handler(
        plugin=connection.plugin,
        hook=spec.name,
        name=describe_callable(alive),
        call=call,
        wanted=tuple(spec.params),
    )


def describe_callable(function: object) -> str:
    """Module and qualified name of a callable, for lists and logs."""
    module = getattr(function, "__module__", "") or "?"
    name = getattr(function, "__qualname__", "") or type(function).__qualname__
    return f"{module}.{name}"


def _signature_cause(name: str, spec: HookSpec, fault: SignatureFault) -> str:
    return str(
        _(
            "The handler %(handler)s of the hook %(hook)s cannot be called: %(fault)s.",
            handler=name,
            hook=spec.name,
            fault=str(fault),
        )
    )
