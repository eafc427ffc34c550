"""How a handler gets its arguments: the keyword parameters that its signature names, and no others.

The signature is read once, when the handler is attached; the call itself is positional and costs
no name matching (spec/engineering.md 3, "How handlers get parameters").
"""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from operator import itemgetter
from typing import cast

Params = Mapping[str, object]

#: The most values that one handler may give; a generator without end would never be read through.
MAX_VALUES = 1000

#: Under this name a handler that looks back finds what the handlers before it gave.
SO_FAR = "so_far"

_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)

#: What a handler could change under the feet of the next one.
_CONTAINERS = (list, dict, set, bytearray)


class SignatureFault(ValueError):
    """A handler cannot be called with what its hook offers; the text says what to change."""


class TooManyValues(ValueError):
    """A handler gives more than a page can take."""

    def __init__(self) -> None:
        super().__init__(f"more than {MAX_VALUES} values; a handler gives {MAX_VALUES} at most")


@dataclass(frozen=True, slots=True)
class Binding:
    """A handler ready to be called with a hook's parameters, and the names that it looks at.

    With ``looks_back`` it finds the values given so far under SO_FAR, too.
    """

    call: Callable[[Params], object]
    wanted: tuple[str, ...]
    looks_back: bool = False


def bind(function: Callable[..., object], offered: Iterable[str]) -> Binding:
    """Bind a handler to the parameters that its hook offers.

    ``**kwargs`` gets all that is not named otherwise; defaults are never used, because the hook
    always has a value for what it offers. A generator function is read to its end inside the
    call and gives a list, of MAX_VALUES at most. Raises SignatureFault for a parameter that the
    hook does not offer, and for a coroutine function.
    """
    offered = tuple(offered)
    if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
        raise SignatureFault("it is a coroutine function; write a plain function")
    binding = _bind_signature(function, offered)
    if inspect.isgeneratorfunction(function):
        start = binding.call
        return Binding(
            lambda params: values_of(cast("Iterable[object]", start(params))), binding.wanted
        )
    return binding


def values_of(given: Iterable[object]) -> list[object]:
    """Read what a handler gives to its end; raises TooManyValues when there is none in sight."""
    values = list(islice(given, MAX_VALUES + 1))
    if len(values) > MAX_VALUES:
        raise TooManyValues
    return values


def _bind_signature(function: Callable[..., object], offered: tuple[str, ...]) -> Binding:
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError) as error:
        raise SignatureFault(f"its signature cannot be read ({error})") from error
    positional = tuple(one.name for one in parameters if one.kind in _POSITIONAL)
    by_name = tuple(one.name for one in parameters if one.kind is inspect.Parameter.KEYWORD_ONLY)
    unknown = [name for name in (*positional, *by_name) if name not in offered]
    if unknown:
        raise SignatureFault(
            f"it asks for {', '.join(unknown)}; the hook offers {', '.join(offered) or 'nothing'}"
        )
    if any(one.kind is inspect.Parameter.VAR_KEYWORD for one in parameters):
        return Binding(_calling_with_all(function, positional), offered)
    if by_name:
        return Binding(_calling_by_name(function, positional, by_name), (*positional, *by_name))
    return Binding(_calling(function, positional), positional)


def _calling(function: Callable[..., object], names: tuple[str, ...]) -> Callable[[Params], object]:
    """The quick way: everything by position, the usual one and two without a detour."""
    if not names:
        return lambda params: function()
    if len(names) == 1:
        (only,) = names
        return lambda params: function(params[only])
    if len(names) == 2:
        one, two = names
        return lambda params: function(params[one], params[two])
    pick = itemgetter(*names)
    return lambda params: function(*pick(params))


def _calling_by_name(
    function: Callable[..., object], positional: tuple[str, ...], by_name: tuple[str, ...]
) -> Callable[[Params], object]:
    return lambda params: function(
        *(params[name] for name in positional), **{name: params[name] for name in by_name}
    )


def _calling_with_all(
    function: Callable[..., object], positional: tuple[str, ...]
) -> Callable[[Params], object]:
    taken = frozenset(positional)
    return lambda params: function(
        *(params[name] for name in positional),
        **{name: value for name, value in params.items() if name not in taken},
    )


def holds_containers(params: Params) -> bool:
    """Whether any argument is one that a handler could change."""
    for value in params.values():  # noqa: SIM110 - runs at each firing; any() takes twice as long
        if isinstance(value, _CONTAINERS):
            return True
    return False


def fresh(params: Params) -> dict[str, object]:
    """Return the arguments with new containers; other objects are handed through."""
    return {name: _fresh(value) for name, value in params.items()}


def _fresh(value: object) -> object:
    """Copy plain containers all the way down, special ones (a form's data) by their own copy."""
    if type(value) is list:
        return [_fresh(one) for one in value]
    if type(value) is dict:
        return {key: _fresh(one) for key, one in value.items()}
    return copy.copy(value) if isinstance(value, _CONTAINERS) else value
