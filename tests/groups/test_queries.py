"""Reads of groups as different people see them, on both databases."""

from datetime import UTC, datetime

import pytest

from portal.accounts.models import User
from portal.core.database import db
from portal.core.errors import NotFound
from portal.core.unit_of_work import Unit
from portal.groups.owner import find_owner
from portal.groups.queries import (
    find_group,
    find_group_by_id,
    groups_of,
    has_word,
    newest_public_groups,
    visible_groups,
)
from tests.factories import make_group, make_member, make_user


@pytest.fixture
def bob(unit: Unit) -> User:
    """A member of the private group gemini, beside public apollo, hidden mercury and new vostok."""
    bob = make_user("bob")
    make_group("apollo")
    make_group("mercury", is_public=False)
    make_group("vostok", status="P")
    make_member(make_group("gemini", is_public=False), bob, "Reader")
    return bob


def refusal(name: str, viewer: User | None) -> str:
    """Return the text with which a group is refused."""
    with pytest.raises(NotFound) as refused:
        find_group(name, viewer)
    return str(refused.value)


def test_a_hidden_group_and_a_missing_one_are_refused_alike(bob: User) -> None:
    """Issue 2: private groups are 404 to outsiders; forge 4.7: without leaking the name."""
    texts = {refusal(name, bob) for name in ("mercury", "vostok", "missing")}
    assert len(texts) == 1
    assert refusal("gemini", None) in texts


def test_members_see_their_private_group_and_site_admins_see_all(bob: User) -> None:
    """Engineering 2 (o); forge 4.0: a group that is not active shows to site admins only."""
    admin = make_user("admin", is_site_admin=True)
    assert find_group("gemini", bob).name == "gemini"
    assert find_group("vostok", admin).name == "vostok"
    names = {group.name for group in db.session.scalars(visible_groups(admin))}
    assert names == {"apollo", "mercury", "gemini", "vostok"}


@pytest.mark.parametrize(("viewer", "names"), [("", {"apollo"}), ("bob", {"apollo", "gemini"})])
def test_the_list_holds_public_groups_and_ones_own(bob: User, viewer: str, names: set[str]) -> None:
    """What find_group would refuse is not listed."""
    found = db.session.scalars(visible_groups(bob if viewer else None))
    assert {group.name for group in found} == names


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("APO", {"apollo"}),
        ("about gemini", {"gemini"}),
        ("apollo gemini", set()),
        ("%", set()),
        ("_", set()),
        ("mercury", set()),
        ("", {"apollo", "gemini"}),
    ],
)
def test_a_search_matches_every_word_and_only_what_is_visible(
    bob: User, words: str, names: set[str]
) -> None:
    """Signs of LIKE are ordinary characters."""
    found = visible_groups(bob).where(*(has_word(word) for word in words.split()))
    assert {group.name for group in db.session.scalars(found)} == names


def test_a_group_is_found_by_its_key_too(bob: User) -> None:
    """Design 9: a plugin page may carry group_id."""
    group = find_group("apollo", None)
    assert find_group_by_id(group.group_id, None) is group
    assert find_owner(str(group.group_id), True) is group
    assert find_owner("apollo", False) is group


@pytest.mark.parametrize("text", ["0", "-1", "1.0", "x", "", "99999999999999999999", "¹"])
def test_a_key_that_is_none_finds_nothing(bob: User, text: str) -> None:
    """Whatever stands in group_id, the answer is 404, never an error."""
    assert find_owner(text, True) is None


def test_the_newest_public_groups_come_first(unit: Unit) -> None:
    """The front page shows what was approved last."""
    for day, name in enumerate(("old", "new"), start=1):
        make_group(name, approved_at=datetime(2024, 1, day, tzinfo=UTC))
    make_group("hidden", is_public=False, approved_at=datetime(2024, 1, 9, tzinfo=UTC))
    assert [group.name for group in newest_public_groups(5)] == ["new", "old"]
    assert [group.name for group in newest_public_groups(1)] == ["new"]


def test_ones_groups_come_with_ones_roles(bob: User) -> None:
    """Forge 4.4: my projects, with roles."""
    ((group, membership),) = groups_of(bob)
    assert (group.name, membership.roles) == ("gemini", ("Reader",))
