"""GForge's way of answering hooks: ``get_hooks()`` names them, ``call_hook(name, params)`` answers (seed 004).

A method that is called like a hook wins over ``call_hook``, as in FusionForge; it gets keyword
arguments like any handler. Otherwise ``call_hook`` gets a fresh mapping that is read back afterwards.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import cast

from flask_babel import gettext as _

from portal.pluginengine.arguments import SO_FAR, Binding, Params, SignatureFault, fresh, values_of
from portal.pluginengine.errors import LoadError
from portal.pluginengine.hooks import HookSpec
from portal.pluginengine.manifest import HandlerDeclaration
from portal.pluginengine.plugin import Plugin
from portal.pluginengine.seeds import Called, SeedCall
from portal.pluginengine.styles import BoundHandler

#: The handler's name in the table for what ``call_hook`` answers (R-18).
CALL_HOOK = "call_hook"

GET_NAMES = ("get_hooks", "GetHooks")
CALL_NAMES = ("call_hook", "CallHook")

#: What ``emit`` has been given in the running call of ``call_hook``.
_printed: ContextVar[list[object] | None] = ContextVar("portal_printed_values", default=None)


@dataclass(frozen=True, slots=True)
class CallHook:
    """A plugin's ``call_hook`` as the answer to hooks, whatever their names."""

    function: Callable[..., object]

    def bind_to(self, spec: HookSpec) -> Binding:
        """Return the call for one hook; SignatureFault unless it takes a name and a mapping."""
        _judge_signature(self.function)
        form = spec.seed_call or SeedCall(names={name: name for name in _plain_names(spec)})
        ignores_truth = spec.kind in ("collect", "render")

        def call(params: Params) -> object:
            so_far = cast("tuple[object, ...]", params.get(SO_FAR, ()))
            given = form.mapping(params, so_far)
            left = fresh(given)
            returned = self._answer(spec.name, left)
            if ignores_truth and isinstance(returned, bool):
                returned = None
            return form.leave(Called(given=given, left=left, returned=returned, so_far=so_far))

        return Binding(call, tuple(spec.params), looks_back=form.enter is not None)

    def _answer(self, name: str, params: dict[str, object]) -> object:
        """Call the plugin; what it printed counts unless it returned something."""
        with _collecting() as printed:
            returned = self.function(name, params)
            if inspect.isgenerator(returned):
                returned = values_of(returned)
        return printed if printed and (returned is None or returned is True) else returned


def emit(value: object) -> None:
    """Count a value as the running ``call_hook``'s answer, unless it returns another.

    No effect when no ``call_hook`` is running: a keyword handler returns its values.
    """
    printed = _printed.get()
    if printed is not None:
        printed.append(value)


def emitted() -> tuple[object, ...]:
    """Return what the running ``call_hook`` has emitted so far."""
    return tuple(_printed.get() or ())


def answers_of(handle: str, plugin: Plugin) -> tuple[BoundHandler, ...]:
    """Return a handler for each hook that ``get_hooks()`` names, in its order; each hook once.

    Empty for a plugin without ``get_hooks()``. Raises LoadError for anything but hook names, and
    when nobody would answer one of them.
    """
    names = _method(plugin, GET_NAMES)
    if names is None:
        return ()
    return tuple(_answer_to(handle, plugin, hook) for hook in _hooks(handle, names()))


def _hooks(handle: str, named: object) -> Iterator[str]:
    is_list = isinstance(named, Iterable) and not isinstance(named, str)
    found = values_of(cast("Iterable[object]", named)) if is_list else []
    wrong = [one for one in found if not isinstance(one, str)] if is_list else [named]
    if wrong:
        cause = _(
            "get_hooks() must give a list of hook names, not %(value)s.", value=repr(wrong[0])
        )
        raise LoadError(handle, cause)
    return iter(dict.fromkeys(cast("list[str]", found)))


def _answer_to(handle: str, plugin: Plugin, hook: str) -> BoundHandler:
    own = getattr(plugin, hook, None) if not hasattr(Plugin, hook) else None
    if callable(own):
        return BoundHandler(declaration=_declared(hook, hook), answer=own)
    call = _method(plugin, CALL_NAMES)
    if call is None:
        cause = _(
            "get_hooks() names %(hook)s, but nothing answers it: write a method %(hook)s or "
            "call_hook(name, params).",
            hook=hook,
        )
        raise LoadError(handle, cause)
    return BoundHandler(declaration=_declared(hook, CALL_HOOK), answer=CallHook(call))


def _declared(hook: str, handler: str) -> HandlerDeclaration:
    return HandlerDeclaration(event=hook, handler=handler, type="NORMAL")


def answers_by_get_hooks(plugin: object) -> bool:
    """Tell whether an object is written in this style."""
    return _method(plugin, GET_NAMES) is not None


def _method(plugin: object, names: Iterable[str]) -> Callable[..., object] | None:
    found = (getattr(plugin, name, None) for name in names)
    return next((each for each in found if callable(each)), None)


def _plain_names(spec: HookSpec) -> Iterable[str]:
    """The parameters that are handed through: the seed's, or all of a hook beyond its list."""
    if spec.seed_params is None:
        return spec.params
    return [name for name in spec.seed_params if name in spec.params]


def _judge_signature(function: Callable[..., object]) -> None:
    if inspect.iscoroutinefunction(function):
        raise SignatureFault("it is a coroutine function; write a plain function")
    try:
        inspect.signature(function).bind("", {})
    except TypeError as error:
        raise SignatureFault(f"it must take a hook's name and a mapping ({error})") from error


@contextmanager
def _collecting() -> Iterator[list[object]]:
    values: list[object] = []
    token = _printed.set(values)
    try:
        yield values
    finally:
        _printed.reset(token)
