"""A handler that misbehaves costs its own contribution and nothing else (design 5, Isolation)."""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from markupsafe import Markup

from portal.pluginengine.context import current_plugin
from portal.pluginengine.dispatch import Hooks
from portal.pluginengine.errors import HandlerMisuse
from portal.pluginengine.fencing import Around
from portal.pluginengine.hooks import HookKind
from portal.pluginengine.isolation import MAX_DEPTH, HookRecursion
from tests.pluginengine.dispatching import EVERYBODY, GROUP, Item, failures, make_hooks


@pytest.fixture
def hooks() -> Hooks:
    """A dispatcher with nobody attached."""
    return make_hooks()


class Strange:
    """An object that lies about itself."""

    @property
    def __class__(self) -> Any:  # type: ignore[override]
        raise SystemExit("no class")


def endless_work() -> None:
    """Longer than a signal takes to come."""
    for _turn in range(10_000_000):
        pass


class MuteError(Exception):
    """An error that cannot say what it is."""

    def __str__(self) -> str:
        raise RuntimeError


def raising(error: BaseException) -> Callable[[], object]:
    """A handler that raises."""

    def handler() -> object:
        raise error

    return handler


def endless(turn: int) -> object:
    """Plain recursion, not through hooks."""
    return endless(turn + 1)


MISBEHAVING: dict[str, Callable[[], object]] = {
    "raises": raising(LookupError("x")),
    "leaves": raising(SystemExit(3)),
    "raises what Ctrl-C raises": raising(KeyboardInterrupt()),
    "raises what ends a generator": raising(GeneratorExit()),
    "raises something of its own": raising(BaseException("mine")),
    "raises what cannot be printed": raising(MuteError()),
    "recurses without end": lambda: endless(0),
    "gives a number": lambda: 42,
    "gives bytes": lambda: b"<p>",
    "gives a dictionary": lambda: {"title": "x"},
    "gives a class": lambda: Item,
    "gives a list of other things": lambda: [Item("x"), "y"],
    "gives a strange object": Strange,
    "gives a coroutine-like thing": lambda: iter(()),
}

UNBALANCED: dict[str, Callable[[], object]] = {
    "leaves a tag open": lambda: Markup("<div>"),
    "closes what is not its own": lambda: Markup("</div></section>"),
    "gives too much": lambda: Markup("x" * 300_000),
}


@pytest.mark.parametrize("how", MISBEHAVING)
def test_a_misbehaving_handler_costs_its_own_item_only(hooks: Hooks, how: str) -> None:
    """The other items are what they would have been without it."""
    hooks.attach("alpha", "menu", "tab", lambda group: Item("alpha"))
    hooks.attach("beta", "menu", "bad", MISBEHAVING[how])
    hooks.attach("gamma", "menu", "tab", lambda group: Item("gamma"))
    assert [item.key for item in hooks.collect("menu", group=GROUP)] == ["alpha", "gamma"]
    assert failures(hooks) == [("beta", "menu", "bad")]


@pytest.mark.parametrize("how", MISBEHAVING | UNBALANCED)
def test_a_misbehaving_handler_costs_its_own_fragment_only(hooks: Hooks, how: str) -> None:
    """Byte for byte what it would have been without it."""
    hooks.attach("alpha", "text", "good", lambda: Markup("<p>one</p>"))
    hooks.attach("beta", "text", "bad", (MISBEHAVING | UNBALANCED)[how])
    hooks.attach("gamma", "text", "good", lambda: Markup("<p>two</p>"))
    assert hooks.render("text", word="x") == "<p>one</p><p>two</p>"
    assert failures(hooks) == [("beta", "text", "bad")]


def test_the_end_of_the_process_is_not_contained(hooks: Hooks) -> None:
    """A worker that is told to leave while a handler runs leaves."""

    def interrupted() -> None:
        os.kill(os.getpid(), signal.SIGABRT)
        endless_work()

    def leave(number: int, frame: object) -> None:
        raise SystemExit(1)

    hooks.attach("alpha", "text", "bad", interrupted)
    before = signal.signal(signal.SIGABRT, leave)
    try:
        with pytest.raises(SystemExit):
            hooks.render("text", word="x")
    finally:
        signal.signal(signal.SIGABRT, before)
    assert current_plugin.get() is None
    assert failures(hooks) == []


