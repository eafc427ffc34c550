"""Logging in and out through the pages, on both databases."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal.accounts.loading import find_user
from portal.accounts.services import set_status
from portal.core.unit_of_work import Unit
from tests.factories import make_user, sign_in

Arrange = Callable[[], AbstractContextManager[Unit]]
CountSelects = Callable[[], AbstractContextManager[list[str]]]

PASSWORD = "portal-demo"


@pytest.fixture(autouse=True)
def people(arrange: Arrange) -> None:
    """Alice, and Sam who is suspended."""
    with arrange():
        make_user("alice", password=PASSWORD)
        make_user("sam", password=PASSWORD, status="S")


def log_in(
    client: FlaskClient, name: str = "alice", password: str = PASSWORD, next: str = ""
) -> TestResponse:
    """Send the form as the page would."""
    query = {"next": next} if next else {}
    form = {"user_name": name, "password": password}
    return client.post("/login", query_string=query, data=form)


def test_logging_in_leads_to_my_page(client: FlaskClient) -> None:
    """Forge 4.2: to return_to or My page."""
    answer = log_in(client)
    assert (answer.status_code, answer.location) == (303, "/my/")
    assert "Alice" in client.get("/my/").text


@pytest.mark.parametrize(
    ("name", "password", "text"),
    [
        ("alice", "wrong", "do not go together"),
        ("nobody", PASSWORD, "do not go together"),
        ("sam", "wrong", "do not go together"),
        ("sam", PASSWORD, "suspended"),
    ],
)
def test_a_refused_log_in_says_so_on_the_form(
    client: FlaskClient, name: str, password: str, text: str
) -> None:
    """Forge 4.2."""
    answer = log_in(client, name, password)
    assert answer.status_code == 422
    assert text in answer.text
    assert PASSWORD not in answer.text
    assert client.get("/my/").status_code == 302


def test_empty_fields_are_marked(client: FlaskClient) -> None:
    """The form, not the service, asks for them."""
    answer = log_in(client, "", "")
    assert answer.status_code == 422
    assert answer.text.count("This field is required.") >= 2


def test_a_protected_page_comes_after_the_log_in_it_asked_for(client: FlaskClient) -> None:
    """Forge 4.2: notice when redirected from a protected page."""
    asked = client.get("/my/settings?tab=1")
    assert asked.status_code == 302
    assert "Please log in" in client.get(asked.location).text
    answer = client.post(asked.location, data={"user_name": "alice", "password": PASSWORD})
    assert answer.location == "/my/settings?tab=1"


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "/\\evil.example"])
def test_logging_in_never_leads_to_another_site(client: FlaskClient, target: str) -> None:
    """Forge 4.0: same-site relative paths only."""
    assert log_in(client, next=target).location == "/my/"


def test_whoever_is_logged_in_is_sent_to_my_page(client: FlaskClient) -> None:
    """Forge 4.2: already logged in."""
    log_in(client)
    assert client.get("/login").location == "/my/"
    assert log_in(client, "alice", "wrong", next="//evil.example").location == "/my/"


def test_logging_out_needs_a_post(client: FlaskClient) -> None:
    """Forge 4.0: no state change by GET."""
    log_in(client)
    assert client.get("/logout").status_code == 405
    assert client.get("/my/").status_code == 200
    assert client.post("/logout").location == "/"
    assert client.get("/my/").status_code == 302


def test_logging_out_without_being_logged_in_does_no_harm(client: FlaskClient) -> None:
    """A second click, or another tab."""
    assert client.post("/logout").status_code == 303


@pytest.mark.parametrize("path", ["/login", "/logout"])
def test_a_form_without_its_token_is_refused(app: Flask, client: FlaskClient, path: str) -> None:
    """Forge 4.0: POST and CSRF everywhere."""
    app.config["WTF_CSRF_ENABLED"] = True
    form = {"user_name": "alice", "password": PASSWORD}
    assert client.post(path, data=form).status_code == 400


def test_logging_in_starts_a_session_that_knows_nothing_of_the_one_before(
    client: FlaskClient,
) -> None:
    """Session fixation: what an attacker may have planted is gone."""
    with client.session_transaction() as session:
        session["planted"] = "something"
    log_in(client)
    with client.session_transaction() as session:
        assert "planted" not in session


def test_suspension_ends_a_session_at_once(client: FlaskClient, arrange: Arrange) -> None:
    """Engineering 2p."""
    log_in(client)
    with arrange():
        alice = find_user("alice")
        assert alice is not None
        set_status(alice, "S")
        set_status(alice, "A")
    assert client.get("/my/").status_code == 302


@pytest.mark.parametrize("session_id", ["1", "1.", ".1", "x.1", "1.2.3", "99999.1", "-1.1", "١.1"])
def test_a_session_that_cannot_be_read_is_nobody(client: FlaskClient, session_id: str) -> None:
    """Sessions of older releases may lie in browsers."""
    with client.session_transaction() as session:
        session["_user_id"] = session_id
    assert client.get("/login").status_code == 200


def test_the_signed_in_person_costs_one_select(
    client: FlaskClient, arrange: Arrange, count_selects: CountSelects
) -> None:
    """Design 8: row, plugin choices and site grants come together."""
    with arrange():
        alice = find_user("alice")
        assert alice is not None
    sign_in(client, alice)
    with count_selects() as selects:
        assert client.get("/login").status_code == 303
    assert len(selects) == 1


def test_static_files_cost_none(
    client: FlaskClient, arrange: Arrange, count_selects: CountSelects
) -> None:
    """Nobody's name stands in a style sheet."""
    with arrange():
        alice = find_user("alice")
        assert alice is not None
    sign_in(client, alice)
    with count_selects() as selects, client.get("/static/css/tokens.css") as answer:
        assert answer.status_code == 200
    assert selects == []
