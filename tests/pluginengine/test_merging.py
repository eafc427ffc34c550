"""Anchors: items that name the one they stand after (spec 1C.5)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.pluginengine.merging import honour_anchors
from tests.pluginengine.dispatching import Item


def ordered(text: str) -> str:
    """Arrange items written as ``key`` or ``key>after``."""
    items = [Item(*word.split(">")) for word in text.split()]
    return " ".join(item.key for item in honour_anchors(items))


@pytest.mark.parametrize(
    ("given_order", "expected"),
    [
        ("a b c", "a b c"),
        ("a b c>a", "a c b"),
        ("c>b a b", "a b c"),
        ("a b x>a y>a", "a x y b"),
        ("a b x>a y>x", "a x y b"),
        ("y>x a x>a", "a x y"),
        ("a>nobody b", "a b"),
        ("a>a b", "a b"),
        ("a>b b>a c", "a b c"),
        ("a b>c c>d d>b e>c", "a b c e d"),
        ("a b a c>a", "a c b a"),
    ],
)
def test_items_move_behind_the_one_they_name(given_order: str, expected: str) -> None:
    """Unknown names, self-reference and circles leave items where they were."""
    assert ordered(given_order) == expected


KEYS = st.sampled_from("abcde")


@given(st.lists(st.builds(Item, key=KEYS, after=st.one_of(st.just(""), KEYS, st.just("zz")))))
def test_no_item_is_lost_or_doubled(items: list[Item]) -> None:
    """Whatever plugins name."""
    after = honour_anchors(items)
    assert sorted(map(id, after)) == sorted(map(id, items))
