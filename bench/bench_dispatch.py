"""What one firing costs with 10 active plugins of 100, beside a raw blinker send to the same ten.

Run: .venv/bin/python bench/bench_dispatch.py
"""

from __future__ import annotations

import timeit
from collections.abc import Callable

import blinker

from portal.pluginengine.catalogue import Catalogue
from portal.pluginengine.dispatch import Hooks
from portal.pluginengine.fencing import NullFence
from portal.pluginengine.health import HealthLog
from portal.pluginengine.hooks import HookSpec
from portal.pluginengine.signals import HookNamespace

PLUGINS = 100
ACTIVE = 10
ROUNDS = 20_000
REPEATS = 5


class Item:
    """What the handlers give."""


ITEM = Item()
GROUP = object()


def tab(group: object, viewer: object) -> Item:
    """The cheapest handler that does something."""
    return ITEM


def microseconds(call: Callable[[], object]) -> float:
    """The best time of one call."""
    return min(timeit.repeat(call, number=ROUNDS, repeat=REPEATS)) / ROUNDS * 1e6


def hooks_with(plugins: int, fence: NullFence | None) -> Hooks:
    """A dispatcher with one handler of each plugin, the first ACTIVE of them active."""
    spec = HookSpec(
        name="menu",
        kind="collect",
        scope="group",
        params={"group": "Group", "viewer": "User or None"},
        returns=Item,
        where="bench",
        doc="Measured.",
    )
    active = frozenset(f"p{number}" for number in range(ACTIVE))
    hooks = Hooks(
        Catalogue([spec]),
        HookNamespace(),
        HealthLog(),
        active_set=lambda owner: active,
        fence=fence,
    )
    for number in range(plugins):
        hooks.attach(f"p{number}", "menu", "tab", tab, priority=400 - number, row_id=number)
    return hooks


def main() -> None:
    """Print the figures."""
    raw = blinker.Signal()
    receivers = [lambda sender, group, viewer: ITEM for _ in range(ACTIVE)]
    for receiver in receivers:
        raw.connect(receiver)
    bare = microseconds(lambda: [tab(GROUP, None) for _ in range(ACTIVE)])
    cases: dict[str, Callable[[], object]] = {
        "no handler at all": lambda: empty.collect("menu", group=GROUP, viewer=None),
        f"{ACTIVE} active of {PLUGINS}": lambda: open_.collect("menu", group=GROUP, viewer=None),
        "the same, with a fence that does nothing": lambda: fenced.collect(
            "menu", group=GROUP, viewer=None
        ),
        f"a raw blinker send to {ACTIVE}": lambda: raw.send(None, group=GROUP, viewer=None),
    }
    empty, open_, fenced = (
        hooks_with(0, None),
        hooks_with(PLUGINS, None),
        hooks_with(100, NullFence()),
    )
    print(f"{'the handlers alone, called in a row':45} {bare:7.2f} us")
    for name, call in cases.items():
        print(f"{name:45} {microseconds(call):7.2f} us")


if __name__ == "__main__":
    main()
