"""Changing the order of handlers: P-01 to P-10 and 2.3.1 of spec/installer-registry-clusters.md."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from portal.core.database import db
from portal.pluginengine.handlertable import read_table
from portal.pluginengine.models import HandlerRow, PluginRow
from portal.pluginengine.priorities import tombstone
from tests.pluginengine.ordered import (
    HOOK,
    called,
    change,
    key,
    operate,
    ordered_site,
    refused,
    stored,
)


@pytest.fixture
def ordered(site, make_plugin):
    """A site whose plugin answers one hook in every band, and another hook once."""
    return ordered_site(site, make_plugin)


# -- up and down ---------------------------------------------------------------------------------


def test_a_handler_changes_places_with_the_next_of_its_band(ordered):
    """P-01, P-10: descending; 2.3.1 up and down; the next generation calls in the new order."""
    assert called(ordered) == ["early", "one", "two", "three", "late"]
    outcome = operate(ordered, "move_handler", HOOK, key(ordered, "two"), "up")
    assert outcome.message == "probe:two moved up."
    assert outcome.generation == ordered.engine.state.generation
    assert called(ordered) == ["early", "two", "one", "three", "late"]
    assert stored(ordered) == {"early": 500, "two": 400, "one": 399, "three": 398, "late": -400}
    operate(ordered, "move_handler", HOOK, key(ordered, "one"), "down")
    assert called(ordered) == ["early", "two", "three", "one", "late"]


def test_what_the_hook_renders_follows_the_order_in_the_next_generation(ordered):
    """Design 1.5: reordering raises the generation, and the fragments change with it."""

    def rendered() -> str:
        with ordered.arrange("read"):
            asked = frozenset({"probe"})
            return str(
                ordered.engine.hooks.render(HOOK, asked=asked, group=None, group_id=1, viewer=None)
            )

    before = rendered()
    assert before.index("one") < before.index("two")
    operate(ordered, "move_handler", HOOK, key(ordered, "two"), "up")
    after = rendered()
    assert after.index("two") < after.index("one")
    assert sorted(before) == sorted(after)


@pytest.mark.parametrize(
    ("handler", "direction", "words"),
    [
        ("early", "up", "probe:early is the first of its kind"),
        ("early", "down", "probe:early is the last of its kind"),
        ("one", "up", "probe:one is the first of its kind"),
        ("three", "down", "probe:three is the last of its kind"),
    ],
)
def test_nobody_moves_out_of_the_band(ordered, handler, direction, words):
    """P-02, P-08: inside the band only; no neighbour is a refusal, and nothing changes."""
    refused(ordered, words, "move_handler", HOOK, key(ordered, handler), direction)


def test_handlers_that_are_off_are_neighbours_too(ordered):
    """2.3.1: the neighbour is the nearest row that is not deleted, switched off or not."""
    operate(ordered, "switch_handler", HOOK, key(ordered, "two"), on=False)
    operate(ordered, "move_handler", HOOK, key(ordered, "three"), "up")
    assert list(stored(ordered)) == ["early", "one", "three", "two", "late"]


def test_deleted_rows_are_passed_over(ordered):
    """2.3.1: a tombstone lies below every band; a deleted row with its old number is no neighbour either."""
    change(ordered, "two", delete_flg=1)
    operate(ordered, "move_handler", HOOK, key(ordered, "three"), "up")
    assert stored(ordered) == {"early": 500, "three": 400, "one": 398, "late": -400}


def test_a_number_outside_the_band_has_no_neighbours(ordered):
    """P-08: EC-CUBE handed out 400 to the 101st FIRST handler; such a row gets a number first."""
    change(ordered, "one", priority=350)
    change(ordered, "early", priority=400)
    words = "no place among its kind. Give it a number from 500 down to 401 first"
    refused(ordered, words, "move_handler", HOOK, key(ordered, "early"), "up")
    operate(ordered, "set_handler_priority", HOOK, key(ordered, "early"), 470)
    assert stored(ordered)["early"] == 470


# -- order ---------------------------------------------------------------------------------------


def test_the_same_numbers_are_handed_out_in_the_new_order(ordered):
    """2.3.1 order: the present numbers are redistributed, highest first; other types stay."""
    change(ordered, "three", priority=-7)
    wanted = [key(ordered, name) for name in ("three", "one", "two")]
    outcome = operate(ordered, "order_handlers", HOOK, "NORMAL", wanted)
    assert outcome.changed
    assert stored(ordered) == {"early": 500, "three": 400, "one": 399, "two": -7, "late": -400}
    assert called(ordered) == ["early", "three", "one", "two", "late"]
    again = operate(ordered, "order_handlers", HOOK, "NORMAL", wanted)
    assert not again.changed
    assert again.message == "The handlers are in this order already."


@pytest.mark.parametrize(
    "names",
    [
        ("one", "two"),
        ("one", "two", "three", "three"),
        ("one", "two", "early"),
        ("one", "two", "three", "early"),
        ("one", "two", "tab"),
        (),
    ],
)
def test_a_list_that_is_not_the_present_one_is_refused(ordered, names):
    """2.3.1 order: exactly the present set; ids of another type or hook are no part of it."""
    wanted = [key(ordered, name) for name in names]
    refusal = refused(ordered, "has changed meanwhile", "order_handlers", HOOK, "NORMAL", wanted)
    assert "Look at the handlers as they are now" in refusal.remedy


def test_the_imported_number_0_is_no_place_to_hand_out(ordered):
    """P-03: who takes the number 0 would be off; rows without a place are no part of the order."""
    change(ordered, "one", priority=0)
    wanted = [key(ordered, name) for name in ("three", "two")]
    operate(ordered, "order_handlers", HOOK, "NORMAL", wanted)
    assert stored(ordered) == {"early": 500, "three": 399, "two": 398, "one": 0, "late": -400}


# -- a number of one's choice --------------------------------------------------------------------


def test_a_number_is_set_inside_the_band(ordered):
    """P-08, 2.3.1 set; the same number again changes nothing."""
    one = key(ordered, "one")
    outcome = operate(ordered, "set_handler_priority", HOOK, one, -399)
    assert outcome.message == "probe:one has the priority -399 now."
    assert called(ordered) == ["early", "two", "three", "one", "late"]
    assert not operate(ordered, "set_handler_priority", HOOK, one, -399).changed


@pytest.mark.parametrize(
    ("handler", "number", "words"),
    [
        ("one", 401, "outside the band of NORMAL"),
        ("one", -400, "outside the band of NORMAL"),
        ("one", 0, "not 0"),
        ("one", 399, "399 is taken"),
        ("early", 400, "choose from 500 down to 401"),
        ("late", -500, "outside the band of LAST"),
        ("late", 10**30, "outside the band of LAST"),
    ],
)
def test_a_number_out_of_the_band_or_taken_is_refused(ordered, handler, number, words):
    """P-02, P-03, P-08."""
    refused(ordered, words, "set_handler_priority", HOOK, key(ordered, handler), number)


def test_the_number_of_a_deleted_row_is_free(ordered):
    """2.3.1: tombstones free the number; an imported deleted row that has none yet gets it now."""
    two = key(ordered, "two")
    change(ordered, "two", delete_flg=1)
    operate(ordered, "set_handler_priority", HOOK, key(ordered, "one"), 399)
    assert stored(ordered)["one"] == 399
    with ordered.arrange("read"):
        row = db.session.get(HandlerRow, two)
        assert row is not None
        assert row.priority == tombstone(two)


# -- on and off ----------------------------------------------------------------------------------


def test_a_handler_that_is_off_keeps_its_number_and_counts_as_0(ordered):
    """P-03 and 2.3.1: the switch keeps the number; the number in force is 0."""
    two = key(ordered, "two")
    outcome = operate(ordered, "switch_handler", HOOK, two, on=False)
    assert outcome.message == "probe:two is off; its place is kept."
    assert called(ordered) == ["early", "one", "three", "late"]
    with ordered.arrange("read"):
        line = next(each for each in read_table(HOOK).lines if each.handler == "two")
    assert (line.priority, line.stored, line.switched_on) == (0, 399, False)
    assert line.idle == "switched off here"
    assert not operate(ordered, "switch_handler", HOOK, two, on=False).changed
    operate(ordered, "switch_handler", HOOK, two, on=True)
    assert called(ordered) == ["early", "one", "two", "three", "late"]
    assert not operate(ordered, "switch_handler", HOOK, two, on=True).changed


def test_a_stored_0_is_off_until_it_is_switched_on(ordered):
    """P-03, P-05: imported data; it then gets the lowest number of its band minus 1."""
    change(ordered, "two", priority=0)
    assert called(ordered) == ["early", "one", "three", "late"]
    with ordered.arrange("read"):
        line = next(each for each in read_table(HOOK).lines if each.handler == "two")
    assert (line.priority, line.switched_on) == (0, False)
    assert "number 0" in line.idle
    operate(ordered, "switch_handler", HOOK, key(ordered, "two"), on=True)
    assert stored(ordered)["two"] == 397
    assert called(ordered) == ["early", "one", "three", "two", "late"]


def test_a_stored_0_stays_off_when_the_band_is_full(ordered):
    """P-06: no room left."""
    change(ordered, "early", priority=0)
    with ordered.arrange():
        plugin_id = db.session.scalars(select(PluginRow.plugin_id)).one()
        db.session.add_all(
            HandlerRow(
                event=HOOK,
                priority=number,
                plugin_id=plugin_id,
                handler=f"filler{number}",
                handler_type="FIRST",
            )
            for number in range(401, 501)
        )
    words = "All priorities for FIRST handlers"
    refused(ordered, words, "switch_handler", HOOK, key(ordered, "early"), on=True)
