"""The numbers of the handler table: P-01 to P-08 and 2.3.1."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.pluginengine.priorities import (
    BANDS,
    UNLISTED_PRIORITY,
    HandlerType,
    PriorityBandFull,
    Write,
    allocate,
    fault_of,
    neighbour,
    reorder,
    swap,
    temporary,
    tombstone,
)

TYPES: tuple[HandlerType, ...] = ("FIRST", "NORMAL", "LAST")
CAPACITY = {"FIRST": 100, "NORMAL": 799, "LAST": 100}


def numbers(handler_type: HandlerType, count: int) -> list[int]:
    """Allocate so many, one after the other."""
    used: list[int] = []
    for _ in range(count):
        used.append(allocate(used, handler_type))
    return used


@pytest.mark.parametrize(
    ("handler_type", "start"), [("FIRST", 500), ("NORMAL", 400), ("LAST", -400)]
)
def test_the_first_handler_gets_the_start_of_its_band(
    handler_type: HandlerType, start: int
) -> None:
    """P-04; numbers of other bands do not count."""
    others = [500, 400, -400]
    others.remove(start)
    assert allocate([], handler_type) == start
    assert allocate(others, handler_type) == start


def test_each_further_one_gets_the_lowest_minus_one() -> None:
    """P-05 as corrected: minimum minus 1, so that the third does not collide."""
    assert numbers("FIRST", 3) == [500, 499, 498]
    assert allocate([400, 396], "NORMAL") == 395


def test_zero_is_never_handed_out() -> None:
    """P-03: 0 means that the handler does not run; 1 is followed by -1."""
    assert allocate([400, 1], "NORMAL") == -1
    assert 0 not in numbers("NORMAL", 799)


@pytest.mark.parametrize("handler_type", TYPES)
def test_a_band_holds_its_capacity_and_then_refuses(handler_type: HandlerType) -> None:
    """P-02, P-06: the 101st FIRST handler fails, it does not become a NORMAL one."""
    used = numbers(handler_type, CAPACITY[handler_type])
    assert len(set(used)) == CAPACITY[handler_type]
    assert all(number in BANDS[handler_type] for number in used)
    with pytest.raises(PriorityBandFull, match=f"{handler_type} handlers of groupmenu"):
        allocate(used, handler_type, "groupmenu")


def test_at_the_bottom_the_highest_gap_is_taken() -> None:
    """2.3.1, step 4."""
    assert allocate([-400, -401, -499], "LAST") == -402
    assert allocate([400, -399], "NORMAL") == 399


def test_tombstones_and_temporaries_lie_below_every_band_and_do_not_count() -> None:
    """2.3.1: a deleted row frees its slot; the number stays unique."""
    assert tombstone(7) == -1_000_007
    assert temporary(7) == -2_000_007
    assert allocate([tombstone(1), temporary(2), UNLISTED_PRIORITY], "LAST") == -400


@given(st.sets(st.integers(-600, 600)), st.sampled_from(TYPES))
def test_what_is_allocated_is_free_and_in_the_band(
    used: set[int], handler_type: HandlerType
) -> None:
    """P-02, P-06."""
    try:
        number = allocate(used, handler_type)
    except PriorityBandFull:
        assert all(number in used for number in BANDS[handler_type])
    else:
        assert number not in used
        assert number in BANDS[handler_type]


@pytest.mark.parametrize("priority", [0, 401, -400, 500])
def test_an_admin_may_not_leave_the_band(priority: int) -> None:
    """P-08."""
    assert "band of NORMAL" in fault_of(priority, "NORMAL", ())


def test_an_admin_may_not_take_a_number_that_is_taken() -> None:
    """2.3.1: occupied is refused."""
    assert "taken" in fault_of(5, "NORMAL", {5})
    assert fault_of(5, "NORMAL", {6}) == ""


def played(rows: dict[int, int], writes: tuple[Write, ...]) -> dict[int, int]:
    """Apply writes one by one under the unique key."""
    rows = dict(rows)
    for write in writes:
        assert write.priority not in rows.values()
        rows[write.row_id] = write.priority
    return rows


def test_two_rows_exchange_numbers_without_ever_colliding() -> None:
    """2.3.1: swap in three steps."""
    rows = {1: 400, 2: 399}
    assert played(rows, swap(Write(1, 400), Write(2, 399))) == {1: 399, 2: 400}


def test_every_order_of_rows_is_reached_without_ever_colliding() -> None:
    """2.3.1: the set of numbers stays, in descending order of the list."""
    rows = {1: 400, 2: 399, 3: 12, 4: -7}
    for wanted in permutations(rows):
        after = played(rows, reorder(rows, wanted))
        assert sorted(after, key=lambda row: -after[row]) == list(wanted)
        assert sorted(after.values()) == sorted(rows.values())


def test_keeping_the_order_writes_nothing() -> None:
    """No write, no new generation."""
    assert reorder({1: 400, 2: 399}, [1, 2]) == ()


@pytest.mark.parametrize("wanted", [[1], [1, 2, 3], [1, 1], []])
def test_an_order_must_name_exactly_the_rows(wanted: list[int]) -> None:
    """2.3.1: must be exactly the current set."""
    with pytest.raises(ValueError, match="changed meanwhile"):
        reorder({1: 400, 2: 399}, wanted)


def test_the_neighbour_is_the_nearest_inside_the_band() -> None:
    """2.3.1: up and down end at the band's ends."""
    rows = {1: 500, 2: 401, 3: 400, 4: 10, 5: tombstone(5)}
    band = BANDS["NORMAL"]
    assert neighbour(rows, 4, "up", band) == 3
    assert neighbour(rows, 3, "down", band) == 4
    assert neighbour(rows, 3, "up", band) is None
    assert neighbour(rows, 4, "down", band) is None
