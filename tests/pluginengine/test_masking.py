"""A mask over one answer: who is asked behind it, and what no mask covers."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask

from portal.core.transactions import Mode
from portal.core.unit_of_work import entered
from portal.core.units import Unit
from portal.pluginengine import masking
from portal.pluginengine.activation import Activation, Switch
from portal.pluginengine.dispatch import Hooks
from portal.pluginengine.errors import Veto
from portal.pluginengine.masking import View
from tests.pluginengine.dispatching import GROUP, Item, make_hooks


@contextmanager
def masked(*handles: str, mode: Mode = "read", method: str = "GET") -> Iterator[View]:
    """Be in a request of a browser that is not shown these plugins."""
    app = Flask("masked")
    view = View(hidden=frozenset(handles))
    masking.offer_views(app, lambda: view)
    with (
        app.test_request_context(method=method),
        entered(Unit(mode)),
        masking.plain_view(),
    ):
        masking.put_on()
        yield view


def giving(value: object) -> Callable[[], object]:
    """A handler that always gives the same."""
    return lambda: value


def menu_of(hooks: Hooks) -> list[str]:
    """The keys of the items that the menu has right now."""
    return [item.key for item in hooks.collect("menu", group=GROUP)]


@pytest.fixture
def hooks() -> Hooks:
    """Hooks that alpha and beta answer."""
    hooks = make_hooks()
    for plugin in ("alpha", "beta"):
        hooks.attach(plugin, "menu", "item", giving(Item(plugin)))
    return hooks


def test_a_hidden_plugin_is_not_asked(hooks: Hooks) -> None:
    """And stands there again when the request is over."""
    with masked("alpha"):
        assert menu_of(hooks) == ["beta"]
        assert [
            each.key for each in hooks.collect("menu", group=GROUP, asked=frozenset({"alpha"}))
        ] == []
    assert menu_of(hooks) == ["alpha", "beta"]


def test_a_mask_leaves_no_plan_behind(hooks: Hooks) -> None:
    """What everybody's requests remember does not grow with what one browser hides."""
    menu_of(hooks)
    before = dict(hooks._line("menu")._plans[1])
    with masked("alpha"):
        menu_of(hooks)
    assert hooks._line("menu")._plans[1] == before


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_only_get_and_head_are_masked(hooks: Hooks, method: str) -> None:
    """A mask hides, it never decides."""
    with masked("alpha", method=method):
        assert menu_of(hooks) == ["alpha", "beta"]
        assert not masking.is_hidden("alpha")
    with masked("alpha", method="HEAD"):
        assert menu_of(hooks) == ["beta"]


def test_a_get_that_writes_is_not_masked(hooks: Hooks) -> None:
    """A view with a writing transaction, and a writing unit inside of a reading one."""
    with masked("alpha", mode="write"):
        assert menu_of(hooks) == ["alpha", "beta"]
    with masked("alpha"):
        with entered(Unit("write")):
            assert menu_of(hooks) == ["alpha", "beta"]
        assert menu_of(hooks) == ["beta"]


def test_checks_are_never_masked() -> None:
    """No way round a plugin that guards."""
    hooks = make_hooks()

    def refuse(values: object) -> None:
        raise Veto("no")

    hooks.attach("alpha", "changing", "refuse", refuse)
    with masked("alpha"), pytest.raises(Veto):
        hooks.check("changing", values={})


def test_required_answers_are_never_masked() -> None:
    """The others are hidden, and the hook does not fail for want of the required one."""
    hooks = make_hooks()
    for plugin in ("alpha", "beta"):
        hooks.attach(plugin, "login", "who", giving(plugin))
    with masked("alpha", "beta"):
        assert hooks.answers("login", required=frozenset({"alpha"}), name="x") == ("alpha",)
        assert hooks.first("login", name="x") is None


def test_what_is_told_after_a_commit_is_never_masked() -> None:
    """A fact is a fact for every plugin; what is told at once belongs to the view."""
    told: list[str] = []
    hooks = make_hooks()
    hooks.attach("alpha", "told", "now", lambda word: told.append(word))
    hooks.attach("alpha", "told_later", "later", lambda word: told.append(word))
    with masked("alpha"):
        hooks.notify("told", word="now")
        hooks.notify("told_later", word="later")
    assert told == ["later"]


def test_the_predicate_obeys_the_mask() -> None:
    """What a page shows by it is hidden, too; the stored choice is asked elsewhere."""
    switch = Switch(handle="alpha", plugin_id=1, scopes=frozenset({"site"}), policies={})
    activation = Activation([switch])
    assert activation.is_active("alpha")
    with masked("alpha"):
        assert not activation.is_active("alpha")
        assert activation.switch("alpha") is switch
        assert activation.active_for(None) == {"alpha"}


def test_a_hidden_plugins_page_is_refused() -> None:
    """By a 404 that names it."""
    with masked("alpha"):
        masking.refuse_hidden("beta")
        with pytest.raises(masking.PluginHidden) as refusal:
            masking.refuse_hidden("alpha")
    assert (refusal.value.code, refusal.value.handle) == (404, "alpha")


def test_who_took_part_is_noted_for_who_may_look(hooks: Hooks) -> None:
    """Each plugin that was called, with its time; nothing for everybody else."""
    with masked("beta") as view:
        menu_of(hooks)
        menu_of(hooks)
    (part,) = view.trace.parts()
    assert (part.handle, part.calls) == ("alpha", 2)
    assert part.seconds > 0


def test_nobody_without_a_view_is_masked(hooks: Hooks) -> None:
    """The host's reader says None for all but site admins."""
    app = Flask("plain")
    reader: Any = lambda: None  # noqa: E731
    masking.offer_views(app, reader)
    with app.test_request_context(), entered(Unit("read")), masking.plain_view():
        masking.put_on()
        assert masking.current_view.get() is None
        assert menu_of(hooks) == ["alpha", "beta"]
