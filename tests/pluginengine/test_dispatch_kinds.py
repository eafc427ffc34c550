"""The five kinds of hooks: what handlers give and what the caller gets (design 5)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from markupsafe import Markup

from portal.pluginengine.catalogue import UnknownHook
from portal.pluginengine.dispatch import Hooks
from portal.pluginengine.errors import Refused, Veto
from portal.pluginengine.plans import HookMisfire
from tests.pluginengine.dispatching import GROUP, Box, Item, failures, make_hooks


@pytest.fixture
def hooks() -> Hooks:
    """A dispatcher with nobody attached."""
    return make_hooks()


def attach(hooks: Hooks, name: str, function: Callable[..., object], plugin: str = "alpha") -> None:
    """Attach a handler named after its plugin."""
    hooks.attach(plugin, name, f"of_{plugin}", function)


def hearing(into: list[Any]) -> Callable[[object], None]:
    """A handler that notes the word it is told."""

    def hear(word: object) -> None:
        into.append(word)

    return hear


# -- notify --------------------------------------------------------------------------------------


def test_notify_tells_everyone_and_ignores_results(hooks: Hooks) -> None:
    """notify, now."""
    heard: list[str] = []
    attach(hooks, "told", lambda word: heard.append(word) or object())
    attach(hooks, "told", lambda word: heard.append(word + "!"), "beta")
    assert hooks.notify("told", word="hi") is None  # type: ignore[func-returns-value]
    assert heard == ["hi", "hi!"]
    assert failures(hooks) == []


def test_notify_after_commit_waits_with_copies_and_with_who_was_active_then() -> None:
    """Called after commit: the lists given may have changed by then, the plugins too."""
    waiting: list[Callable[[], None]] = []
    active = {"now": frozenset({"alpha"})}
    hooks = make_hooks(defer=waiting.append, active_set=lambda owner: active["now"])
    heard: list[Any] = []
    attach(hooks, "told_later", hearing(heard))
    words: list[str] = ["first"]
    hooks.notify("told_later", word=words)
    assert heard == []
    words.append("second")
    active["now"] = frozenset()
    for call in waiting:
        call()
    assert heard == [["first"]]


def test_notify_without_handlers_leaves_nothing_to_wait_for() -> None:
    """No handler, no cost."""
    waiting: list[Callable[[], None]] = []
    hooks = make_hooks(defer=waiting.append)
    hooks.notify("told_later", word="x")
    assert waiting == []


def test_a_hook_declared_now_does_not_wait() -> None:
    """Where the table says *now*."""
    hooks = make_hooks(defer=lambda call: pytest.fail("deferred"))
    heard: list[str] = []
    attach(hooks, "told", hearing(heard))
    hooks.notify("told", word="x")
    assert heard == ["x"]


# -- collect -------------------------------------------------------------------------------------


def test_collect_flattens_values_lists_and_nothing_in_order(hooks: Hooks) -> None:
    """collect: one typed value, a list of them, or None; a handler's own items keep their order."""
    attach(hooks, "menu", lambda group: Item("one"), "alpha")
    attach(hooks, "menu", lambda group: [Item("two"), Item("three")], "beta")
    attach(hooks, "menu", lambda group: None, "delta")
    attach(hooks, "menu", lambda group: (Item("four"),), "gamma")
    assert [one.key for one in hooks.collect("menu", group=GROUP)] == [
        "one",
        "two",
        "three",
        "four",
    ]


def test_a_generator_is_read_inside_the_call(hooks: Hooks) -> None:
    """What it raises is its own failure."""

    def tabs(group: object) -> Any:
        yield Item("one")
        yield Item("two")

    def broken(group: object) -> Any:
        yield Item("never")
        raise LookupError("half way")

    attach(hooks, "menu", tabs)
    attach(hooks, "menu", broken, "beta")
    assert [one.key for one in hooks.collect("menu", group=GROUP)] == ["one", "two"]
    assert failures(hooks) == [("beta", "menu", "of_beta")]


