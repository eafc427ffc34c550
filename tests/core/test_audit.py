"""The audit log: who did what, in the transaction that did it; nothing sensitive, nothing changed later."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from portal.access import services as memberships
from portal.access.permissions import SYSTEM_ADMINISTER
from portal.access.sitegrants import grant_system, revoke_system
from portal.accounts import services as accounts
from portal.core.audit.actions import Action, action_label, declare_actions
from portal.core.audit.models import AuditEntry
from portal.core.audit.origins import Origin, audit_context
from portal.core.audit.recording import Subject, record
from portal.core.audit.values import LONGEST_VALUE, SensitiveField, changed_values, plain
from portal.core.database import db
from portal.core.unit_of_work import Unit, rollback
from portal.groups.services import GroupInformation, create_group, update_information
from tests.factories import make_group, make_member, make_user, sign_in

Arrange = Callable[[], AbstractContextManager[Unit]]
POKE = Action(name="thing.poke", label="Thing poked")
THING = Subject(kind="thing", id=7, name="a thing")


def entries(**columns: Any) -> list[AuditEntry]:
    """Return the entries with these values, in the order in which they were written."""
    query = select(AuditEntry).filter_by(**columns).order_by(AuditEntry.audit_id)
    return list(db.session.scalars(query))


def only(**columns: Any) -> AuditEntry:
    """Return the one entry with these values."""
    (entry,) = entries(**columns)
    return entry


def changes(entry: AuditEntry) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Return old and new of an entry."""
    return entry.old_values, entry.new_values


@pytest.mark.usefixtures("unit")
def test_an_entry_says_who_did_what_when_and_from_where() -> None:
    eve, apollo = make_user("eve"), make_group("apollo")
    origin = Origin(actor_id=eve.user_id, actor_name="eve", address="192.0.2.7", request_id="abc")
    with audit_context(lambda: origin):
        record(
            POKE, THING, group=apollo, old={"size": 1, "name": "x"}, new={"size": 2, "name": "x"}
        )
    entry = only(action="thing.poke")
    db.session.expire(entry)
    assert (entry.actor_id, entry.actor_name) == (eve.user_id, "eve")
    assert (entry.object_kind, entry.object_id, entry.object_name) == ("thing", 7, "a thing")
    assert (entry.group_id, entry.group_name) == (apollo.group_id, "apollo")
    assert (entry.address, entry.request_id) == ("192.0.2.7", "abc")
    assert entry.happened_at.tzinfo is not None
    assert changes(entry) == ({"size": 1}, {"size": 2})
    assert entry.changes == [("size", 1, 2)]


@pytest.mark.usefixtures("unit")
def test_without_an_origin_it_is_the_portal_itself() -> None:
    record(POKE, THING)
    entry = only(action="thing.poke")
    assert (entry.actor_id, entry.actor_name, entry.address) == (None, "", "")


@pytest.mark.usefixtures("unit")
def test_an_entry_goes_with_the_transaction_that_is_undone() -> None:
    """It is written in the transaction of the change."""
    record(POKE, THING)
    rollback()
    assert entries() == []


@pytest.mark.usefixtures("unit")
def test_no_entry_is_changed_or_deleted() -> None:
    record(POKE, THING)
    entry = only()
    entry.actor_name = "mallory"
    with pytest.raises(RuntimeError, match="stays as it is"):
        db.session.flush()
    rollback()
    record(POKE, THING)
    db.session.delete(only())
    with pytest.raises(RuntimeError, match="stays as it is"):
        db.session.flush()
    rollback()


@pytest.mark.usefixtures("unit")
def test_an_entry_outlives_the_person_and_the_group_it_tells_of() -> None:
    """The keys become NULL, the names stay."""
    eve, apollo = make_user("eve"), make_group("apollo")
    with audit_context(lambda: Origin(actor_id=eve.user_id, actor_name="eve")):
        record(POKE, THING, group=apollo)
    db.session.delete(eve)
    db.session.delete(apollo)
    db.session.flush()
    entry = only(action="thing.poke")
    db.session.expire(entry)
    assert (entry.actor_id, entry.actor_name) == (None, "eve")
    assert (entry.group_id, entry.group_name) == (None, "apollo")


@pytest.mark.parametrize(
    "name", ["thing", "thing.", ".poke", "Thing.poke", "a.b.c", "a b.c", "ä.b", ""]
)
def test_an_action_is_named_noun_and_verb(name: str) -> None:
    with pytest.raises(ValueError, match=r"noun\.verb"):
        Action(name=name, label="x")


def test_an_action_means_one_thing(app: Flask) -> None:
    declare_actions(app, [POKE])
    declare_actions(app, [POKE])
    with pytest.raises(ValueError, match=r"thing\.poke"):
        declare_actions(app, [Action(name="thing.poke", label="Something else")])
    with app.test_request_context():
        assert action_label("thing.poke") == "Thing poked"
        assert action_label("gone.since") == "gone.since"


