"""Who needs whom: what is hidden along, and in which order suspects stand."""

from itertools import pairwise

from portal.pluginengine.needs import dependents_first, with_dependents, with_needed

#: menu needs base; tabs needs menu; far stands alone.
NEEDS = {
    "base": frozenset[str](),
    "menu": frozenset({"base"}),
    "tabs": frozenset({"menu"}),
    "far": frozenset[str](),
}


def test_hiding_a_plugin_hides_those_that_need_it() -> None:
    """Directly and through others."""
    assert with_dependents({"base"}, NEEDS) == {"base", "menu", "tabs"}
    assert with_dependents({"far"}, NEEDS) == {"far"}
    assert with_dependents((), NEEDS) == frozenset()


def test_a_plugin_comes_with_what_it_needs() -> None:
    """Directly and through others."""
    assert with_needed({"tabs"}, NEEDS) == {"base", "menu", "tabs"}
    assert with_needed({"unknown"}, NEEDS) == {"unknown"}


def test_every_beginning_of_the_order_hides_nothing_else() -> None:
    """Each plugin stands before what it needs."""
    order = dependents_first(NEEDS, NEEDS)
    assert set(order) == set(NEEDS)
    for length in range(len(order) + 1):
        assert with_dependents(order[:length], NEEDS) == set(order[:length])


def test_a_circle_is_ordered_all_the_same() -> None:
    """The installer refuses one; a search must end in any case."""
    circle = {"one": frozenset({"two"}), "two": frozenset({"one"})}
    assert list(pairwise(dependents_first(circle, circle))) == [("one", "two")]
