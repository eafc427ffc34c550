"""Memberships and direct grants in a group: what the services write and what they refuse."""

import pytest

from portal.access.decisions import can
from portal.access.queries import memberships_of, roles_of
from portal.access.services import add_member, change_role, remove_member
from portal.core.errors import Conflict, Invalid
from tests.factories import make_group, make_member, make_user

pytestmark = pytest.mark.usefixtures("unit")


def test_the_counter_counts_people_not_roles() -> None:
    """Design 8: counters are kept, not counted."""
    alice, bob = make_user("alice"), make_user("bob")
    group = make_group("apollo")
    make_member(group, alice, "Admin")
    add_member(group, bob, "Reader")
    add_member(group, bob, "Developer")
    assert group.member_count == 2
    remove_member(group, bob)
    assert group.member_count == 1
    assert memberships_of(bob.user_id) == {}


def test_only_active_people_are_added_and_each_role_once() -> None:
    """Forge 4.8: only active users can be added."""
    alice, group = make_user("alice"), make_group("apollo")
    with pytest.raises(Invalid, match="no active account"):
        add_member(group, make_user("ghost", status="S"), "Reader")
    add_member(group, alice, "Reader")
    with pytest.raises(Conflict, match="has the role Reader already"):
        add_member(group, alice, "Reader")
    assert group.member_count == 1


def test_a_role_of_another_group_is_refused() -> None:
    """Forge 4.0: authorise on the object, not on a request id."""
    apollo, mercury = make_group("apollo"), make_group("mercury")
    foreign = roles_of(mercury.group_id)[0]
    with pytest.raises(Invalid, match="no role Admin"):
        add_member(apollo, make_user("alice"), foreign)
    with pytest.raises(Invalid, match="no role Owner"):
        add_member(apollo, make_user("bob"), "Owner")


def test_changing_a_role_replaces_all_others() -> None:
    """A member who held two roles holds the new one alone."""
    alice, bob = make_user("alice"), make_user("bob")
    group = make_group("apollo")
    make_member(group, alice, "Admin")
    make_member(group, bob, "Reader")
    add_member(group, bob, "Developer")
    change_role(group, bob, "Admin")
    assert memberships_of(bob.user_id)[group.group_id].roles == ("Admin",)
    assert can(bob, "group.administer", group)
    assert group.member_count == 2


def test_the_last_administrator_stays() -> None:
    """Forge 4.8: an admin cannot leave while admin; here: while nobody else is."""
    alice, bob = make_user("alice"), make_user("bob")
    group = make_group("apollo")
    make_member(group, alice, "Admin")
    make_member(group, bob, "Reader")
    with pytest.raises(Conflict, match="last administrator"):
        remove_member(group, alice)
    with pytest.raises(Conflict, match="last administrator"):
        change_role(group, alice, "Reader")
    change_role(group, alice, "Admin")
    change_role(group, bob, "Admin")
    remove_member(group, alice)
    assert not can(alice, "group.administer", group)


def test_a_stranger_cannot_be_removed_or_changed() -> None:
    """The counter would go wrong."""
    group = make_group("apollo")
    for act in (remove_member, lambda group, user: change_role(group, user, "Reader")):
        with pytest.raises(Conflict, match="not a member"):
            act(group, make_user(f"carol{id(act)}"))
    assert group.member_count == 0
