"""Who is called, and in which order: the table, the scope, and caches that stay right (design 5)."""

from __future__ import annotations

import gc
import random
from typing import Any

import pytest

from portal.pluginengine.context import current_plugin, running_as
from portal.pluginengine.dispatch import Hooks
from portal.pluginengine.errors import LoadError
from tests.pluginengine.dispatching import EVERYBODY, GROUP, Item, Owner, failures, make_hooks


@pytest.fixture
def hooks() -> Hooks:
    """A dispatcher with nobody attached."""
    return make_hooks()


def tab(hooks: Hooks, plugin: str, key: str = "", **place: Any) -> None:
    """Attach a handler that gives one item."""
    key = key or plugin
    hooks.attach(plugin, "menu", f"tab_{key}", lambda group: Item(key), **place)


def keys(hooks: Hooks, group: Owner = GROUP) -> list[str]:
    """The items' keys, as collected for a group."""
    return [item.key for item in hooks.collect("menu", group=group)]


@pytest.mark.parametrize("seed", range(5))
def test_order_is_host_table_rowless_connected_however_it_was_registered(seed: int) -> None:
    """Design 5, Order; P-01, P-10: descending; P-07: without a row after the table, by code."""
    hooks = make_hooks()
    registrations = [
        lambda: tab(hooks, "alpha", "first", priority=500, row_id=3, handler_type="FIRST"),
        lambda: tab(hooks, "gamma", "normal", priority=400, row_id=2, handler_type="NORMAL"),
        lambda: tab(hooks, "alpha", "after zero", priority=-1, row_id=1, handler_type="NORMAL"),
        lambda: tab(hooks, "beta", "last", priority=-499, row_id=4, handler_type="LAST"),
        lambda: tab(hooks, "delta", "rowless a", plugin_code="Aaa"),
        lambda: [tab(hooks, "alpha", "rowless b1"), tab(hooks, "alpha", "rowless b2")],
        lambda: [
            hooks.offer_host("menu", lambda group: Item("host 1")),
            hooks.offer_host("menu", lambda group: Item("host 2")),
        ],
        lambda: hooks.namespace.signal("menu").connect(
            lambda sender, group: Item("connected"), weak=False
        ),
    ]
    random.Random(seed).shuffle(registrations)
    for register in registrations:
        register()
    assert keys(hooks) == [
        *("host 1", "host 2", "first", "normal", "after zero", "last"),
        *("rowless a", "rowless b1", "rowless b2", "connected"),
    ]


def test_a_plain_send_calls_handlers_in_the_same_order_and_unscoped(hooks: Hooks) -> None:
    """Spec 1C.6: handlers are receivers; send orders, and propagates as blinker does."""
    tab(hooks, "beta", priority=399, row_id=1)
    tab(hooks, "alpha", priority=400, row_id=2)
    tab(hooks, "nowhere active", priority=398, row_id=3)
    sent = hooks.namespace.signal("menu").send("app", group=GROUP)
    assert [value.key for _, value in sent] == ["alpha", "beta", "nowhere active"]


def test_listeners_tell_plugin_handler_and_place(hooks: Hooks) -> None:
    """What the hook explorer shows."""
    tab(hooks, "beta")
    tab(hooks, "alpha", priority=400, row_id=7, handler_type="NORMAL")
    found = [(one.plugin, one.name, one.priority, one.row_id) for one in hooks.listeners("menu")]
    assert found == [("alpha", "tab_alpha", 400, 7), ("beta", "tab_beta", -500, None)]


def test_a_priority_of_zero_is_checked_and_not_called(hooks: Hooks) -> None:
    """P-03."""
    tab(hooks, "alpha", priority=0, row_id=1)
    assert keys(hooks) == []
    with pytest.raises(LoadError):
        hooks.attach("alpha", "menu", "tab", lambda wrong: None, priority=0)


# -- scope ---------------------------------------------------------------------------------------