def test_items_stand_after_the_one_they_name(hooks: Hooks) -> None:
    """Spec 1C.5: ``after`` is the one anchor, also towards the host's own items."""
    hooks.offer_host("menu", lambda group: [Item("summary"), Item("admin")])
    attach(hooks, "menu", lambda group: Item("wiki", after="summary"))
    assert [one.key for one in hooks.collect("menu", group=GROUP)] == ["summary", "wiki", "admin"]


def test_nobody_gives_an_empty_tuple(hooks: Hooks) -> None:
    """Nothing is drawn then."""
    assert hooks.collect("menu", group=GROUP) == ()


# -- render --------------------------------------------------------------------------------------


def test_render_joins_markup_and_escapes_text(hooks: Hooks) -> None:
    """render: markup, plain text is escaped, None says nothing."""
    attach(hooks, "text", lambda word: Markup("<p>{}</p>").format(word))
    attach(hooks, "text", lambda: "<b>", "beta")
    attach(hooks, "text", lambda: None, "delta")
    joined = hooks.render("text", word="&")
    assert joined == "<p>&amp;</p>&lt;b&gt;"
    assert isinstance(joined, Markup)


def test_render_without_handlers_is_empty_markup(hooks: Hooks) -> None:
    """So that a template can ask whether there is anything."""
    assert hooks.render("text", word="x") == ""


# -- check ---------------------------------------------------------------------------------------


def test_the_first_veto_aborts(hooks: Hooks) -> None:
    """check: the first veto propagates; later handlers are not asked."""
    asked: list[str] = []

    def veto() -> None:
        raise Veto("not today", field="name")

    attach(hooks, "changing", lambda: asked.append("alpha"), "alpha")
    attach(hooks, "changing", veto, "beta")
    attach(hooks, "changing", lambda: asked.append("gamma"), "gamma")
    with pytest.raises(Veto, match="not today") as vetoed:
        hooks.check("changing", values={})
    assert vetoed.value.field == "name"
    assert asked == ["alpha"]
    assert failures(hooks) == []


def test_a_check_handler_that_fails_abstains(hooks: Hooks) -> None:
    """Any other exception is logged and does not stop the write."""

    def broken() -> None:
        raise LookupError

    attach(hooks, "changing", broken)
    attach(hooks, "changing", lambda: False, "beta")
    hooks.check("changing", values={})
    assert failures(hooks) == [("alpha", "changing", "of_alpha")]


# -- first ---------------------------------------------------------------------------------------


def test_the_first_answer_wins_and_ends_the_asking(hooks: Hooks) -> None:
    """first: None abstains."""
    attach(hooks, "login", lambda: None, "alpha")
    attach(hooks, "login", lambda name: f"beta:{name}", "beta")
    attach(hooks, "login", lambda: pytest.fail("asked after an answer"), "gamma")
    assert hooks.first("login", name="bob") == "beta:bob"
    assert {one.plugin: one.calls for one in hooks.health.timings()} == {"alpha": 1, "beta": 1}


def test_all_abstaining_gives_none(hooks: Hooks) -> None:
    """The host goes on with its own way."""
    attach(hooks, "login", lambda: None)
    assert hooks.first("login", name="bob") is None
    assert make_hooks().first("login", name="bob") is None


def failing() -> None:
    """A handler that cannot do its work."""
    raise ConnectionError("no server")


def test_failure_abstains_but_a_required_plugin_that_fails_refuses(hooks: Hooks) -> None:
    """spec/hooks.md: fails closed for required plugins."""
    attach(hooks, "login", failing, "alpha")
    attach(hooks, "login", lambda: "beta", "beta")
    assert hooks.first("login", name="bob") == "beta"
    with pytest.raises(Refused, match="alpha"):
        hooks.first("login", name="bob", required=frozenset({"alpha"}))


