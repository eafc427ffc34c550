"""What people hold on the whole site: direct grants, and roles of the site."""

import pytest

from portal.access.decisions import can
from portal.access.holders import given_by, holders_of, people_with_grants, site_roles_of
from portal.access.models import UserPermission
from portal.access.queries import permissions_of_person, role_named
from portal.access.roles import create_role, delete_role
from portal.access.sitegrants import (
    give_site_role,
    grant_system,
    revoke_system,
    set_system_permissions,
    take_site_role,
)
from portal.core.database import db
from portal.core.errors import Conflict, Invalid
from tests.factories import make_group, make_user

pytestmark = pytest.mark.usefixtures("unit")


def test_a_site_grant_is_given_once_and_taken_back() -> None:
    """M-28: a person holds system permissions directly."""
    make_user("ada", is_site_admin=True)
    alice = make_user("alice")
    assert not can(alice, "system.administer")
    assert grant_system(alice, "system.administer")
    assert not grant_system(alice, "system.administer")
    assert can(alice, "system.administer")
    assert revoke_system(alice, "system.administer")
    assert not revoke_system(alice, "system.administer")
    assert not can(alice, "system.administer")


@pytest.mark.parametrize("permission", ["system.unknown", "group.read"])
def test_only_a_registered_site_permission_is_granted(permission: str) -> None:
    """A grant of something else would wait unseen for a plugin that means something by it."""
    for grant in (grant_system, lambda user, each: set_system_permissions(user, [each])):
        with pytest.raises(Invalid, match="no such permission"):
            grant(make_user(f"alice{id(grant)}"), permission)


def test_the_ticked_permissions_are_held_and_no_other() -> None:
    """Ids that nobody declares are kept (spec 3.3.5)."""
    alice = make_user("alice")
    db.session.add(UserPermission(user_id=alice.user_id, permission="system.hello_wave"))
    db.session.flush()
    assert set_system_permissions(alice, ["system.approve_groups"])
    assert not set_system_permissions(alice, ["system.approve_groups"])
    assert can(alice, "system.approve_groups")
    assert set_system_permissions(alice, [])
    assert permissions_of_person(alice.user_id) == ["system.hello_wave"]
    assert people_with_grants() == [(alice, ("system.hello_wave",))]


def test_a_global_role_gives_its_permissions_to_those_who_have_it() -> None:
    """Forge 4.13: global roles; add and remove users, delete when empty."""
    alice = make_user("alice")
    role = create_role(None, "Approvers", ["system.approve_groups"])
    give_site_role(role, alice)
    assert can(alice, "system.approve_groups")
    assert not can(alice, "system.administer")
    assert list(holders_of(role)) == [alice]
    assert list(site_roles_of(alice)) == [role]
    assert given_by([role]) == {"system.approve_groups"}
    with pytest.raises(Conflict, match="has the role Approvers already"):
        give_site_role(role, alice)
    with pytest.raises(Conflict, match="Somebody has the role"):
        delete_role(None, role)
    assert take_site_role(role, alice)
    assert not take_site_role(role, alice)
    assert not can(alice, "system.approve_groups")
    delete_role(None, role)


def test_a_role_of_a_group_is_no_global_role() -> None:
    """Forge 4.0: authorise on the object."""
    alice, reader = make_user("alice"), role_named(make_group("apollo").group_id, "Reader")
    assert reader is not None
    with pytest.raises(Invalid, match="belongs elsewhere"):
        give_site_role(reader, alice)
    with pytest.raises(Invalid, match="belongs elsewhere"):
        take_site_role(reader, alice)


def test_only_active_people_get_a_global_role() -> None:
    """As in groups (forge 4.8)."""
    role = create_role(None, "Approvers", ["system.approve_groups"])
    with pytest.raises(Invalid, match="no active account"):
        give_site_role(role, make_user("dave", status="S"))
