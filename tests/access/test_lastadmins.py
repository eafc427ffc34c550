"""The last administrator of a group and the last site admin stay, by whatever way they would go."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from threading import Thread

import pytest
from flask import Flask

from portal.access.decisions import can, is_site_admin
from portal.access.models import Role
from portal.access.queries import role_named
from portal.access.roles import create_role, update_role
from portal.access.services import (
    change_role,
    remove_member,
    set_member_permissions,
    set_roles,
)
from portal.access.sitegrants import (
    give_site_role,
    grant_system,
    make_site_admin,
    revoke_system,
    set_system_permissions,
    take_site_role,
    unmake_site_admin,
)
from portal.accounts.loading import find_user
from portal.accounts.models import User
from portal.accounts.services import set_status
from portal.core.errors import Conflict
from portal.core.unit_of_work import Unit, unit_of_work
from portal.groups.models import Group
from portal.groups.queries import named_group
from tests.factories import make_group, make_member, make_user

Arrange = Callable[[], AbstractContextManager[Unit]]
LAST = "last administrator"


@pytest.fixture
def apollo(unit: Unit) -> Group:
    """A group that alice alone administers; bob works in it."""
    group = make_group("apollo")
    make_member(group, make_user("alice"), "Admin")
    make_member(group, make_user("bob"), "Developer")
    return group


def person(user_name: str) -> User:
    """Return an account that is there."""
    found = find_user(user_name)
    assert found is not None
    return found


def role(group: Group, name: str) -> Role:
    """Return a role that is there."""
    found = role_named(group.group_id, name)
    assert found is not None
    return found


WAYS_OUT: dict[str, Callable[[Group, User], object]] = {
    "remove": remove_member,
    "change": lambda group, alice: change_role(group, alice, "Reader"),
    "set": lambda group, alice: set_roles(group, alice, ["Reader", "Developer"]),
    "edit": lambda group, alice: update_role(
        group, role(group, "Admin"), name="Admin", description="", permissions=["group.read"]
    ),
}


@pytest.mark.parametrize("way", WAYS_OUT)
def test_no_way_leads_out_for_the_last_administrator_of_a_group(apollo: Group, way: str) -> None:
    """Forge 4.8: checked in the service; what was refused leaves no trace."""
    alice = person("alice")
    with pytest.raises(Conflict, match=LAST):
        WAYS_OUT[way](apollo, alice)
    assert can(alice, "group.administer", apollo)
    assert apollo.member_count == 2


@pytest.mark.parametrize("way", WAYS_OUT)
def test_every_way_is_open_when_somebody_else_administers_it_directly(
    apollo: Group, way: str
) -> None:
    """A direct grant makes an administrator as a role does."""
    alice, bob = person("alice"), person("bob")
    set_member_permissions(apollo, bob, ["group.administer"])
    WAYS_OUT[way](apollo, alice)
    assert not can(alice, "group.administer", apollo)
    assert can(bob, "group.administer", apollo)
    with pytest.raises(Conflict, match=LAST):
        set_member_permissions(apollo, bob, [])
    assert can(bob, "group.administer", apollo)


def test_a_suspended_administrator_does_not_count(apollo: Group) -> None:
    """Nobody could log in and do it."""
    alice, bob = person("alice"), person("bob")
    change_role(apollo, bob, "Admin")
    set_status(bob, "S")
    with pytest.raises(Conflict, match=LAST):
        remove_member(apollo, alice)
    remove_member(apollo, bob)


SITE_WAYS_OUT: dict[str, Callable[[User, Role], object]] = {
    "revoke": lambda ada, auditors: revoke_system(ada, "system.administer"),
    "untick": lambda ada, auditors: set_system_permissions(ada, []),
    "demote": lambda ada, auditors: unmake_site_admin(ada),
    "suspend": lambda ada, auditors: set_status(ada, "S"),
    "delete": lambda ada, auditors: set_status(ada, "D"),
}


@pytest.mark.parametrize("way", SITE_WAYS_OUT)
def test_no_way_leads_out_for_the_last_site_admin(unit: Unit, way: str) -> None:
    """Issue 4: the last site admin can never lose it."""
    ada = make_user("ada", is_site_admin=True)
    auditors = create_role(None, "Auditors", ["system.approve_groups"])
    with pytest.raises(Conflict, match="last site admin"):
        SITE_WAYS_OUT[way](ada, auditors)
    assert is_site_admin(ada)


@pytest.mark.parametrize("way", SITE_WAYS_OUT)
def test_every_way_is_open_when_somebody_else_is_site_admin_by_a_role(unit: Unit, way: str) -> None:
    """A global role makes a site admin as a direct grant does, and is held like one."""
    ada, eve = make_user("ada", is_site_admin=True), make_user("eve")
    admins = create_role(None, "Admins", ["system.administer"])
    give_site_role(admins, eve)
    SITE_WAYS_OUT[way](ada, admins)
    assert not is_site_admin(ada)
    with pytest.raises(Conflict, match="last site admin"):
        take_site_role(admins, eve)
    with pytest.raises(Conflict, match="last site admin"):
        unmake_site_admin(eve)
    with pytest.raises(Conflict, match="last site admin"):
        update_role(
            None, admins, name="Admins", description="", permissions=["system.approve_groups"]
        )
    assert is_site_admin(eve)


def test_demoting_takes_the_grant_and_every_role_that_gives_it(unit: Unit) -> None:
    """Otherwise the person would still be one."""
    make_user("ada", is_site_admin=True)
    eve = make_user("eve", is_site_admin=True)
    give_site_role(create_role(None, "Admins", ["system.administer"]), eve)
    assert unmake_site_admin(eve)
    assert not is_site_admin(eve)
    assert not unmake_site_admin(eve)


def test_only_an_active_account_becomes_site_admin(unit: Unit) -> None:
    """It would count for nothing until somebody activates it unaware."""
    with pytest.raises(Conflict, match="no active account"):
        make_site_admin(make_user("dave", status="S"))
    assert make_site_admin(make_user("ada"))


def test_two_administrators_who_demote_each_other_at_once_leave_one(
    app: Flask, arrange: Arrange
) -> None:
    """Under a lock: the second one waits, looks again and is refused."""
    with arrange():
        group = make_group("apollo")
        for name in ("alice", "bob"):
            make_member(group, make_user(name), "Admin")
        for name in ("ada", "eve"):
            make_user(name, is_site_admin=True)
    refused = both_at_once(app, demote_in_group("alice"), demote_in_group("bob"))
    assert refused == 1
    refused = both_at_once(app, demote_on_site("ada"), demote_on_site("eve"))
    assert refused == 1


def both_at_once(app: Flask, *acts: Callable[[], object]) -> int:
    """Run the acts in transactions of their own at the same time; return how many were refused."""
    refusals: list[Conflict] = []

    def run(act: Callable[[], object]) -> None:
        try:
            with app.app_context(), unit_of_work("write"):
                act()
        except Conflict as refusal:
            refusals.append(refusal)

    threads = [Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return len(refusals)


def demote_in_group(user_name: str) -> Callable[[], object]:
    """Return what takes the administration of apollo from the person."""

    def act() -> None:
        group = named_group("apollo")
        assert group is not None
        change_role(group, person(user_name), "Reader")

    return act


def demote_on_site(user_name: str) -> Callable[[], object]:
    """Return what takes site administration from the person."""
    return lambda: unmake_site_admin(person(user_name))


def test_a_group_without_any_administrator_can_still_be_changed(unit: Unit) -> None:
    """Site admins repair it; the rule keeps the last one, it does not conjure one."""
    group, bob = make_group("vostok"), make_user("bob")
    make_member(group, bob, "Reader")
    remove_member(group, bob)
    assert group.member_count == 0


def test_grants_that_are_no_administration_go_freely(unit: Unit) -> None:
    ada = make_user("ada", is_site_admin=True)
    grant_system(ada, "system.approve_groups")
    assert revoke_system(ada, "system.approve_groups")
    assert is_site_admin(ada)
