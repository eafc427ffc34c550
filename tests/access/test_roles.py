"""Roles: what makes one, what changing one does, and what is refused."""

import pytest
from sqlalchemy import select

from portal.access.decisions import can
from portal.access.models import ANONYMOUS, LOGGED_IN, Role, RolePermission
from portal.access.permissions import Permission, current_permissions
from portal.access.queries import (
    find_role,
    permissions_of_role,
    role_named,
    role_overview,
    roles_of,
)
from portal.access.roles import create_role, delete_role, update_role, update_visitor_role
from portal.access.services import add_member
from portal.core.audit.models import AuditEntry
from portal.core.database import db
from portal.core.errors import Conflict, Invalid, NotFound
from portal.groups.models import Group
from tests.factories import make_group, make_member, make_user

pytestmark = pytest.mark.usefixtures("unit")


def visitors_of(group: Group, kind: str) -> Role:
    """Return the group's role of that kind."""
    return next(each.role for each in role_overview(group.group_id) if each.role.kind == kind)


def declare(id: str, *inherit_from: str, members_only: bool = False) -> None:
    """Let the running app know one more permission."""
    permission = Permission(id=id, label=id, inherit_from=inherit_from, members_only=members_only)
    current_permissions().declare([permission])


def test_a_new_group_has_the_stock_roles_and_those_of_visitors() -> None:
    """Forge 4.0: Admin, Developer, Reader; anonymous and logged-in visitors."""
    group = make_group("apollo")
    assert [role.name for role in roles_of(group.group_id)] == ["Admin", "Developer", "Reader"]
    assert [(each.role.name, each.permissions) for each in role_overview(group.group_id)] == [
        ("Admin", ("group.administer",)),
        ("Developer", ("group.see_members",)),
        ("Reader", ("group.see_members",)),
        ("anonymous", ("group.see_members",)),
        ("loggedin", ()),
    ]


@pytest.mark.parametrize(
    ("name", "permissions", "field"),
    [
        ("  ", ["group.read"], "name"),
        ("x" * 65, ["group.read"], "name"),
        ("Admin", ["group.read"], "name"),
        ("aDMIN", ["group.read"], "name"),
        ("anonymous", ["group.read"], "name"),
        ("Bell\x07", ["group.read"], "name"),
        ("Admin\u3164", ["group.read"], "name"),
        ("Empty", [], "permissions"),
        ("Odd", ["group.unknown"], "permissions"),
        ("Site", ["system.administer"], "permissions"),
    ],
)
def test_a_role_that_breaks_a_rule_is_refused_at_its_field(
    name: str, permissions: list[str], field: str
) -> None:
    """Spec 3.3.5: name required and unique in its scope, at least one permission."""
    group = make_group("apollo")
    other = create_role(group, "Other", ["group.read"])
    for attempt in (
        lambda: create_role(group, name, permissions),
        lambda: update_role(group, other, name=name, description="", permissions=permissions),
    ):
        with pytest.raises(Invalid) as caught:
            attempt()
        assert list(caught.value.errors) == [field]
    assert (other.name, permissions_of_role(other.role_id)) == ("Other", ["group.read"])


def test_a_description_that_turns_the_writing_is_refused() -> None:
    """It stands in lists and in the history, beside what others wrote."""
    with pytest.raises(Invalid) as caught:
        create_role(make_group("apollo"), "Other", ["group.read"], "for \u202eeverybody")
    assert list(caught.value.errors) == ["description"]


def test_the_same_name_may_stand_in_every_group_and_on_the_site() -> None:
    """Spec 3.3.5: unique (scope, group, name)."""
    for group in (make_group("apollo"), make_group("mercury")):
        create_role(group, "Auditor", ["group.read"])
    create_role(None, "Auditor", ["system.administer"])
    with pytest.raises(Invalid, match="auditor already"):
        create_role(None, "auditor", ["system.administer"])


def test_editing_changes_what_those_with_the_role_may_do() -> None:
    """At the next question, in the same unit of work too."""
    bob, group = make_user("bob"), make_group("gemini", is_public=False)
    declare("group.talk")
    role = create_role(group, "Talker", ["group.talk"])
    add_member(group, bob, role)
    assert can(bob, "group.talk", group)
    assert not can(bob, "group.see_members", group)
    assert update_role(
        group, role, name=" Looker ", description="Looks", permissions=["group.see_members"]
    )
    assert not can(bob, "group.talk", group)
    assert can(bob, "group.see_members", group)
    assert (role.name, role.description) == ("Looker", "Looks")


def test_saving_the_same_again_changes_and_records_nothing() -> None:
    """The history would fill with entries that say nothing."""
    group = make_group("apollo")
    role = create_role(group, "Looker", ["group.read"], "Looks")
    before = db.session.scalars(select(AuditEntry.audit_id)).all()
    assert not update_role(
        group, role, name="Looker", description="Looks", permissions=["group.read"]
    )
    assert db.session.scalars(select(AuditEntry.audit_id)).all() == before