def test_inactive_plugin_contributes_nothing(hooks: Hooks) -> None:
    """Design 1.4: the dispatcher asks, not the handler."""
    tab(hooks, "alpha")
    tab(hooks, "beta")
    assert keys(hooks, Owner("beta")) == ["beta"]
    assert keys(hooks, Owner()) == []


def test_a_hook_asks_the_switch_of_its_own_scope_only() -> None:
    """A group hook the group's, a user hook the user's, a page hook the page's, else the site's."""
    asked: list[object] = []

    def active(owner: object) -> frozenset[str]:
        asked.append(owner)
        return EVERYBODY

    page = Owner()
    hooks = make_hooks(active_set=active, page_owner=lambda: page)
    for name in ("menu", "tabs", "styles", "text"):
        hooks.attach("alpha", name, "handler", lambda: None)
    group, user = Owner(), Owner()
    hooks.collect("menu", group=group)
    hooks.collect("tabs", user=user)
    hooks.collect("styles")
    hooks.render("text", word="x")
    assert asked == [group, user, page, None]


def test_without_receivers_nobody_asks_what_is_active() -> None:
    """No handler, no cost."""
    hooks = make_hooks(active_set=lambda owner: pytest.fail("asked"))
    assert keys(hooks) == []


def test_the_caller_may_name_whom_to_ask_instead_or_besides(hooks: Hooks) -> None:
    """The plugin that is being switched on is not active yet, and must be heard."""
    tab(hooks, "alpha")
    tab(hooks, "beta")
    tab(hooks, "gamma")
    owner = Owner("alpha")
    also = hooks.collect("menu", group=owner, also=frozenset({"gamma"}))
    asked = hooks.collect("menu", group=owner, asked=frozenset({"beta"}))
    assert [item.key for item in also] == ["alpha", "gamma"]
    assert [item.key for item in asked] == ["beta"]


def test_the_host_and_unowned_receivers_are_called_whoever_is_active(hooks: Hooks) -> None:
    """Host handlers stand outside the table and outside activation."""
    hooks.offer_host("menu", lambda group: Item("host"))
    with hooks.namespace.signal("menu").connected_to(lambda sender, group: Item("connected")):
        assert keys(hooks, Owner()) == ["host", "connected"]


def test_what_a_plugin_connects_by_itself_obeys_its_switch(hooks: Hooks) -> None:
    """Design 1.4: everything asks the one predicate."""
    with running_as("alpha"):
        hooks.namespace.signal("menu").connect(lambda sender, group: Item("own"), weak=False)
    assert keys(hooks, Owner("alpha")) == ["own"]
    assert keys(hooks, Owner()) == []


# -- blinker beside the engine -------------------------------------------------------------------


def test_connected_receivers_get_sender_and_every_parameter_and_are_contained() -> None:
    """As blinker's send gives them; but one that raises costs its own contribution."""
    app = object()
    hooks = make_hooks(sender=app, derive={"word": lambda params: "worked out"})
    seen: list[Any] = []

    def broken(sender: object, word: str) -> None:
        raise LookupError

    signal = hooks.namespace.signal("text")
    with signal.connected_to(broken), signal.connected_to(lambda s, **kw: seen.append((s, kw))):
        assert hooks.render("text") == ""
    assert seen == [(app, {"word": "worked out"})]
    assert failures(hooks)[0][:2] == ("", "text")


def test_a_receiver_of_another_sender_is_not_called(hooks: Hooks) -> None:
    """Blinker's sender filter; ours is the app."""
    with hooks.namespace.signal("menu").connected_to(lambda s, group: Item("x"), sender="other"):
        assert keys(hooks) == []


def test_a_coroutine_that_was_connected_is_refused_as_blinker_does(hooks: Hooks) -> None:
    """Contained, with blinker's own words."""

    async def receiver(sender: object, group: object) -> None: ...

    with hooks.namespace.signal("menu").connected_to(receiver):
        assert keys(hooks) == []
    assert "coroutine" in hooks.health.incidents()[0].error


# -- caches --------------------------------------------------------------------------------------


