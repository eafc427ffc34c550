"""From what handlers returned to what the page gets: judged by the hook's kind, put together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields, is_dataclass
from typing import Protocol, TypeVar, cast

from markupsafe import Markup

from portal.pluginengine.arguments import values_of
from portal.pluginengine.fragments import FragmentChecker
from portal.pluginengine.hooks import HookSpec

#: Turns what one handler returned (never None) into the values that it contributes, or raises.
Judge = Callable[[object], Sequence[object]]


class WrongReturn(TypeError):
    """A handler returned something else than its hook declares."""


class Anchored(Protocol):
    """An item that may name the one it stands after, as a menu item does."""

    @property
    def key(self) -> str:
        """What others name it by."""

    @property
    def after(self) -> str:
        """The key of the item to stand after, "" for no wish."""


A = TypeVar("A", bound=Anchored)


def judge_for(spec: HookSpec, checker: FragmentChecker) -> Judge:
    """Return the judge of a hook's handlers."""
    if spec.kind == "render":
        return _reading_seed_form(spec, lambda value: (checker.checked(value),))
    if spec.kind == "collect":
        return _collecting(spec, checker)
    if spec.kind == "first":
        return _reading_seed_form(spec, _answering(spec))
    return lambda value: ()


def _reading_seed_form(spec: HookSpec, judge: Judge) -> Judge:
    """Read what has the form that the seed prescribes before it is judged (engineering 1C 18)."""
    read, types = spec.seed_form, spec.seed_types
    if read is None:
        return judge

    def reading(value: object) -> Sequence[object]:
        if not isinstance(value, types):
            return judge(value)
        found = read(cast(str, value))
        return judge(value) if found is None else [one for each in found for one in judge(each)]

    return reading


def _collecting(spec: HookSpec, checker: FragmentChecker) -> Judge:
    """One value of the declared class, or a list or tuple of them; markup inside is checked."""
    types = spec.return_types
    markup = {cls: names for cls in types if (names := markup_fields(cls))}

    def one(item: object, place: str) -> tuple[object]:
        if not isinstance(item, types):
            raise _wrong(spec, item, place)
        for name in markup.get(type(item), ()):
            checker.checked(getattr(item, name))
        return (item,)

    alone = _reading_seed_form(spec, lambda value: one(value, "or a list of them"))
    listed = _reading_seed_form(spec, lambda value: one(value, "in the list"))

    def judge(value: object) -> Sequence[object]:
        if isinstance(value, (list, tuple)) and not isinstance(value, types):
            return [found for item in values_of(value) for found in listed(item)]
        return alone(value)

    return judge


def _answering(spec: HookSpec) -> Judge:
    types = spec.return_types

    def judge(value: object) -> tuple[object, ...]:
        if not isinstance(value, types):
            raise _wrong(spec, value, "or None")
        return (value,)

    return judge


def _wrong(spec: HookSpec, value: object, place: str) -> WrongReturn:
    return WrongReturn(
        f"{spec.name} expects {spec.returns_text} {place}, got {type(value).__qualname__}"
    )


def markup_fields(cls: type) -> tuple[str, ...]:
    """The fields of a value class that hold markup."""
    if not is_dataclass(cls):
        return ()
    return tuple(one.name for one in fields(cls) if one.type in ("Markup", Markup))


def item_classes(spec: HookSpec) -> tuple[type, ...]:
    """The classes among the values of a hook whose instances have a key and can stand after another."""
    return tuple(
        cls
        for cls in spec.return_types
        if is_dataclass(cls) and {"key", "after"} <= {one.name for one in fields(cls) if one.init}
    )


class TakenKey(ValueError):
    """A plugin's item has the key of one of the host's own: it would be marked, and found, in its place."""

    def __init__(self, key: str) -> None:
        super().__init__(
            f"The key {key!r} is that of an item of the portal's own. Begin it with the plugin's handle."
        )


def needs_no_judge(spec: HookSpec) -> frozenset[type]:
    """The classes whose instances, returned alone, are what the hook promises: the usual case."""
    if spec.kind not in ("collect", "first"):
        return frozenset()
    read = spec.seed_types if spec.seed_form is not None else ()
    return frozenset(
        cls for cls in spec.return_types if not markup_fields(cls) and not issubclass(cls, read)
    )


def honour_anchors(items: Sequence[A]) -> tuple[A, ...]:
    """Move each item with an ``after`` right behind the one it names.

    Several behind one item keep their order. A name that nobody has, an item that names itself
    and items that name each other in a circle change nothing: those items stay where they were.
    """
    if not any(item.after for item in items):
        return tuple(items)
    index = {item.key: number for number, item in reversed(tuple(enumerate(items)))}
    target = [index.get(item.after) if item.after else None for item in items]
    followers: dict[int, list[int]] = {}
    roots: list[int] = []
    for number in range(len(items)):
        anchor = target[number]
        if anchor is None or _in_circle(number, target):
            roots.append(number)
        else:
            followers.setdefault(anchor, []).append(number)
    ordered: list[A] = []
    waiting = list(reversed(roots))
    while waiting:
        number = waiting.pop()
        ordered.append(items[number])
        waiting.extend(reversed(followers.get(number, ())))
    return tuple(ordered)


def _in_circle(start: int, target: Sequence[int | None]) -> bool:
    """Whether following the anchors from an item leads back to it."""
    seen: set[int] = set()
    current: int | None = target[start]
    while current is not None and current not in seen:
        if current == start:
            return True
        seen.add(current)
        current = target[current]
    return False