@pytest.mark.parametrize(
    "name",
    ["password", "new_password", "passwd", "Token", "csrf_token", "secret_key", "password_hash"]
    + ["api_key", "passphrase", "credentials", "session", "cookie", "salt"],
)
@pytest.mark.usefixtures("unit")
def test_a_field_with_a_sensitive_name_is_refused(name: str) -> None:
    """Issue 4: nothing sensitive."""
    with pytest.raises(SensitiveField):
        record(POKE, THING, new={name: "x"})
    with pytest.raises(SensitiveField):
        record(POKE, THING, new={"settings": {name: "x"}})
    assert entries() == []


def test_on_a_live_site_the_change_goes_through_without_values(
    app: Flask, unit: Unit, caplog: pytest.LogCaptureFixture
) -> None:
    app.config["TESTING"] = False
    record(POKE, THING, new={"password": "geheim", "size": 1})
    assert changes(only()) == ({}, {})
    assert "without values" in caplog.text
    assert "geheim" not in caplog.text


def test_long_and_strange_values_are_made_plain() -> None:
    moment = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
    assert len(plain("x" * 5000)) == LONGEST_VALUE
    assert plain("a\0b") == "ab"
    assert plain(moment) == "2026-01-02T03:04:00+00:00"
    assert plain({"b", "a"}) == ["a", "b"]
    assert plain(range(3)) == "range(0, 3)"
    assert len(plain(list(range(500)))) == 50


@given(st.text())
def test_any_text_can_be_stored(text: str) -> None:
    plain(text).encode()


def test_equal_values_are_left_out_even_when_they_are_cut() -> None:
    long = "x" * 1000
    assert changed_values({"a": long, "b": 1}, {"a": long + "y", "b": 1})[0].keys() == {"a"}


@pytest.mark.usefixtures("unit")
def test_accounts_write_down_what_happens_to_them() -> None:
    user = accounts.create_user("eve", "Eve", "eve@example.org", "A long secret 1!", status="A")
    accounts.set_password(user, "Another secret 2!")
    settings = accounts.PersonalSettings(real_name="Eve Adams", theme="dark")
    accounts.update_settings(user, settings)
    accounts.update_settings(user, settings)
    accounts.set_status(user, "S")
    told = [(each.action, *changes(each)) for each in entries(object_kind="user")]
    assert told[0][2] == {
        "user_name": "eve",
        "real_name": "Eve",
        "email": "eve@example.org",
        "status": "A",
    }
    assert told[1:] == [
        ("user.password", {}, {}),
        (
            "user.update",
            {"real_name": "Eve", "theme": "auto"},
            {"real_name": "Eve Adams", "theme": "dark"},
        ),
        ("user.status", {"status": "A"}, {"status": "S"}),
    ]
    assert "secret" not in str(told)


@pytest.mark.usefixtures("unit")
def test_grants_and_memberships_are_written_down() -> None:
    make_user("root", is_site_admin=True)  # the last one keeps the permission
    eve, bob, apollo = make_user("eve"), make_user("bob"), make_group("apollo")
    make_member(apollo, bob, "Admin")
    last = entries()[-1].audit_id
    grant_system(eve, SYSTEM_ADMINISTER)
    revoke_system(eve, SYSTEM_ADMINISTER)
    memberships.add_member(apollo, eve, "Reader")
    memberships.remove_member(apollo, eve)
    told = [each for each in entries() if each.audit_id > last]
    assert [each.action for each in told] == [
        "grant.add",
        "grant.remove",
        "member.add",
        "member.remove",
    ]
    assert {each.object_name for each in told} == {"eve"}
    assert [each.group_name for each in told] == ["", "", "apollo", "apollo"]


@pytest.mark.usefixtures("unit")
def test_groups_write_down_old_and_new() -> None:
    """Forge 4.8: the original keeps no new value and records no change of visibility; both are added."""
    eve = make_user("eve")
    told = GroupInformation(full_name="Apollo", description="What it is about")
    group = create_group(eve, "apollo", told)
    update_information(group, told)
    update_information(
        group, GroupInformation(full_name="Apollo", description="Something else", is_public=False)
    )
    assert changes(only(action="group.update")) == (
        {"description": "What it is about", "is_public": True},
        {"description": "Something else", "is_public": False},
    )


def test_a_request_names_its_viewer_and_its_id(
    app: Flask, client: FlaskClient, arrange: Arrange
) -> None:
    with arrange():
        alice = make_user("alice")
        make_member(make_group("apollo"), alice, "Admin")
    sign_in(client, alice).post(
        "/groups/apollo/admin/",
        data={"full_name": "Apollo 11", "description": "About the landing", "is_public": "1"},
        headers={"X-Request-ID": "my-own-request-id"},
    )
    with arrange():
        entry = only(action="group.update")
        assert (entry.actor_id, entry.actor_name) == (alice.user_id, "alice")
        assert (entry.address, entry.request_id) == ("127.0.0.1", "my-own-request-id")
        record(POKE, THING)
        assert only(action="thing.poke").actor_name == ""
