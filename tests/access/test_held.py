"""Grants for single objects, and grants to members directly."""

from dataclasses import dataclass

import pytest

from portal.access.decisions import can
from portal.access.models import MemberPermission, RolePermission
from portal.access.permissions import Permission, current_permissions
from portal.access.queries import member_permissions, role_named
from portal.access.roles import create_role
from portal.access.services import add_member, remove_member, set_member_permissions
from portal.accounts.models import User
from portal.core.database import db
from portal.core.errors import Conflict, Invalid
from portal.core.unit_of_work import Unit
from portal.groups.models import Group
from tests.factories import make_group, make_member, make_user

READ, WRITE = "group.thing_read", "group.thing_write"

pytestmark = pytest.mark.usefixtures("unit")


@dataclass(frozen=True)
class Thing:
    """An object that permissions can be given for alone."""

    grant_id: int
    grant_kind: str = "thing"


@pytest.fixture(autouse=True)
def _permissions(unit: Unit) -> None:
    """To write a thing is to read it, too."""
    current_permissions().declare(
        [
            Permission(id=READ, label="Read"),
            Permission(id=WRITE, label="Write", inherit_from=(READ,)),
        ]
    )


@pytest.fixture
def group(unit: Unit) -> Group:
    """A private group, so that visitors hold nothing."""
    return make_group("gemini", is_public=False)


@pytest.fixture
def bob(group: Group) -> User:
    """A reader of the group."""
    return make_member(group, make_user("bob"), "Reader")


def test_a_role_may_give_a_permission_for_one_object(group: Group) -> None:
    """Design 7: a grant may carry an object (one tracker, one repository)."""
    carol = make_user("carol")
    role = create_role(group, "Seven", ["group.read"])
    grant = RolePermission(role_id=role.role_id, permission=WRITE, object_kind="thing", object_id=7)
    db.session.add(grant)
    add_member(group, carol, role)
    assert can(carol, WRITE, group, on=Thing(7))
    assert can(carol, READ, group, on=Thing(7))
    assert not can(carol, WRITE, group, on=Thing(8))
    assert not can(carol, WRITE, group, on=Thing(7, "other"))
    assert not can(carol, WRITE, group)


def test_what_is_held_in_the_whole_group_is_held_for_each_object(group: Group, bob: User) -> None:
    """Grants add up; none takes away."""
    set_member_permissions(group, bob, [READ])
    assert can(bob, READ, group, on=Thing(7))
    assert not can(bob, WRITE, group, on=Thing(7))


def test_an_object_of_another_group_is_not_meant(group: Group, bob: User) -> None:
    """The grant stands in one group; asked in another it counts for nothing."""
    other = make_group("vostok", is_public=False)
    make_member(other, bob, "Reader")
    grant = MemberPermission(
        group_id=group.group_id,
        user_id=bob.user_id,
        permission=WRITE,
        object_kind="thing",
        object_id=7,
    )
    db.session.add(grant)
    db.session.flush()
    assert can(bob, WRITE, group, on=Thing(7))
    assert not can(bob, WRITE, other, on=Thing(7))


def test_group_administration_covers_every_object(group: Group) -> None:
    """Spec 3.3.5: it stands for all of the group."""
    alice = make_member(group, make_user("alice"), "Admin")
    assert can(alice, WRITE, group, on=Thing(7))


def test_a_member_holds_permissions_of_their_own(group: Group, bob: User) -> None:
    """Issue 4: direct grants of group permissions to a member within a group."""
    dora = make_member(group, make_user("dora"), "Reader")
    assert not can(bob, WRITE, group)
    assert set_member_permissions(group, bob, [WRITE, READ])
    assert not set_member_permissions(group, bob, [WRITE])
    assert member_permissions(group.group_id, bob.user_id) == [WRITE]
    assert can(bob, WRITE, group)
    assert not can(dora, WRITE, group)
    assert set_member_permissions(group, bob, [])
    assert not can(bob, WRITE, group)


@pytest.mark.parametrize("permission", ["group.unknown", "system.administer", ""])
def test_only_registered_group_permissions_are_granted(
    group: Group, bob: User, permission: str
) -> None:
    """A grant of something else would wait unseen for a plugin that means something by it."""
    with pytest.raises(Invalid, match="no such permission"):
        set_member_permissions(group, bob, [permission])


def test_grants_that_nobody_declares_are_kept(group: Group, bob: User) -> None:
    """Spec 3.3.5: they return with the plugin."""
    stored = MemberPermission(
        group_id=group.group_id, user_id=bob.user_id, permission="group.hello_greet"
    )
    db.session.add(stored)
    db.session.flush()
    set_member_permissions(group, bob, [READ])
    assert member_permissions(group.group_id, bob.user_id) == ["group.hello_greet", READ]


def test_direct_grants_go_with_the_membership(group: Group, bob: User) -> None:
    """Who comes back begins anew."""
    set_member_permissions(group, bob, [WRITE])
    remove_member(group, bob)
    assert member_permissions(group.group_id, bob.user_id) == []
    make_member(group, bob, "Reader")
    assert not can(bob, WRITE, group)


def test_who_is_no_member_is_granted_nothing(group: Group) -> None:
    """And a grant without a membership counts for nothing."""
    carol = make_user("carol")
    with pytest.raises(Conflict, match="not a member"):
        set_member_permissions(group, carol, [WRITE])
    db.session.add(
        MemberPermission(group_id=group.group_id, user_id=carol.user_id, permission=WRITE)
    )
    db.session.flush()
    assert not can(carol, WRITE, group)
    assert not can(carol, "group.read", group)


def test_several_roles_and_grants_add_up(group: Group, bob: User) -> None:
    """Engineering 2o."""
    developer = role_named(group.group_id, "Developer")
    assert developer is not None
    add_member(group, bob, developer)
    set_member_permissions(group, bob, [READ])
    assert all(can(bob, each, group) for each in ("group.read", "group.see_members", READ))
