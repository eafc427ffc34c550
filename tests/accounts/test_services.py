"""Accounts: what the services write and what they refuse, on both databases."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from argon2 import PasswordHasher
from flask import Flask

from portal.accounts.loading import find_user
from portal.accounts.passwords import Passwords, current_passwords, install_passwords
from portal.accounts.services import (
    PersonalSettings,
    authenticate,
    change_password,
    create_user,
    set_status,
    update_settings,
)
from portal.core.errors import Conflict, Invalid
from portal.core.unit_of_work import Unit, unit_of_work
from tests.factories import make_user

Arrange = Callable[[], AbstractContextManager[Unit]]


@pytest.mark.usefixtures("unit")
def test_a_new_account_is_pending_and_keeps_no_password() -> None:
    """Forge 4.1: account P; the password is hashed."""
    user = create_user("anna", "  Anna   Smith ", "Anna@Example.org", "long enough")
    assert (user.status, user.real_name, user.email_ci) == ("P", "Anna Smith", "anna@example.org")
    assert "long enough" not in user.password_hash


@pytest.mark.usefixtures("unit")
def test_all_faults_of_a_new_account_are_told_at_once() -> None:
    """Each at its field."""
    make_user("bob")
    with pytest.raises(Invalid) as caught:
        create_user("bob", " ", "BOB@example.org", "short")
    assert sorted(caught.value.errors) == ["email", "password", "real_name", "user_name"]


@pytest.mark.usefixtures("unit")
def test_the_right_pair_logs_in_whatever_the_case_of_the_name() -> None:
    """Login names are lower case; phones like to begin with a capital."""
    alice = make_user("alice", password="portal-demo")
    assert authenticate(" Alice ", "portal-demo") is alice


@pytest.mark.usefixtures("unit")
@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("alice", "wrong"),
        ("alice", ""),
        ("nobody", "portal-demo"),
        ("gone", "wrong"),
        ("nopass", ""),
    ],
)
def test_every_wrong_pair_gets_the_same_answer(name: str, password: str) -> None:
    """Forge 4.2: one generic message, also for accounts that are not active or do not exist."""
    make_user("alice", password="portal-demo")
    make_user("gone", password="portal-demo", status="S")
    make_user("nopass")
    with pytest.raises(Invalid, match="do not go together"):
        authenticate(name, password)


@pytest.mark.usefixtures("unit")
@pytest.mark.parametrize(
    ("status", "text"), [("P", "not confirmed"), ("S", "suspended"), ("D", "deleted")]
)
def test_a_closed_account_is_told_so_only_after_the_right_password(status: str, text: str) -> None:
    """Forge 4.2: P/S/D each has its own text only after a correct password."""
    make_user("alice", password="portal-demo", status=status)
    with pytest.raises(Invalid, match=text):
        authenticate("alice", "portal-demo")


def test_an_outdated_hash_is_renewed_after_the_log_in(app: Flask, arrange: Arrange) -> None:
    """In a transaction of its own: the log-in itself only reads."""
    with arrange():
        make_user("alice", password="portal-demo")
    install_passwords(app, Passwords(PasswordHasher(time_cost=2, memory_cost=8, parallelism=1)))
    with app.app_context(), unit_of_work("read"):
        authenticate("alice", "portal-demo")
    with app.app_context(), unit_of_work("read"):
        alice = authenticate("alice", "portal-demo")
        assert not current_passwords().is_outdated(alice.password_hash)
        assert alice.session_epoch == 1


@pytest.mark.usefixtures("unit")
def test_a_new_password_replaces_the_old_one_and_ends_the_sessions() -> None:
    """Engineering 2p: a password change raises the epoch."""
    alice = make_user("alice", password="portal-demo")
    change_password(alice, "portal-demo", "Another-1")
    assert alice.session_epoch == 2
    assert authenticate("alice", "Another-1") is alice
    with pytest.raises(Invalid, match="do not go together"):
        authenticate("alice", "portal-demo")


@pytest.mark.usefixtures("unit")
@pytest.mark.parametrize(
    ("old", "new", "field"),
    [("wrong", "Another-1", "old_password"), ("portal-demo", "short", "new_password")],
)
def test_a_refused_password_change_changes_nothing(old: str, new: str, field: str) -> None:
    """Forge 4.3: old and new; the fault stands at its field."""
    alice = make_user("alice", password="portal-demo")
    with pytest.raises(Invalid) as caught:
        change_password(alice, old, new)
    assert list(caught.value.errors) == [field]
    assert alice.session_epoch == 1


@pytest.mark.usefixtures("unit")
def test_suspending_ends_the_sessions_and_pending_never_comes_again() -> None:
    """Forge 4.0; engineering 2p."""
    alice = make_user("alice")
    set_status(alice, "S")
    assert (alice.status, alice.session_epoch) == ("S", 2)
    set_status(alice, "A")
    assert alice.session_epoch == 2
    with pytest.raises(Conflict, match="cannot go from state A to P"):
        set_status(alice, "P")


@pytest.mark.usefixtures("unit")
def test_settings_are_stored_tidied() -> None:
    """None means: as the site."""
    alice = make_user("alice")
    update_settings(
        alice, PersonalSettings(real_name=" Alice  L. ", timezone="Europe/Rome", theme="dark")
    )
    assert (alice.real_name, alice.timezone, alice.theme) == ("Alice L.", "Europe/Rome", "dark")
    assert alice.language is None


@pytest.mark.usefixtures("unit")
def test_settings_that_do_not_exist_are_refused_each_at_its_field() -> None:
    """A forged form must not store what pages cannot use."""
    alice = make_user("alice")
    odd = PersonalSettings(real_name="", timezone="Mars/Base", language="tlh", theme="pink")
    with pytest.raises(Invalid) as caught:
        update_settings(alice, odd)
    assert sorted(caught.value.errors) == ["language", "real_name", "theme", "timezone"]
    assert (alice.real_name, alice.theme) == ("Alice", "auto")


@pytest.mark.usefixtures("unit")
def test_nobody_is_found_by_an_unknown_name() -> None:
    """Nor by something that is no name at all."""
    assert find_user("nobody") is None
    assert find_user("' OR 1=1 --") is None
