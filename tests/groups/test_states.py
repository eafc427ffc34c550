"""The states of a group: the allowed moves, and what opening one does (forge 4.0)."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from threading import Barrier, Thread

import pytest
from flask import Flask

from portal.access.decisions import can
from portal.access.queries import role_overview, roles_of
from portal.accounts.services import set_status as set_account_status
from portal.core.audit.models import AuditEntry
from portal.core.database import db
from portal.core.errors import Conflict
from portal.core.mail.models import OutboxMail
from portal.core.unit_of_work import Unit, unit_of_work
from portal.groups.models import Group
from portal.groups.queries import named_group
from portal.groups.services import (
    GroupInformation,
    approve_group,
    create_group,
    reject_group,
)
from portal.groups.states import MOVES, set_status
from tests.factories import make_group, make_user

Arrange = Callable[[], AbstractContextManager[Unit]]
APOLLO = GroupInformation(full_name="Apollo Guidance", description="Three people to the Moon")
ALLOWED = {
    ("I", "P"), ("P", "A"), ("P", "D"), ("A", "H"), ("A", "D"), ("H", "A"), ("H", "D"), ("D", "A"),
}  # fmt: skip


@pytest.mark.parametrize("old", MOVES)
@pytest.mark.parametrize("new", MOVES)
def test_only_the_moves_of_the_table_are_allowed(unit: Unit, old: str, new: str) -> None:
    """Forge 4.0: I to P, P to A and D, A to H and D, H to A and D, D to A."""
    group = make_group("apollo", status=old)
    if (old, new) in ALLOWED:
        set_status(group, new)
        assert group.status == new
        return
    with pytest.raises(Conflict, match=f"cannot go from state {old} to {new}"):
        set_status(group, new)
    assert group.status == old


def test_approving_opens_a_group_with_its_roles_and_its_first_administrator(unit: Unit) -> None:
    """Forge 4.6, Approve does."""
    alice = make_user("alice")
    group = create_group(alice, "apollo", APOLLO)
    approve_group(group)
    assert group.approved_at is not None
    assert can(alice, "group.administer", group)
    assert len(role_overview(group.group_id)) == 5
    with pytest.raises(Conflict, match="does not await approval"):
        approve_group(group)


def test_a_rejected_group_that_is_opened_after_all_gets_its_roles_then(unit: Unit) -> None:
    """D to A: nobody could administer it otherwise."""
    alice = make_user("alice")
    group = create_group(alice, "apollo", APOLLO)
    set_status(group, "D")
    assert list(roles_of(group.group_id)) == []
    set_status(group, "A")
    assert can(alice, "group.administer", group)


def test_a_group_comes_back_from_hold_as_it_was(unit: Unit) -> None:
    """Roles, members and the day of its approval stay."""
    alice = make_user("alice")
    group = create_group(alice, "apollo", APOLLO)
    approve_group(group)
    since = group.approved_at
    set_status(group, "H")
    assert not can(alice, "group.read", group)
    set_status(group, "A")
    assert (group.approved_at, group.member_count) == (since, 1)
    assert can(alice, "group.administer", group)


def test_a_founder_who_is_gone_meanwhile_does_not_come_in(unit: Unit) -> None:
    """Forge 4.8: only active users."""
    alice = make_user("alice")
    group = create_group(alice, "apollo", APOLLO)
    set_account_status(alice, "S")
    approve_group(group)
    assert group.member_count == 0


def test_every_move_is_recorded(unit: Unit) -> None:
    """Forge 4.8, History: status, approved."""
    group = create_group(make_user("alice"), "apollo", APOLLO)
    approve_group(group)
    set_status(group, "H")
    entries = db.session.query(AuditEntry).filter(AuditEntry.object_kind == "group")
    moves = [
        (each.action, each.changes)
        for each in entries.order_by(AuditEntry.audit_id)
        if "status" in each.new_values
    ]
    assert moves == [
        ("group.approve", [("status", "P", "A")]),
        ("group.status", [("status", "A", "H")]),
    ]


def refuse(group: Group) -> None:
    """Reject the group with some reason."""
    reject_group(group, "Too early.")


@pytest.mark.parametrize("others", [approve_group, refuse], ids=["approves", "rejects"])
def test_two_people_who_judge_a_group_at_once_are_heard_one_after_the_other(
    app: Flask, arrange: Arrange, others: Callable[[Group], None]
) -> None:
    """Who comes second is refused by what the first one did; the founder gets one mail."""
    with arrange():
        group_id = create_group(make_user("alice"), "apollo", APOLLO).group_id
    refused: list[Conflict] = []
    both = Barrier(2, timeout=30)

    def judge(move: Callable[[Group], None]) -> None:
        try:
            with app.app_context(), unit_of_work("write"):
                both.wait()
                group = named_group("apollo")
                assert group is not None
                move(group)
        except Conflict as refusal:
            refused.append(refusal)

    threads = [Thread(target=judge, args=(move,)) for move in (approve_group, others)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(refused) == 1
    with arrange():
        group = db.session.get(Group, group_id)
        assert group is not None
        (mail,) = db.session.query(OutboxMail)
        outcomes = {("A", 1): "groups/approved", ("D", 0): "groups/rejected"}
        assert outcomes[group.status, group.member_count] == mail.kind
        assert others is refuse or group.is_active
