"""Giving the password again: how long it holds, for whom, and how often one may guess."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal.accounts.confirming import LIFETIME, requires_confirmation
from portal.accounts.services import set_password
from portal.accounts.throttling import MOST_OF_ACCOUNT
from portal.core.clock import frozen, now
from tests.accounts.test_login_pages import PASSWORD, log_in
from tests.factories import make_user
from tests.fixtures.apps import Arrange
from tests.siteadmin.people import the_person

PAGE = "/my/confirm-password"


@pytest.fixture
def app(app: Flask) -> Flask:
    """A site with a page that asks for the password."""
    app.add_url_rule("/guarded", "guarded", requires_confirmation(lambda: "inside"))
    return app


@pytest.fixture
def alice(app: Flask, arrange: Arrange, client: FlaskClient) -> FlaskClient:
    """A browser in which Alice is logged in."""
    with arrange():
        make_user("alice", password=PASSWORD)
        make_user("bob", password="other-Demo-1")
    log_in(client)
    return client


def confirm(client: FlaskClient, password: str = PASSWORD, next: str = "/guarded") -> TestResponse:
    """Send the form as the page would."""
    return client.post(PAGE, query_string={"next": next}, data={"password": password})


def test_the_guarded_page_leads_to_the_question_and_the_answer_back(alice: FlaskClient) -> None:
    """The query travels along."""
    answer = alice.get("/guarded?a=b")
    assert (answer.status_code, answer.location) == (303, f"{PAGE}?next=/guarded?a%3Db")
    assert "Confirm your password" in alice.get(answer.location).text
    answer = confirm(alice, next="/guarded?a=b")
    assert (answer.status_code, answer.location) == (303, "/guarded?a=b")
    assert alice.get("/guarded").text == "inside"
    assert alice.get(PAGE, query_string={"next": "/guarded"}).location == "/guarded"


@pytest.mark.parametrize("password", ["wrong", "", "other-Demo-1"])
def test_another_password_grants_nothing(alice: FlaskClient, password: str) -> None:
    """Not even that of somebody else."""
    answer = confirm(alice, password)
    assert answer.status_code == 422
    assert alice.get("/guarded").status_code == 303


def test_what_was_granted_ends_after_ten_minutes(alice: FlaskClient) -> None:
    """And did not begin in the future."""
    confirm(alice)
    moment = now()
    for age, status in ((LIFETIME - timedelta(seconds=5), 200), (LIFETIME, 303)):
        with frozen(moment + age):
            assert alice.get("/guarded").status_code == status
    with frozen(moment - timedelta(minutes=1)):
        assert alice.get("/guarded").status_code == 303


def test_it_holds_for_one_session_alone(alice: FlaskClient, app: Flask) -> None:
    """Neither another browser, nor another log-in of the same browser, has it."""
    confirm(alice)
    other = app.test_client()
    log_in(other)
    assert other.get("/guarded").status_code == 303
    with alice.session_transaction() as session:
        granted = session["_confirmed"]
    alice.post("/logout")
    log_in(alice)
    assert alice.get("/guarded").status_code == 303
    with alice.session_transaction() as session:
        session["_confirmed"] = granted
    assert alice.get("/guarded").status_code == 303


def test_a_new_password_takes_it_back(alice: FlaskClient, app: Flask, arrange: Arrange) -> None:
    """With the sessions."""
    confirm(alice)
    with arrange():
        set_password(the_person(app, "alice"), "Another-portal-9")
    assert alice.get("/guarded").status_code != 200


def test_guessing_is_slowed_down_like_a_log_in(alice: FlaskClient, app: Flask) -> None:
    """The account's counter is the one of its log-ins."""
    for _attempt in range(MOST_OF_ACCOUNT):
        assert confirm(alice, "wrong").status_code == 422
    assert confirm(alice).status_code == 429
    assert log_in(app.test_client()).status_code == 429


def test_the_right_password_makes_the_counter_begin_anew(alice: FlaskClient) -> None:
    """As a log-in does."""
    for _attempt in range(MOST_OF_ACCOUNT - 1):
        confirm(alice, "wrong")
    assert confirm(alice).status_code == 303


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "/\\evil.example"])
def test_it_leads_to_addresses_of_this_site_alone(alice: FlaskClient, target: str) -> None:
    """Forge 4.0, Return-to."""
    assert confirm(alice, next=target).location == "/my/"


def test_visitors_log_in_instead_and_the_form_needs_its_token(
    app: Flask, alice: FlaskClient
) -> None:
    """Forge 4.0: CSRF everywhere."""
    assert app.test_client().get(PAGE).location.startswith("/login?next=")
    app.config["WTF_CSRF_ENABLED"] = True
    assert confirm(alice).status_code == 400
