"""Making an account: the form, the mail, the link, and what none of them tells, on both databases."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from statistics import median

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal.accounts.loading import find_user
from portal.accounts.models import User
from portal.accounts.recovery import PASSWORD as RESET
from portal.accounts.registration import CONFIRM, LIFETIME, purge_unconfirmed
from portal.accounts.subjects import token_subject
from portal.config import Settings
from portal.core.clock import frozen, now
from portal.core.tokens import issue_token
from portal.core.unit_of_work import Unit
from tests.accounts.mailedlinks import link_in, links_in
from tests.factories import make_user, sign_in
from tests.fixtures.mail import Deliver, html_of, text_of

Arrange = Callable[[], AbstractContextManager[Unit]]

PASSWORD = "Portal-demo-1"
FIELDS = {
    "user_name": "dora",
    "real_name": "Dora D.",
    "email": "Dora@example.org",
    "password": PASSWORD,
    "repetition": PASSWORD,
    "timezone": "Europe/Rome",
    "language": "",
}


@pytest.fixture
def ask(client: FlaskClient) -> Callable[..., TestResponse]:
    """Sends the registration form."""

    def send(**fields: str) -> TestResponse:
        return client.post("/register", data={**FIELDS, **fields})

    return send


def stored(arrange: Arrange, name: str = "dora") -> User | None:
    """Return the person's row as it is now."""
    with arrange():
        return find_user(name)


def confirm(client: FlaskClient, path: str, name: str = "dora") -> TestResponse:
    """Fill in the page behind the link."""
    return client.post(path, data={"user_name": name, "password": PASSWORD})


def test_registering_confirming_and_arriving(
    client: FlaskClient, ask: Callable[..., TestResponse], deliver: Deliver, arrange: Arrange
) -> None:
    """Forge 4.1: account P and a mail; the link asks for login and password, then A and logged in."""
    assert ask().status_code == 303
    dora = stored(arrange)
    assert dora is not None
    assert (dora.status, dora.timezone) == ("P", "Europe/Rome")
    (mail,) = deliver()
    assert (mail["To"], mail["Subject"]) == ("Dora@example.org", "Confirm your account at Portal")
    assert "dora" in text_of(mail)
    assert "Dora D." not in text_of(mail) + html_of(mail)
    path = link_in(mail)
    assert path in html_of(mail)
    assert client.get(path).status_code == 200
    assert stored(arrange).status == "P"  # a GET confirms nothing
    assert confirm(client, path).location == "/register/welcome"
    assert "Welcome, Dora D." in client.get("/register/welcome").text
    dora = stored(arrange)
    assert (dora.status, dora.email_ci) == ("A", "dora@example.org")


def test_a_pending_account_cannot_log_in_and_is_told_why_only_after_the_password(
    client: FlaskClient, ask: Callable[..., TestResponse]
) -> None:
    """Forge 4.2."""
    ask()
    right = client.post("/login", data={"user_name": "dora", "password": PASSWORD})
    wrong = client.post("/login", data={"user_name": "dora", "password": "wrong"})
    assert "not confirmed" in right.text
    assert "not confirmed" not in wrong.text


@pytest.mark.parametrize(
    ("field", "value", "text"),
    [
        ("user_name", "Do", "3 to 32"),
        ("user_name", "root", "reserved"),
        ("user_name", "alice", "taken"),
        ("real_name", " ", "required"),
        ("email", "nowhere", "not an e-mail address"),
        ("password", "portal-demo", "upper-case"),
        ("repetition", "something else", "differ"),
        ("timezone", "Mars/Base", "Not a valid choice"),
    ],
)
def test_a_faulty_field_is_told_and_nothing_is_made(
    ask: Callable[..., TestResponse],
    arrange: Arrange,
    deliver: Deliver,
    field: str,
    value: str,
    text: str,
) -> None:
    """Forge 4.1; a taken login name must be told (engineering 1C 13)."""
    with arrange():
        make_user("alice")
    answer = ask(**{field: value})
    assert answer.status_code == 422
    assert text in answer.text
    assert PASSWORD not in answer.text
    assert stored(arrange) is None
    assert deliver() == []


def test_no_answer_tells_that_an_address_is_known(
    client: FlaskClient, ask: Callable[..., TestResponse], arrange: Arrange, deliver: Deliver
) -> None:
    """The same answer, the login name taken afterwards either way; the owner reads it in a mail."""
    with arrange():
        make_user("alice")
    known, unknown = ask(email="ALICE@example.org"), ask(user_name="emil")
    assert (known.status_code, known.location) == (unknown.status_code, unknown.location)
    assert "taken" in ask().text
    assert "taken" in ask(user_name="emil").text
    told, _asked = deliver()
    assert told["To"] == "alice@example.org"
    assert links_in(told) == ["/password/lost"]
    assert "your account alice already" in " ".join(text_of(told).split())
    with arrange():
        assert find_user("alice").email == "alice@example.org"


def test_who_shows_that_the_address_is_theirs_gets_it(
    client: FlaskClient, ask: Callable[..., TestResponse], arrange: Arrange, deliver: Deliver
) -> None:
    """An unconfirmed account keeps nobody from an address."""
    ask(user_name="squatter")
    ask()
    first, second = deliver()
    assert confirm(client, link_in(second)).status_code == 303
    client.post("/logout")
    late = confirm(client, link_in(first), "squatter")
    assert late.status_code == 409
    assert "belongs to another account" in late.text
    assert stored(arrange, "squatter").status == "P"