def test_a_failing_host_handler_fails_loudly(hooks: Hooks) -> None:
    """It is our own code; hiding it would hide our bug."""
    hooks.offer_host("text", raising(LookupError("ours")))
    with pytest.raises(LookupError, match="ours"):
        hooks.render("text", word="x")
    assert failures(hooks) == []


def test_a_failure_is_logged_with_plugin_hook_and_request(
    hooks: Hooks, caplog: pytest.LogCaptureFixture
) -> None:
    """Design 5: for people who read logs, and for the notice on the page."""
    hooks.attach("alpha", "text", "bad", raising(LookupError("x")))
    with caplog.at_level(logging.ERROR):
        hooks.render("text", word="x")
    (record,) = caplog.records
    (incident,) = hooks.health.for_request("request-1")
    assert (record.plugin, record.hook, record.handler) == ("alpha", "text", "bad")  # type: ignore[attr-defined]
    assert record.incident == incident.id  # type: ignore[attr-defined]
    assert "LookupError: x" in record.getMessage()
    assert record.exc_info is None  # the whole text of an error may be of any length


def test_the_request_id_is_not_asked_while_nothing_fails() -> None:
    """It may not exist where hooks are fired outside of requests."""
    hooks = make_hooks(request_id=lambda: pytest.fail("asked"))
    hooks.attach("alpha", "text", "good", lambda: "x")
    assert hooks.render("text", word="x") == "x"


def test_handlers_cannot_change_each_others_arguments(hooks: Hooks) -> None:
    """P-09 asks FIRST and LAST handlers not to change what they get; none can: each has its own copies."""
    seen: list[Any] = []

    def vandal(values: dict[str, list[int]]) -> None:
        seen.append({key: list(value) for key, value in values.items()})
        values["numbers"].append(99)
        values.clear()

    for plugin in sorted(EVERYBODY):
        hooks.attach(plugin, "changing", "vandal", vandal)
    given = {"numbers": [1, 2]}
    hooks.check("changing", values=given)
    assert seen == [{"numbers": [1, 2]}] * len(EVERYBODY)
    assert given == {"numbers": [1, 2]}


def test_objects_are_handed_through(hooks: Hooks) -> None:
    """Spec 3: the real objects, no copies of rows."""
    got: list[object] = []
    hooks.attach("alpha", "menu", "tab", lambda **params: got.extend(params.values()))
    hooks.collect("menu", group=GROUP)
    assert got == [GROUP]


# -- endless chains ------------------------------------------------------------------------------


@pytest.mark.parametrize("branches", [1, 3])
def test_a_handler_that_fires_its_own_hook_is_cut_with_one_fault(branches: int) -> None:
    """The whole chain ends at the depth limit; it does not fan out."""
    hooks = make_hooks()
    calls: list[int] = []

    def again() -> str:
        calls.append(1)
        for _ in range(branches):
            hooks.render("text", word="again")
        return "never"

    hooks.attach("alpha", "text", "again", again)
    hooks.attach("beta", "text", "good", lambda: "good")
    assert hooks.render("text", word="x") == "good"
    assert len(calls) == MAX_DEPTH
    (incident,) = hooks.health.incidents()
    assert incident.count == 1
    assert "fires, directly or through others, the hook that it answers" in incident.error


def test_hooks_that_fire_each_other_are_cut_too(hooks: Hooks) -> None:
    """a fires b, b fires a."""
    hooks.attach("alpha", "text", "to_menu", lambda: hooks.collect("menu", group=GROUP) and "x")
    hooks.attach("alpha", "menu", "to_text", lambda: hooks.render("text", word="x") and Item("x"))
    assert hooks.render("text", word="x") == ""
    assert failures(hooks) == [("alpha", "text", "to_menu")]


def test_a_chain_through_commits_ends_too() -> None:
    """A handler told after a commit that causes the next commit, and so on."""
    waiting: list[Callable[[], None]] = []
    hooks = make_hooks(defer=waiting.append)
    hooks.attach("alpha", "told_later", "again", lambda: hooks.notify("told_later", word="again"))
    hooks.notify("told_later", word="x")
    turns = 0
    while waiting:
        waiting.pop(0)()
        turns += 1
    assert turns == MAX_DEPTH
    assert failures(hooks) == [("alpha", "told_later", "again")]


