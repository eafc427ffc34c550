"""What "public" means: ``groups.is_public`` and the two roles of visitors (design 7, forge 4.0)."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from portal.access.decisions import can
from portal.access.models import ANONYMOUS, LOGGED_IN, RolePermission
from portal.access.permissions import Permission, current_permissions
from portal.access.queries import role_overview
from portal.access.roles import update_visitor_role
from portal.core.database import db
from portal.core.unit_of_work import Unit
from portal.groups.models import Group
from portal.groups.queries import find_group
from tests.access.test_held import Thing
from tests.factories import make_group, make_member, make_user

CountSelects = Callable[[], AbstractContextManager[list[str]]]
TALK, WRITE = "group.talk", "group.write"

pytestmark = pytest.mark.usefixtures("unit")


@pytest.fixture(autouse=True)
def _permissions(unit: Unit) -> None:
    """Two permissions that nothing in the portal asks for."""
    current_permissions().declare(
        [Permission(id=TALK, label="Talk"), Permission(id=WRITE, label="Write")]
    )


def give(group: Group, kind: str, *permissions: str) -> None:
    """Make these the permissions of visitors of that kind."""
    (role,) = (each.role for each in role_overview(group.group_id) if each.role.kind == kind)
    update_visitor_role(group, role, permissions)


def test_each_kind_of_visitor_holds_its_own_and_what_the_wider_one_holds() -> None:
    """Forge 4.0: every role has at least what Anonymous and LoggedIn have."""
    bob, carol, group = make_user("bob"), make_user("carol"), make_group("apollo")
    make_member(group, bob, "Reader")
    give(group, ANONYMOUS, TALK)
    give(group, LOGGED_IN, WRITE)
    holders = {
        (name, permission): can(user, permission, group)
        for name, user in (("nobody", None), ("carol", carol), ("bob", bob))
        for permission in (TALK, WRITE, "group.see_members", "group.administer")
    }
    assert {key for key, held in holders.items() if held} == {
        ("nobody", TALK),
        ("carol", TALK),
        ("carol", WRITE),
        ("bob", TALK),
        ("bob", WRITE),
        ("bob", "group.see_members"),
    }


def test_a_private_group_gives_visitors_nothing_and_keeps_what_is_stored() -> None:
    """The two roles come back when the group is public again."""
    carol, group = make_user("carol"), make_group("apollo")
    give(group, ANONYMOUS, TALK)
    group.is_public = False
    assert not can(None, TALK, group)
    assert not can(carol, TALK, group)
    assert not can(carol, "group.read", group)
    group.is_public = True
    assert can(None, TALK, group)


@pytest.mark.parametrize("status", ["P", "H", "D"])
def test_a_group_that_is_not_active_gives_visitors_nothing(status: str) -> None:
    """Forge 4.0: visible to site admins only."""
    group = make_group("apollo", status=status)
    give(group, ANONYMOUS, TALK)
    assert not can(None, TALK, group)


def test_a_suspended_person_is_an_anonymous_visitor() -> None:
    """Spec 3.3.5: inactive user no."""
    dave, group = make_user("dave", status="S"), make_group("apollo")
    give(group, ANONYMOUS, TALK)
    give(group, LOGGED_IN, WRITE)
    assert can(dave, TALK, group)
    assert not can(dave, WRITE, group)


def test_visitors_may_hold_a_permission_for_one_object() -> None:
    """Issue 4: grants may carry an object."""
    group = make_group("apollo")
    role = role_overview(group.group_id)[-2].role
    assert role.kind == ANONYMOUS
    grant = RolePermission(role_id=role.role_id, permission=WRITE, object_kind="thing", object_id=7)
    db.session.add(grant)
    db.session.flush()
    assert can(None, WRITE, group, on=Thing(7))
    assert not can(None, WRITE, group, on=Thing(8))
    assert not can(None, WRITE, group)


def test_what_visitors_hold_comes_with_the_row_of_the_group(
    unit: Unit, count_selects: CountSelects
) -> None:
    """Issue 4: answered from what the request has already loaded."""
    give(make_group("apollo"), ANONYMOUS, TALK)
    give(make_group("mercury"), ANONYMOUS)
    db.session.expunge_all()
    unit.cache.clear()
    with count_selects() as selects:
        assert can(None, TALK, find_group("apollo", None))
        assert not can(None, TALK, find_group("mercury", None))
    assert len(selects) == 2


def test_a_stored_permission_that_has_come_to_mean_more_makes_no_visitor_an_administrator() -> None:
    """Forge 4.0: an update of a plugin may let what visitors hold inherit from what is for members."""
    shout = Permission(id="group.shout", label="Shout", inherit_from=("group.administer",))
    current_permissions().declare([shout])
    group = make_group("apollo")
    (role,) = (each.role for each in role_overview(group.group_id) if each.role.kind == ANONYMOUS)
    db.session.add(RolePermission(role_id=role.role_id, permission="group.shout"))
    db.session.flush()
    assert can(None, "group.shout", find_group("apollo", None))
    assert not can(None, "group.administer", find_group("apollo", None))
    assert not can(None, WRITE, find_group("apollo", None))