def test_connecting_disconnecting_and_muting_are_seen_at_once(hooks: Hooks) -> None:
    """The list of who is called is kept until the signal's revision changes."""
    tab(hooks, "alpha")
    assert keys(hooks) == ["alpha"]
    signal = hooks.namespace.signal("menu")
    with signal.connected_to(lambda sender, group: Item("more")):
        assert keys(hooks) == ["alpha", "more"]
    assert keys(hooks) == ["alpha"]
    with signal.muted():
        assert keys(hooks) == []
    assert keys(hooks) == ["alpha"]
    tab(hooks, "beta", priority=400, row_id=1)
    assert keys(hooks) == ["beta", "alpha"]


def test_the_cache_does_not_keep_weak_receivers_alive(hooks: Hooks) -> None:
    """Blinker: a weak receiver is gone when nobody else holds it."""

    def receiver(sender: object, group: object) -> Item:
        return Item("weak")

    hooks.namespace.signal("menu").connect(receiver)
    assert keys(hooks) == ["weak"]
    del receiver
    gc.collect()
    assert keys(hooks) == []


def test_the_cache_of_active_sets_is_bounded(hooks: Hooks) -> None:
    """Each group may use another combination of plugins."""
    tab(hooks, "alpha")
    for number in range(3000):
        assert keys(hooks, Owner("alpha", f"other{number}")) == ["alpha"]
    assert len(hooks._line("menu")._plans[1]) <= 1100


# -- current plugin and arguments ----------------------------------------------------------------


def test_the_current_plugin_is_known_while_its_handler_runs(hooks: Hooks) -> None:
    """Translations and guards ask; the host's own handlers run as the host."""
    seen: list[str | None] = []
    hooks.offer_host("menu", lambda: seen.append(current_plugin.get()))
    for plugin in ("alpha", "beta"):
        hooks.attach(plugin, "menu", "tab", lambda: seen.append(current_plugin.get()))
    with running_as("gamma"):
        keys(hooks)
        assert current_plugin.get() == "gamma"
    assert seen == [None, "alpha", "beta"]


def test_handlers_get_only_the_parameters_that_they_name(hooks: Hooks) -> None:
    """Spec 3: by keyword, in any position; ``**kwargs`` gets all."""
    got: list[Any] = []

    class Plugin:
        def none(self) -> None:
            got.append(())

        def keyword_only(self, *, word: str) -> None:
            got.append(word)

        def everything(self, **params: object) -> None:
            got.append(params)

        def one_and_the_rest(self, word: str, **rest: object) -> None:
            got.append((word, rest))

    plugin = Plugin()
    for name in ("none", "keyword_only", "everything", "one_and_the_rest"):
        hooks.attach("alpha", "told", name, getattr(plugin, name))
    hooks.notify("told", word="hi")
    assert got == [(), "hi", {"word": "hi"}, ("hi", {})]


@pytest.mark.parametrize(
    ("function", "cause"),
    [
        (lambda wrod: None, "asks for wrod; the hook offers word"),
        (lambda word, extra=None: None, "asks for extra"),
        (len, "asks for obj"),
        (dict, "signature cannot be read"),
    ],
)
def test_a_handler_that_cannot_be_called_is_refused_at_load(
    hooks: Hooks, function: Any, cause: str
) -> None:
    """The error names plugin, handler and hook, and lists what the hook offers."""
    with pytest.raises(LoadError, match=f"alpha.*handler hello of the hook told.*{cause}"):
        hooks.attach("alpha", "told", "hello", function)
    assert hooks.listeners("told") == ()


def test_a_coroutine_handler_is_refused_at_load(hooks: Hooks) -> None:
    """It would never run."""

    async def hello(word: str) -> None: ...

    with pytest.raises(LoadError, match="coroutine"):
        hooks.attach("alpha", "told", "hello", hello)


def test_a_host_handler_that_cannot_be_called_is_refused_too(hooks: Hooks) -> None:
    """Our own mistakes are found at start-up."""
    with pytest.raises(LoadError, match=r"portal.*asks for wrod"):
        hooks.offer_host("told", lambda wrod: None)
