"""Log-in is throttled by account and by address, alike in every app of the site (engineering A12)."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from portal.accounts import throttling
from portal.accounts.models import LoginAttempts
from portal.accounts.passwords import install_passwords
from portal.accounts.throttling import MOST_OF_ACCOUNT, MOST_OF_ADDRESS, purge_attempts
from portal.app import create_app
from portal.config import Settings
from portal.core.clock import frozen, now
from portal.core.database import db
from portal.core.unit_of_work import Unit, unit_of_work
from portal.jobs.registry import jobs_of
from tests.factories import make_user
from tests.fixtures.apps import CHEAP_PASSWORDS

Arrange = Callable[[], AbstractContextManager[Unit]]
PASSWORD = "portal-demo"


@pytest.fixture(autouse=True)
def people(arrange: Arrange) -> None:
    """Alice has an account."""
    with arrange():
        make_user("alice", password=PASSWORD)


@pytest.fixture
def another_client(settings: Settings) -> Iterator[FlaskClient]:
    """A browser at another worker, on an app of its own."""
    app = create_app(settings)
    install_passwords(app, CHEAP_PASSWORDS)
    app.config.update(TESTING=True, PROPAGATE_EXCEPTIONS=False, WTF_CSRF_ENABLED=False)
    yield app.test_client()
    jobs_of(app).queue.close()


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/my/settings/password", {"new_password": "Another-1", "repetition": "Another-1"}),
        ("/my/settings/email", {"email": "new@example.org"}),
        ("/my/settings/delete", {}),
    ],
)
def test_a_session_is_no_way_to_guess_the_password(
    client: FlaskClient, path: str, form: dict[str, str]
) -> None:
    """The settings ask for it, and count with the log-in."""
    try_(client, "alice", PASSWORD)
    for field in ("password", "old_password"):
        form = {**form, field: "wrong"}
    answers = [client.post(path, data=form).status_code for _each in range(MOST_OF_ACCOUNT + 1)]
    assert answers == [422] * MOST_OF_ACCOUNT + [429]
    right = {**form, "password": PASSWORD, "old_password": PASSWORD}
    assert client.post(path, data=right).status_code == 429
    assert client.get("/my/").status_code == 200


def test_another_address_is_no_way_to_flood_somebody_with_mail(client: FlaskClient) -> None:
    """A link goes to an address that nobody has confirmed."""
    try_(client, "alice", PASSWORD)
    form = {"email": "new@example.org", "password": PASSWORD}
    answers = [
        client.post("/my/settings/email", data=form).status_code
        for _each in range(throttling.MOST_MAILS + 1)
    ]
    assert answers == [303] * throttling.MOST_MAILS + [429]


def try_(client: FlaskClient, name: str, password: str, address: str = "192.0.2.1") -> TestResponse:
    """Send the log-in form from an address."""
    form = {"user_name": name, "password": password}
    return client.post("/login", data=form, environ_base={"REMOTE_ADDR": address})


@pytest.mark.parametrize("name", ["alice", "nobody", " ALICE "])
def test_an_account_has_to_wait_after_too_many_failures_whether_it_exists_or_not(
    client: FlaskClient, name: str
) -> None:
    """Forge 4.2, Brute force; the answer tells when to come back."""
    answers = [
        try_(client, name, "wrong", f"192.0.2.{number}").status_code
        for number in range(MOST_OF_ACCOUNT)
    ]
    assert set(answers) == {422}
    refused = try_(client, name.strip().lower(), PASSWORD, "192.0.2.99")
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 900
    assert "Wait a few minutes" in refused.text


def test_two_workers_count_together(client: FlaskClient, another_client: FlaskClient) -> None:
    """Engineering A12: with two workers the limit does not double, and a swap resets nothing."""
    for number in range(MOST_OF_ACCOUNT):
        each = client if number % 2 else another_client
        assert try_(each, "alice", "wrong").status_code == 422
    assert try_(client, "alice", PASSWORD).status_code == 429
    assert try_(another_client, "alice", PASSWORD).status_code == 429


def test_a_success_lets_the_account_begin_anew(client: FlaskClient) -> None:
    """Reset on success, of the account's counter."""
    for _number in range(MOST_OF_ACCOUNT - 1):
        try_(client, "alice", "wrong")
    assert try_(client, "alice", PASSWORD).status_code == 303
    client.post("/logout")
    for _number in range(MOST_OF_ACCOUNT - 1):
        assert try_(client, "alice", "wrong").status_code == 422


def test_an_address_has_to_wait_whatever_names_it_tries(
    client: FlaskClient,
) -> None:
    """One password tried on many accounts; other addresses go on."""
    for number in range(MOST_OF_ADDRESS):
        assert try_(client, f"name{number}", "wrong").status_code == 422
    assert try_(client, "alice", PASSWORD).status_code == 429
    assert try_(client, "alice", PASSWORD, "198.51.100.7").status_code == 303


def test_successes_do_not_use_an_address_up(client: FlaskClient) -> None:
    """A whole office stands behind one address."""
    for _number in range(3):
        assert try_(client, "alice", PASSWORD).status_code == 303
        client.post("/logout")
    assert [failures for _subject, failures in counters(client.application)] == [0]


def test_the_wait_ends_with_the_window_and_the_rows_are_cleared_away(
    app: Flask, client: FlaskClient, arrange: Arrange
) -> None:
    """A window begins with its first failure."""
    for _number in range(MOST_OF_ACCOUNT):
        try_(client, "alice", "wrong")
    with frozen(now() + throttling.WINDOW + timedelta(seconds=1)):
        assert try_(client, "alice", PASSWORD).status_code == 303
        with arrange():
            assert purge_attempts() >= 0
    with frozen(now() + 3 * throttling.WINDOW), arrange():
        purge_attempts()
    assert counters(app) == []


def test_no_row_tells_what_was_typed(app: Flask, client: FlaskClient) -> None:
    """People type their password into the wrong field."""
    try_(client, "my-secret-password", "x")
    assert all("secret" not in subject for subject, _failures in counters(app))


def counters(app: Flask) -> list[tuple[str, int]]:
    """Return the rows there are: subject and failures."""
    with app.app_context(), unit_of_work("read"):
        query = select(LoginAttempts.subject, LoginAttempts.failures)
        return [tuple(row) for row in db.session.execute(query)]