def test_a_change_is_recorded_with_old_and_new_value() -> None:
    """Forge 4.8, History: role added, updated, deleted."""
    group = make_group("apollo")
    role = create_role(group, "Looker", ["group.read"])
    update_role(group, role, name="Seer", description="", permissions=["group.see_members"])
    delete_role(group, role)
    made, changed, deleted = db.session.scalars(
        select(AuditEntry)
        .where(AuditEntry.object_name.in_(["Looker", "Seer"]))
        .order_by(AuditEntry.audit_id)
    )
    assert (made.action, changed.action, deleted.action) == (
        "role.create",
        "role.update",
        "role.delete",
    )
    assert changed.changes == [
        ("name", "Looker", "Seer"),
        ("permissions", ["group.read"], ["group.see_members"]),
    ]
    assert deleted.group_id == group.group_id


def test_what_another_permission_implies_is_not_stored_beside_it() -> None:
    """So that it goes with the other one."""
    group = make_group("apollo")
    role = create_role(group, "All", ["group.administer", "group.read", "group.see_members"])
    assert permissions_of_role(role.role_id) == ["group.administer"]


def test_ids_that_nobody_declares_are_kept_on_saving() -> None:
    """Spec 3.3.5: they are ignored, listed as inactive, kept, and return with the plugin."""
    bob, group = make_user("bob"), make_group("apollo")
    role = create_role(group, "Greeter", ["group.read"])
    db.session.add(RolePermission(role_id=role.role_id, permission="group.hello_greet"))
    db.session.flush()
    add_member(group, bob, role)
    update_role(group, role, name="Greeter", description="", permissions=[])
    assert permissions_of_role(role.role_id) == ["group.hello_greet"]
    assert not can(bob, "group.hello_greet", group)
    declare("group.hello_greet")
    update_role(group, role, name="Greeter", description="x", permissions=["group.hello_greet"])
    assert can(bob, "group.hello_greet", group)


def test_what_a_role_gives_for_single_objects_survives_the_editor() -> None:
    """The editor shows the whole group only."""
    group = make_group("apollo")
    role = create_role(group, "Tracker admin", ["group.read"])
    grant = RolePermission(
        role_id=role.role_id, permission="group.read", object_kind="tracker", object_id=7
    )
    db.session.add(grant)
    db.session.flush()
    update_role(group, role, name="T", description="", permissions=["group.see_members"])
    stored = db.session.scalars(
        select(RolePermission.object_id).where(RolePermission.role_id == role.role_id)
    )
    assert sorted(stored) == [0, 7]


def test_a_role_that_somebody_has_stays() -> None:
    """Forge 4.8: role delete; must be empty."""
    bob, group = make_user("bob"), make_group("apollo")
    make_member(group, bob, "Reader")
    reader, developer = (
        role_named(group.group_id, "Reader"),
        role_named(group.group_id, "Developer"),
    )
    assert reader is not None
    assert developer is not None
    with pytest.raises(Conflict, match="Somebody has the role Reader"):
        delete_role(group, reader)
    delete_role(group, developer)
    assert [role.name for role in roles_of(group.group_id)] == ["Admin", "Reader"]


def test_roles_of_elsewhere_are_neither_changed_nor_deleted() -> None:
    """Forge 4.0: authorise on the object, not on a request id."""
    apollo, mercury = make_group("apollo"), make_group("mercury")
    of_site = create_role(None, "Auditor", ["system.administer"])
    of_mercury = role_named(mercury.group_id, "Reader")
    assert of_mercury is not None
    for group, role in ((apollo, of_mercury), (apollo, of_site), (None, of_mercury)):
        with pytest.raises(Invalid, match="belongs elsewhere"):
            update_role(group, role, name="Mine", description="", permissions=["group.read"])
        with pytest.raises(Invalid, match="belongs elsewhere"):
            delete_role(group, role)
        with pytest.raises(NotFound):
            find_role(group.group_id if group else None, role.role_id)
    with pytest.raises(Invalid, match="belongs elsewhere"):
        update_visitor_role(apollo, visitors_of(mercury, ANONYMOUS), [])


def test_visitors_roles_are_edited_but_never_deleted_or_given() -> None:
    """Nobody in particular holds them."""
    bob, group = make_user("bob"), make_group("apollo")
    role = visitors_of(group, LOGGED_IN)
    with pytest.raises(Conflict, match="cannot be deleted"):
        delete_role(group, role)
    with pytest.raises(Invalid, match="no role loggedin"):
        add_member(group, bob, "loggedin")
    with pytest.raises(Invalid, match="no role loggedin"):
        add_member(group, bob, role)


def test_what_is_for_members_only_is_never_given_to_visitors() -> None:
    """Also not by a permission that amounts to it."""
    group = make_group("apollo")
    declare("group.hello_rule", "group.administer")
    declare("group.hello_secret", members_only=True)
    role = visitors_of(group, ANONYMOUS)
    for permission in ("group.administer", "group.hello_rule", "group.hello_secret"):
        with pytest.raises(Invalid, match="members only"):
            update_visitor_role(group, role, [permission])
    assert permissions_of_role(role.role_id) == ["group.see_members"]