def test_a_required_plugin_is_asked_also_after_an_answer(hooks: Hooks) -> None:
    """Required ones may refuse, wherever they stand; the answer stays the first one."""
    attach(hooks, "login", lambda: "alpha", "alpha")
    attach(hooks, "login", lambda: pytest.fail("not required"), "beta")
    attach(hooks, "login", lambda: "gamma", "gamma")
    assert hooks.first("login", name="bob", required=frozenset({"gamma"})) == "alpha"
    assert failures(hooks) == []

    def veto() -> None:
        raise Veto("account locked")

    attach(hooks, "login", veto, "delta")
    with pytest.raises(Veto, match="account locked"):
        hooks.first("login", name="bob", required=frozenset({"delta"}))


def test_a_required_plugin_with_the_wrong_answer_or_none_attached_refuses(hooks: Hooks) -> None:
    """A lie or an absence is no abstention."""
    attach(hooks, "login", lambda: 3, "alpha")
    with pytest.raises(Refused, match="alpha"):
        hooks.first("login", name="bob", required=frozenset({"alpha"}))
    with pytest.raises(Refused, match="beta"):
        hooks.first("login", name="bob", required=frozenset({"beta"}))


def test_a_required_plugin_may_abstain(hooks: Hooks) -> None:
    """None from a plugin that works is an abstention."""
    attach(hooks, "login", lambda: None, "alpha")
    assert hooks.first("login", name="bob", required=frozenset({"alpha"})) is None


# -- firing as declared --------------------------------------------------------------------------


def test_an_undeclared_hook_cannot_be_fired_or_answered(hooks: Hooks) -> None:
    """Design 5; the error offers the nearest name."""
    with pytest.raises(UnknownHook, match="Did you mean menu"):
        hooks.collect("menus", group=GROUP)
    with pytest.raises(UnknownHook):
        attach(hooks, "menus", lambda: None)


def test_a_hook_is_fired_by_its_own_kind_only(hooks: Hooks) -> None:
    """The error says how."""
    with pytest.raises(HookMisfire, match=r"menu is a collect hook: fire it by hooks\.collect"):
        hooks.render("menu", group=GROUP)


def test_a_planned_hook_cannot_be_fired_and_can_be_answered(hooks: Hooks) -> None:
    """Plugins may subscribe before the package exists."""
    attach(hooks, "later", lambda word: None)
    with pytest.raises(HookMisfire, match="planned for tracker"):
        hooks.notify("later", word="x")


def test_the_arguments_must_be_those_of_the_specification(hooks: Hooks) -> None:
    """A mistake of the host's, reported whether or not anybody listens."""
    with pytest.raises(HookMisfire, match="wrod that it does not know and leaves out word"):
        hooks.render("text", wrod="x")


def test_arguments_left_out_are_worked_out_only_when_somebody_looks() -> None:
    """``viewer`` and ``group_id`` need not be given by every caller."""
    derived: list[object] = []

    def word(params: Any) -> str:
        derived.append(dict(params))
        return "worked out"

    hooks = make_hooks(derive={"word": word})
    attach(hooks, "text", lambda: "fixed")
    assert hooks.render("text") == "fixed"
    assert derived == []
    attach(hooks, "text", lambda word: f" {word}", "beta")
    assert hooks.render("text") == "fixed worked out"
    assert hooks.render("text", word="given") == "fixed given"
    assert derived == [{}]


def test_markup_inside_values_is_checked_too(hooks: Hooks) -> None:
    """A section's html can break a page as well as a fragment."""
    attach(hooks, "boxes", lambda: Box(Markup("<p>fine</p>")), "alpha")
    attach(hooks, "boxes", lambda: [Box(Markup("<p>")), Box(Markup("fine"))], "beta")
    assert [one.html for one in hooks.collect("boxes")] == ["<p>fine</p>"]
    assert failures(hooks) == [("beta", "boxes", "of_beta")]
