"""People in site admin: the states of an account, its password and its mails."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.access.decisions import is_site_admin
from portal.accounts.models import User
from portal.core.unit_of_work import unit_of_work
from tests.accounts.mailedlinks import link_in
from tests.factories import sign_in
from tests.fixtures.mail import Deliver, text_of
from tests.siteadmin.people import ACTS, PASSWORD, act, is_logged_in, log_in, log_of, the_person


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One database is enough for what pages say; the services' queries are tried on both elsewhere."""
    return sqlite_url


def test_states_move_and_sessions_end(app: Flask, ada: FlaskClient) -> None:
    alice = log_in(app, "alice")
    assert "The account is suspended." in act(ada, "alice", "suspend")
    assert not is_logged_in(alice)
    assert "The account is active." in act(ada, "alice", "activate")
    assert is_logged_in(log_in(app, "alice"))
    assert log_of(app, "alice") == ["ada user.status", "ada user.status"]


def test_activating_a_pending_account_makes_its_address_its_own(
    app: Flask, ada: FlaskClient
) -> None:
    act(ada, "pat", "activate")
    pat = the_person(app, "pat")
    assert (pat.status, pat.email_ci) == ("A", "pat@example.org")


def test_an_address_that_became_anothers_keeps_the_account_pending(
    app: Flask, ada: FlaskClient
) -> None:
    """Addresses are unique among confirmed accounts."""
    act(ada, "alice", "", real_name="Alice", email="pat@example.org")
    assert "belongs to another account" in act(ada, "pat", "activate")
    assert the_person(app, "pat").status == "P"


def test_deleting_asks_first(app: Flask, ada: FlaskClient) -> None:
    """Forge 4.13: delete with confirm."""
    page = ada.get("/admin/users/bob/delete").text
    assert "Delete Bob?" in page
    assert "Apollo" in page
    assert ada.post("/admin/users/bob/delete", data={"sent": "yes"}).status_code == 422
    assert "The account is deleted." in act(ada, "bob", "delete")
    bob = the_person(app, "bob")
    assert (bob.status, bob.email) == ("D", "")
    gone = ada.get("/admin/users/bob/").text
    assert "/admin/users/bob/password" not in gone
    assert "What was done to the account" in gone


def test_a_groups_last_administrator_is_not_deleted(app: Flask, ada: FlaskClient) -> None:
    assert "Apollo: alice is the last administrator" in act(ada, "alice", "delete")
    assert the_person(app, "alice").is_active


def test_the_last_site_admin_is_safe_from_others_who_act_at_once(
    app: Flask, ada: FlaskClient, people: dict[str, User]
) -> None:
    """Two admins who suspend each other: the second one is no admin any more."""
    eve = sign_in(app.test_client(), people["eve"])
    act(ada, "eve", "suspend")
    assert eve.post("/admin/users/ada/suspend").status_code == 401
    with app.app_context(), unit_of_work("read"):
        assert is_site_admin(the_person(app, "ada"))


@pytest.mark.parametrize(
    ("name", "deed"),
    [
        ("alice", "activate"),
        ("dan", "activate"),
        ("pat", "suspend"),
        ("dan", "delete"),
        ("alice", "confirmation"),
        ("pat", "reset-link"),
        ("dan", "reset-link"),
    ],
)
def test_moves_that_do_not_exist_are_refused(
    app: Flask, ada: FlaskClient, name: str, deed: str, deliver: Deliver
) -> None:
    """Forge 4.0: the states and their moves; a stale page may send any of them."""
    before = the_person(app, name).status
    act(ada, name, deed)
    assert the_person(app, name).status == before
    assert log_of(app, name) == []
    assert deliver() == []


def test_a_set_password_opens_the_account_and_ends_its_sessions(
    app: Flask, ada: FlaskClient
) -> None:
    alice = log_in(app, "alice")
    assert "The password was set" in act(ada, "alice", "password")
    assert not is_logged_in(alice)
    assert is_logged_in(log_in(app, "alice", "Abcdef-1"))
    assert not is_logged_in(log_in(app, "alice", PASSWORD))
    assert log_of(app, "alice") == ["ada user.password"]


@pytest.mark.parametrize(
    "data", [{"new_password": "short", "repetition": "short"}, {"repetition": "Other-12"}]
)
def test_a_password_that_breaks_a_rule_is_refused(
    app: Flask, ada: FlaskClient, data: dict[str, object]
) -> None:
    answer = ada.post("/admin/users/alice/password", data={**ACTS["password"], **data})
    assert answer.status_code == 422
    assert is_logged_in(log_in(app, "alice"))


def test_a_deleted_account_gets_no_password(app: Flask, ada: FlaskClient) -> None:
    before = the_person(app, "dan").password_hash
    assert ada.post("/admin/users/dan/password", data=ACTS["password"]).status_code == 409
    assert the_person(app, "dan").password_hash == before


def test_a_reset_link_is_mailed(app: Flask, ada: FlaskClient, deliver: Deliver) -> None:
    assert "The mail is on its way." in act(ada, "alice", "reset-link")
    (message,) = deliver()
    assert message["To"] == "alice@example.org"
    assert app.test_client().get(link_in(message)).status_code == 200


def test_a_confirmation_is_mailed_again_and_the_old_link_is_useless(
    app: Flask, ada: FlaskClient, deliver: Deliver
) -> None:
    links = []
    for _time in range(2):
        act(ada, "pat", "confirmation")
        (message,) = deliver()
        assert "pat" in text_of(message)
        links.append(link_in(message))
    browser = app.test_client()
    assert [browser.get(link).status_code for link in links] == [404, 200]
