"""What a hook declares of the seeds' ways, and how the engine carries it out, whatever the domain."""

from collections.abc import Sequence

import pytest
from markupsafe import Markup

from portal.pluginengine.fragments import FragmentChecker
from portal.pluginengine.hooks import HookSpecError
from portal.pluginengine.merging import WrongReturn, judge_for, needs_no_judge
from portal.pluginengine.seeds import Called, SeedCall, SeedFault
from tests.pluginengine.dispatching import Item, failures, make_hooks, spec


def read_item(text: str) -> Sequence[Item] | None:
    """A key in angle brackets."""
    if text == "nothing":
        return ()
    if not text.startswith("<"):
        return None
    if not text.endswith(">"):
        raise SeedFault("the bracket is not closed")
    return (Item(text[1:-1]),)


LISTED = spec("listed", "collect", returns=Item, seed_form=read_item)
PURE = spec("pure", "collect", returns=str, seed_form=lambda text: [text.strip()])
SHOWN = spec("shown", "render", seed_form=lambda text: [Markup("<hr>")] if text == "row" else None)
ASKED = spec(
    "asked_for",
    "first",
    params={"name": "str"},
    returns=Item,
    seed_form=lambda value: [Item("yes")] if value else [],
    seed_types=(bool,),
)


# -- returned forms ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("returned", "expected"),
    [
        ("<a>", [Item("a")]),
        (Markup("<a>"), [Item("a")]),
        (["<a>", Item("b"), "nothing", "<c>"], [Item("a"), Item("b"), Item("c")]),
        ("nothing", []),
        (Item("a"), [Item("a")]),
    ],
)
def test_a_text_in_the_seeds_form_becomes_values(returned, expected):
    assert list(judge_for(LISTED, FragmentChecker())(returned)) == expected


@pytest.mark.parametrize("returned", ["a", ["<a>", "b"], 3, b"<a>"])
def test_another_text_is_a_wrong_return(returned):
    with pytest.raises(WrongReturn, match="listed expects Item"):
        judge_for(LISTED, FragmentChecker())(returned)


def test_a_text_is_read_also_where_texts_are_what_the_hook_gives():
    assert needs_no_judge(PURE) == frozenset()
    assert list(judge_for(PURE, FragmentChecker())(" a ")) == ["a"]


def test_a_render_hook_reads_the_form_and_escapes_other_texts():
    judge = judge_for(SHOWN, FragmentChecker())
    assert list(judge("row")) == [Markup("<hr>")]
    assert list(judge("<b>")) == [Markup("&lt;b&gt;")]


def test_a_first_hook_may_read_a_truth():
    hooks = make_hooks(ASKED)
    hooks.attach("alpha", "asked_for", "no", lambda: False)
    hooks.attach("beta", "asked_for", "yes", lambda: True)
    assert hooks.first("asked_for", name="x") == Item("yes")
    assert failures(hooks) == []


def test_a_refused_text_is_its_handlers_fault_and_no_others():
    hooks = make_hooks(LISTED)
    hooks.attach("alpha", "listed", "wrong", lambda: "<a")
    hooks.attach("beta", "listed", "right", lambda: "<b>")
    assert hooks.collect("listed") == (Item("b"),)
    assert failures(hooks) == [("alpha", "listed", "wrong")]
    (incident,) = hooks.health.incidents()
    assert "the bracket is not closed" in incident.error


# -- declarations --------------------------------------------------------------------------------


def test_the_seeds_parameters_must_come_from_somewhere():
    with pytest.raises(HookSpecError, match="the seed's parameter DIRS is neither"):
        spec("bad", "collect", returns=Item, seed_params=("DIRS",))
    spec("planned", "collect", returns_text="x", planned="tracker", seed_params=("DIRS",))


def test_the_mapping_is_made_of_parameters_that_there_are():
    with pytest.raises(HookSpecError, match="seed_call takes group from group_id"):
        spec("bad", "notify", seed_call=SeedCall(names={"group": "group_id"}))


def test_a_hook_tells_which_form_it_reads_and_whether_it_takes_links():
    described = LISTED.describe()
    assert described["seed_form"] == "A key in angle brackets."
    assert described["link"] is False
    assert described["seed_params"] is None


def test_the_mapping_holds_what_the_form_makes_and_what_it_names():
    form = SeedCall(
        names={"group": "group_id"}, enter=lambda params, so_far: {"LIST": list(so_far)}
    )
    mapping = form.mapping({"group_id": 7, "viewer": None}, (1, 2))
    assert mapping == {"LIST": [1, 2], "group": 7}
    assert form.leave(Called(given=mapping, left={}, returned="x")) == "x"