def test_the_host_sees_its_own_endless_chain(hooks: Hooks) -> None:
    """Our own recursion is our own bug."""
    hooks.offer_host("text", lambda: hooks.render("text", word="again"))
    with pytest.raises(HookRecursion, match="text was fired"):
        hooks.render("text", word="x")


def test_hooks_within_hooks_are_fine(hooks: Hooks) -> None:
    """A fragment may hold what another hook gives."""
    hooks.attach("alpha", "text", "outer", lambda: str(len(hooks.collect("menu", group=GROUP))))
    hooks.attach("beta", "menu", "tab", lambda: Item("x"))
    assert hooks.render("text", word="x") == "1"


def test_an_item_with_a_key_of_the_hosts_own_is_refused_and_named() -> None:
    """It would be marked as the page's tab, and others would stand behind it."""
    hooks = make_hooks()
    hooks.offer_host("menu", lambda group: [Item("summary"), Item("admin")])
    hooks.attach("alpha", "menu", "shadow", lambda group: [Item("mine"), Item("admin")])
    hooks.attach("beta", "menu", "good", lambda group: Item("mine"))
    hooks.attach("gamma", "menu", "same", lambda group: Item("mine"))
    keys = [item.key for item in hooks.collect("menu", group=GROUP)]
    assert keys == ["summary", "admin", "mine", "mine"]
    assert failures(hooks) == [("alpha", "menu", "shadow")]
    assert "The key 'admin' is that of" in hooks.health.incidents()[0].error


# -- the fence -----------------------------------------------------------------------------------


class Recorder:
    """A fence that notes what happens, and finds a misuse where told."""

    def __init__(self, misuse: str = "") -> None:
        self.seen: list[tuple[str, ...]] = []
        self.misuse = misuse

    def firing(self, kind: HookKind) -> Around:
        """Give the blocks of one firing."""
        return lambda plugin: self.around(plugin, kind)

    @contextmanager
    def around(self, plugin: str, kind: HookKind) -> Iterator[None]:
        """Note the call and how it ended."""
        self.seen.append((plugin, kind, str(current_plugin.get())))
        try:
            yield
        except BaseException as error:
            self.seen.append((plugin, type(error).__name__))
            raise
        if plugin == self.misuse:
            raise HandlerMisuse("changed rows on a GET")


def test_the_fence_stands_around_each_plugins_handler_and_no_host_handler() -> None:
    """Spec A4; the host's handlers are not fenced."""
    fence = Recorder()
    hooks = make_hooks(fence=fence)
    hooks.offer_host("text", lambda: "host ")
    hooks.attach("alpha", "text", "good", lambda: "good")
    hooks.attach("beta", "text", "bad", raising(LookupError()))
    assert hooks.render("text", word="x") == "host good"
    assert fence.seen == [
        ("alpha", "render", "alpha"),
        ("beta", "render", "beta"),
        ("beta", "LookupError"),
    ]


def test_what_the_fence_finds_on_the_way_out_is_the_handlers_failure() -> None:
    """A handler that looked well-behaved and wrote on a GET gives nothing."""
    hooks = make_hooks(fence=Recorder(misuse="alpha"))
    hooks.attach("alpha", "text", "sly", lambda: "sly")
    hooks.attach("beta", "text", "good", lambda: "good")
    assert hooks.render("text", word="x") == "good"
    assert hooks.health.incidents()[0].error.endswith("HandlerMisuse: changed rows on a GET")


def test_without_plugins_handlers_the_fence_is_not_asked() -> None:
    """It must cost nothing then."""
    fence = Recorder()
    hooks = make_hooks(fence=fence)
    hooks.offer_host("text", lambda: "host")
    hooks.render("text", word="x")
    hooks.collect("menu", group=GROUP)
    assert fence.seen == []


def test_time_is_measured_by_plugin_and_hook(hooks: Hooks) -> None:
    """Failing calls count, too."""
    hooks.attach("alpha", "text", "good", lambda: "x")
    hooks.attach("beta", "text", "bad", raising(LookupError()))
    for _ in range(3):
        hooks.render("text", word="x")
    timings = {one.plugin: one for one in hooks.health.timings()}
    assert {plugin: one.calls for plugin, one in timings.items()} == {"alpha": 3, "beta": 3}
    assert all(0 < one.longest <= one.total < 1 for one in timings.values())
