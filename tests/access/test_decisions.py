"""The one question, asked for every kind of person and group, on both databases."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from sqlalchemy import update

from portal.access.decisions import can, is_member
from portal.access.models import RolePermission
from portal.access.permissions import Permission, current_permissions
from portal.access.roles import create_role
from portal.access.services import add_member
from portal.access.sitegrants import grant_system
from portal.accounts.loading import find_user
from portal.accounts.services import set_status
from portal.core.database import db
from portal.core.unit_of_work import Unit
from portal.groups.queries import find_group
from tests.factories import make_group, make_member, make_user

CountSelects = Callable[[], AbstractContextManager[list[str]]]

pytestmark = pytest.mark.usefixtures("unit")


def test_everybody_reads_a_public_group_and_nobody_else_a_private_one() -> None:
    """Design 7: ``groups.is_public`` says what "public" means."""
    carol = make_user("carol")
    apollo, gemini = make_group("apollo"), make_group("gemini", is_public=False)
    assert can(None, "group.read", apollo)
    assert can(carol, "group.read", apollo)
    assert not can(None, "group.read", gemini)
    assert not can(carol, "group.read", gemini)


def test_members_read_their_private_group_whatever_their_role() -> None:
    """A role without ``group.read`` is still a membership."""
    bob = make_user("bob")
    gemini = make_group("gemini", is_public=False)
    current_permissions().declare([Permission(id="group.talk", label="Talk")])
    create_role(gemini, "Talker", ["group.talk"])
    add_member(gemini, bob, "Talker")
    assert is_member(bob, gemini)
    assert can(bob, "group.read", gemini)
    assert can(bob, "group.talk", gemini)
    assert not can(bob, "group.administer", gemini)


def test_a_group_admin_holds_every_group_permission_in_that_group_only() -> None:
    """Spec 3.3.5: ``group.administer`` stands for all of its group."""
    alice = make_user("alice")
    apollo, mercury = make_group("apollo"), make_group("mercury")
    make_member(apollo, alice, "Admin")
    current_permissions().declare([Permission(id="group.talk", label="Talk")])
    assert can(alice, "group.administer", apollo)
    assert can(alice, "group.talk", apollo)
    assert not can(alice, "group.administer", mercury)
    assert not can(alice, "system.administer")
    assert not can(alice, "system.administer", apollo)


def test_a_site_admin_may_do_everything_everywhere() -> None:
    """Engineering 2o: a site admin sees private groups; forge 4.0: and pending ones."""
    admin = make_user("admin", is_site_admin=True)
    for group in (make_group("gemini", is_public=False), make_group("vega", status="P")):
        assert can(admin, "group.read", group)
        assert can(admin, "group.administer", group)
    assert can(admin, "system.administer")


@pytest.mark.parametrize("status", ["P", "H", "D"])
def test_a_group_that_is_not_active_is_closed_to_its_own_admin(status: str) -> None:
    """Forge 4.0: visible to site admins only."""
    alice = make_user("alice")
    group = make_group("vega", status=status)
    make_member(group, alice, "Admin")
    assert not can(alice, "group.read", group)
    assert not can(alice, "group.administer", group)


def test_a_suspended_admin_holds_what_anonymous_visitors_hold() -> None:
    """Spec 3.3.5: inactive user no."""
    make_user("deputy", is_site_admin=True)
    admin = make_user("admin", is_site_admin=True)
    apollo = make_group("apollo")
    make_member(apollo, admin, "Admin")
    set_status(admin, "S")
    assert can(admin, "group.read", apollo)
    assert not can(admin, "group.administer", apollo)
    assert not can(admin, "system.administer")


def test_permissions_add_up_over_roles() -> None:
    """Engineering 2o."""
    bob = make_user("bob")
    apollo = make_group("apollo")
    make_member(apollo, bob, "Reader")
    assert not can(bob, "group.administer", apollo)
    add_member(apollo, bob, "Admin")
    assert can(bob, "group.administer", apollo)
    assert can(bob, "group.read", apollo)


def test_a_site_permission_may_inherit_a_group_permission_for_every_group() -> None:
    """Spec 3.3.5: system scope may inherit group permissions, which then hold in every group."""
    carol, gemini = make_user("carol"), make_group("gemini", is_public=False)
    auditor = Permission(id="system.audit", label="Audit", inherit_from=("group.read",))
    current_permissions().declare([auditor])
    grant_system(carol, "system.audit")
    assert can(carol, "group.read", gemini)
    assert not can(carol, "group.administer", gemini)


def test_a_grant_that_no_plugin_declares_any_more_gives_nothing() -> None:
    """Spec 3.3.5: stored ids that are not registered are ignored, and kept."""
    bob = make_user("bob")
    apollo = make_group("apollo")
    make_member(apollo, bob, "Reader")
    db.session.execute(update(RolePermission).values(permission="group.gone"))
    assert not can(bob, "group.gone", apollo)


def test_an_answer_costs_one_select_per_person_and_group(count_selects: CountSelects) -> None:
    """Design 8: what was read stays for the unit of work."""
    bob, apollo = make_user("bob"), make_group("apollo")
    can(bob, "system.administer")
    find_group("apollo", None)
    with count_selects() as selects:
        for permission in ("group.administer", "group.talk", "group.administer"):
            assert not can(bob, permission, apollo)
    assert len(selects) == 1


def test_site_grants_come_with_the_persons_own_row(unit: Unit, count_selects: CountSelects) -> None:
    """Design 8: the signed-in person costs one SELECT, grants and plugin choices included."""
    make_user("admin", is_site_admin=True)
    db.session.expunge_all()
    unit.cache.clear()
    with count_selects() as selects:
        admin = find_user("admin")
        assert can(admin, "system.administer")
        assert admin is not None
        assert admin.plugin_choices == {}
    assert len(selects) == 1
