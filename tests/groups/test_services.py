"""Writes to groups, on both databases."""

import pytest

from portal.access.queries import members_of, roles_of
from portal.core.errors import Conflict, Invalid
from portal.core.unit_of_work import Unit
from portal.groups.services import (
    GroupInformation,
    approve_group,
    create_group,
    update_information,
)
from tests.factories import make_group, make_user

APOLLO = GroupInformation(full_name="Apollo Guidance", description="Three people to the Moon")


def test_a_new_group_awaits_approval_and_has_no_roles_yet(unit: Unit) -> None:
    """Forge 4.6: on submit status P, submitter remembered."""
    alice = make_user("alice")
    group = create_group(alice, "apollo", APOLLO, "We want to fly.")
    assert (group.status, group.registered_by) == ("P", alice.user_id)
    assert list(roles_of(group.group_id)) == []


def test_a_group_cannot_take_the_name_of_another(unit: Unit) -> None:
    """Forge 4.6: the name is unique and permanent."""
    make_group("apollo")
    with pytest.raises(Invalid) as refused:
        create_group(make_user("alice"), "apollo", APOLLO)
    assert list(refused.value.errors) == ["name"]


def test_full_names_that_differ_in_case_only_are_one_name(unit: Unit) -> None:
    """Forge 4.6: unique full name; people read no case."""
    make_group("other", full_name="APOLLO GUIDANCE")
    with pytest.raises(Invalid) as refused:
        create_group(make_user("alice"), "apollo", APOLLO)
    assert list(refused.value.errors) == ["full_name"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("full_name", "ab"),
        ("full_name", "x" * 41),
        ("description", "too short"),
        ("description", "x" * 256),
        ("homepage", "javascript:alert(1)"),
        ("homepage", "https://"),
        ("homepage", "http://[broken"),
        ("homepage", "https://example.org/a b"),
    ],
)
def test_a_value_that_breaks_a_rule_is_named_at_its_field(
    unit: Unit, field: str, value: str
) -> None:
    """Forge 4.6 and 4.8: lengths; a home page is a web address, never a script."""
    values = {"full_name": "Apollo", "description": "Three people to the Moon", field: value}
    with pytest.raises(Invalid) as refused:
        create_group(make_user("alice"), "apollo", GroupInformation(**values))
    assert list(refused.value.errors) == [field]


def test_all_faults_are_told_at_once(unit: Unit) -> None:
    """Nobody should have to send a form four times."""
    with pytest.raises(Invalid) as refused:
        create_group(
            make_user("alice"), "NO", GroupInformation(full_name="", description=""), "x" * 1501
        )
    assert set(refused.value.errors) == {"name", "full_name", "description", "purpose"}


def test_an_approved_group_has_roles_and_its_founder_as_admin(unit: Unit) -> None:
    """Forge 4.6, Approve does: status A, Admin role, submitter becomes admin."""
    alice = make_user("alice")
    group = create_group(alice, "apollo", APOLLO)
    approve_group(group)
    (member,) = members_of(group.group_id, limit=10)
    assert (member.user, member.is_admin) == (alice, True)
    assert group.is_active
    assert group.approved_at is not None
    assert group.member_count == 1


def test_a_founder_who_was_suspended_meanwhile_does_not_become_admin(unit: Unit) -> None:
    """Forge 4.8, Rules: only active users can be added."""
    alice = make_user("alice")
    group = create_group(alice, "apollo", APOLLO)
    alice.status = "S"
    approve_group(group)
    assert members_of(group.group_id, limit=10) == []


def test_a_group_is_approved_once(unit: Unit) -> None:
    """Forge 4.0: the move P to A; another click finds it done."""
    group = make_group("apollo")
    with pytest.raises(Conflict):
        approve_group(group)


def test_information_is_tidied_and_stored(unit: Unit) -> None:
    """Texts are kept as read: on one line, without blanks around."""
    group = make_group("apollo")
    changed = GroupInformation(
        full_name="  Apollo   Eleven ", description="Three people\nto the Moon", is_public=False
    )
    update_information(group, changed)
    assert (group.full_name, group.full_name_ci) == ("Apollo Eleven", "apollo eleven")
    assert (group.description, group.is_public) == ("Three people to the Moon", False)


def test_a_group_may_keep_its_own_full_name_and_not_take_another_ones(unit: Unit) -> None:
    """The uniqueness of full names does not stand in a group's own way."""
    group, _other = make_group("apollo"), make_group("mercury")
    description = "Three people to the Moon"
    update_information(group, GroupInformation(full_name="APOLLO", description=description))
    with pytest.raises(Invalid):
        update_information(group, GroupInformation(full_name="Mercury", description=description))
    assert group.full_name == "APOLLO"
