"""Who is in a group, and where a person belongs."""

import pytest

from portal.access.queries import members_of, memberships_of
from portal.access.services import add_member
from portal.accounts.services import set_status
from tests.factories import make_group, make_member, make_user

pytestmark = pytest.mark.usefixtures("unit")


def test_members_come_administrators_first_then_by_name() -> None:
    """Forge 4.7: admins first, then members."""
    people = {name: make_user(name) for name in ("dora", "bob", "alice", "carl")}
    group = make_group("apollo")
    make_member(group, people["dora"], "Admin")
    for name in ("carl", "alice"):
        add_member(group, people[name], "Reader")
    add_member(group, people["bob"], "Developer")
    add_member(group, people["bob"], "Reader")
    members = members_of(group.group_id, limit=10)
    assert [each.user.user_name for each in members] == ["dora", "alice", "bob", "carl"]
    assert [each.is_admin for each in members] == [True, False, False, False]
    assert members[2].roles == ("Developer", "Reader")


def test_suspended_people_and_other_groups_are_not_listed() -> None:
    """Forge 4.5: only active users are shown."""
    alice, bob, carol = make_user("alice"), make_user("bob"), make_user("carol")
    group = make_group("apollo")
    make_member(group, alice, "Admin")
    make_member(group, bob, "Reader")
    make_member(make_group("mercury"), carol, "Admin")
    set_status(bob, "S")
    assert [each.user for each in members_of(group.group_id, limit=10)] == [alice]


def test_a_persons_memberships_name_their_roles() -> None:
    """Forge 4.4: my groups, with roles."""
    alice = make_user("alice")
    apollo, mercury = make_group("apollo"), make_group("mercury")
    make_member(apollo, alice, "Admin")
    make_member(mercury, alice, "Reader")
    make_group("gemini")
    found = memberships_of(alice.user_id)
    assert set(found) == {apollo.group_id, mercury.group_id}
    assert found[apollo.group_id].is_admin
    assert found[mercury.group_id].roles == ("Reader",)
    assert not found[mercury.group_id].is_admin