def test_resending_answers_alike_and_makes_the_older_link_useless(
    client: FlaskClient, ask: Callable[..., TestResponse], deliver: Deliver, arrange: Arrange
) -> None:
    """Forge 4.1, Resend: by login name or address, without telling whether it exists."""
    with arrange():
        make_user("alice")
    ask()
    (first,) = deliver()
    answers = [
        client.post("/register/resend", data={"who": who})
        for who in ("dora", "DORA@example.org", "alice", "nobody", "a\x01", "%", " ")
    ]
    assert {(each.status_code, each.location) for each in answers} == {(303, "/register/sent")}
    *_older, last = mails = deliver()
    assert [mail["To"] for mail in mails] == ["Dora@example.org"] * 2
    assert client.get(link_in(first)).status_code == 404
    assert confirm(client, link_in(last)).status_code == 303


def test_a_link_works_once(
    client: FlaskClient, ask: Callable[..., TestResponse], deliver: Deliver
) -> None:
    """Issue 4: tokens are single use."""
    ask()
    path = link_in(deliver()[0])
    assert confirm(client, path).status_code == 303
    client.post("/logout")
    assert client.get(path).status_code == 404
    assert confirm(client, path).status_code == 404


def test_a_link_is_good_for_a_week(
    client: FlaskClient, ask: Callable[..., TestResponse], deliver: Deliver, arrange: Arrange
) -> None:
    """Forge 4.1; another mail does not make the week longer."""
    ask()
    with frozen(now() + LIFETIME - timedelta(hours=1)):
        client.post("/register/resend", data={"who": "dora"})
        path = link_in(deliver()[-1])
    with frozen(now() + LIFETIME - timedelta(minutes=1)):
        assert client.get(path).status_code == 200
    with frozen(now() + LIFETIME + timedelta(minutes=1)):
        assert client.get(path).status_code == 404


def test_the_link_of_another_or_for_something_else_confirms_nothing(
    client: FlaskClient, ask: Callable[..., TestResponse], deliver: Deliver, arrange: Arrange
) -> None:
    """Issue 4: tokens have a purpose and a person."""
    ask()
    ask(user_name="emil", email="emil@example.org")
    dora_mail, _emil_mail = deliver()
    foreign = confirm(client, link_in(dora_mail), "emil")
    assert foreign.status_code == 409
    assert stored(arrange, "emil").status == "P"
    with arrange():
        token = issue_token(RESET, token_subject(find_user("emil")), 600)
    assert client.get(f"/register/confirm/{token}").status_code == 404
    assert confirm(client, link_in(dora_mail)).status_code == 303


@pytest.mark.parametrize("password", ["wrong", ""])
def test_the_link_alone_opens_nothing(
    client: FlaskClient,
    ask: Callable[..., TestResponse],
    deliver: Deliver,
    arrange: Arrange,
    password: str,
) -> None:
    """Forge 4.1: the page asks login and password."""
    ask()
    path = link_in(deliver()[0])
    answer = client.post(path, data={"user_name": "dora", "password": password})
    assert answer.status_code == 422
    assert stored(arrange).status == "P"
    assert client.get("/my/").status_code == 302


def test_who_never_confirms_runs_out(
    ask: Callable[..., TestResponse], arrange: Arrange, deliver: Deliver
) -> None:
    """Forge 4.0: purged after one week; the login name is free again."""
    ask()
    with arrange():
        make_user("alice")
        assert purge_unconfirmed() == 0
    with frozen(now() + LIFETIME + timedelta(seconds=1)), arrange():
        assert purge_unconfirmed() == 1
    assert stored(arrange) is None
    assert stored(arrange, "alice") is not None
    assert ask().status_code == 303


def test_a_closed_site_registers_nobody(settings: Settings, app: Flask) -> None:
    """Setting PORTAL_REGISTRATION."""
    app.extensions["portal.settings"] = Settings.load(
        {
            "PORTAL_VAR": str(settings.var),
            "DATABASE_URL": settings.database_url,
            "PORTAL_SECRET_KEY": settings.secret_key,
            "PORTAL_REGISTRATION": "closed",
        }
    )
    client = app.test_client()
    assert client.get("/register").status_code == 403
    assert client.post("/register", data=FIELDS).status_code == 403


def test_whoever_is_logged_in_needs_no_account(client: FlaskClient, arrange: Arrange) -> None:
    """Nor does a GET of the pages behind the form cost anything."""
    with arrange():
        alice = make_user("alice")
    sign_in(client, alice)
    assert client.get("/register").location == "/my/"
    assert client.get("/register/sent").status_code == 200


def test_a_visitor_cannot_have_a_mailbox_filled(ask: Callable[..., TestResponse]) -> None:
    """Mails are counted by the address that asks for them."""
    statuses = [ask(user_name=f"dora{number}").status_code for number in range(21)]
    assert statuses == [303] * 20 + [429]


@pytest.mark.parametrize("path", ["/register/resend", "/password/lost"])
def test_asking_takes_as_long_for_nobody_as_for_somebody(
    client: FlaskClient, arrange: Arrange, path: str
) -> None:
    """Issue 4: no answer tells whether a login exists, its time included; medians within 3 times."""
    with arrange():
        make_user("alice")
        make_user("dora", status="P")

    def seconds(who: str) -> float:
        begin = time.perf_counter()
        assert client.post(path, data={"who": who}).status_code == 303
        return time.perf_counter() - begin

    known = "alice" if path == "/password/lost" else "dora"
    seconds(known), seconds("nobody")
    pairs = [(seconds(known), seconds("nobody")) for _number in range(7)]
    there, not_there = (median(times) for times in zip(*pairs, strict=True))
    assert 1 / 3 < there / not_there < 3


def test_confirming_is_for_its_purpose(arrange: Arrange) -> None:
    """The two purposes differ, or a link for a lost password would confirm."""
    assert CONFIRM != RESET
