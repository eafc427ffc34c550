"""The search for a bad plugin, without pages: who is hidden when, and what the answers come to."""

from collections.abc import Callable

import pytest

from portal.siteadmin.bisecting import Bisection

#: A page that is wrong, or not, when these plugins are hidden.
Page = Callable[[frozenset[int]], bool]


def search(
    count: int, is_wrong: Page, *, kept: tuple[int, ...] = ()
) -> tuple[Bisection, list[frozenset[int]]]:
    """Answer honestly until the search is over; returns it, and what was hidden at each look."""
    everyone = range(1, count + 1)
    found = Bisection(path="/", fault="breaks")
    looks = [found.hidden(everyone)]
    if not is_wrong(looks[0]):
        return found.answered(is_wrong=False), looks
    found = found.begun(everyone, kept)
    while found.phase != "done":
        looks.append(found.hidden(everyone))
        found = found.answered(is_wrong=is_wrong(looks[-1]))
    return found, looks


@pytest.mark.parametrize("count", [1, 2, 3, 5, 8, 10, 16, 33, 100])
def test_a_single_culprit_is_named_within_log2_steps(count: int) -> None:
    """Issue 6: log2(n) steps, rounded up; each of ten in at most four."""
    bound = (count - 1).bit_length()
    for culprit in range(1, count + 1):
        found, _looks = search(count, lambda hidden, bad=culprit: bad not in hidden)
        assert (found.result, found.culprit) == ("culprit", culprit)
        assert found.steps <= found.most == bound


def test_the_first_look_hides_nothing_and_the_last_ones_are_proof() -> None:
    """A culprit is named as such only when the fault went away with it alone."""
    for culprit in range(1, 11):
        _found, looks = search(10, lambda hidden, bad=culprit: bad not in hidden)
        assert looks[0] == frozenset()
        assert frozenset({culprit}) in looks


def test_a_fault_that_stays_without_any_plugin_is_none_of_a_plugin() -> None:
    """The last look hides everything."""
    found, looks = search(10, lambda hidden: True)
    assert (found.result, len(looks[-1])) == ("not_a_plugin", 10)


def test_two_culprits_are_not_taken_for_one() -> None:
    """Each spoils the page alone: the fault goes only when both are hidden."""
    for one in range(1, 11):
        for other in range(one + 1, 11):
            found, _looks = search(10, lambda hidden, bad={one, other}: not bad <= hidden)
            assert found.result == "several", (one, other)


def test_a_page_that_looks_right_is_not_searched() -> None:
    """Nothing to look for."""
    assert search(3, lambda hidden: False)[0].result == "not_seen"


def test_without_plugins_on_the_page_there_is_nobody_to_suspect() -> None:
    """The first answer ends it."""
    assert search(0, lambda hidden: True)[0].result == "nobody_there"


def test_the_plugin_whose_page_it_is_is_never_hidden() -> None:
    """Without it there would be no page; when the others are blameless, it is the one."""
    found, looks = search(5, lambda hidden: 3 not in hidden, kept=(3, 4))
    assert found.result == "own_page"
    assert not any(hidden & {3, 4} for hidden in looks)
    assert search(1, lambda hidden: True, kept=(1,))[0].result == "own_page"
    assert search(5, lambda hidden: 2 not in hidden, kept=(3,))[0].culprit == 2


def test_a_search_is_over_when_a_suspect_runs_no_longer() -> None:
    """Held because it failed too often, say: that the page is fine then says nothing of the others."""
    begun = Bisection(path="/", fault="breaks").begun((1, 2, 3, 4), ())
    assert begun.without((1, 2, 3, 4, 5)) is begun
    over = begun.without((1, 2, 4))
    assert (over.phase, over.result, over.suspects) == ("done", "changed", (3,))
    assert over.answered(is_wrong=False).result == "changed"


def test_an_ended_search_takes_no_more_answers() -> None:
    """Its result stays."""
    found, _looks = search(4, lambda hidden: 2 not in hidden)
    assert found.answered(is_wrong=True).result == "culprit"
    assert found.hidden(range(5)) == frozenset()
