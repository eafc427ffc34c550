"""Lost passwords and other addresses: mailed links, used once, by whom they are for, on both databases."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.accounts.addresses import EMAIL
from portal.accounts.loading import find_user
from portal.accounts.models import User
from portal.accounts.recovery import LIFETIME
from portal.accounts.services import authenticate, set_status
from portal.accounts.subjects import token_subject
from portal.core.clock import frozen, now
from portal.core.tokens import issue_token
from portal.core.unit_of_work import Unit
from tests.accounts.mailedlinks import link_in, links_in
from tests.factories import make_user, sign_in
from tests.fixtures.mail import Deliver, text_of

Arrange = Callable[[], AbstractContextManager[Unit]]

OLD, NEW = "portal-demo", "Another-1"
CHANGE = {"new_password": NEW, "repetition": NEW}
WANTED = {"email": "New@example.org", "password": OLD}


@pytest.fixture(autouse=True)
def alice(arrange: Arrange) -> User:
    """Alice, and bob."""
    with arrange():
        make_user("bob", password=OLD)
        return make_user("alice", password=OLD)


def stored(arrange: Arrange, name: str = "alice") -> User:
    """Return the person's row as it is now."""
    with arrange():
        found = find_user(name)
    assert found is not None
    return found


def lose(client: FlaskClient, who: str = "alice") -> None:
    """Ask for the link."""
    answer = client.post("/password/lost", data={"who": who})
    assert (answer.status_code, answer.location) == (303, "/register/sent")


@pytest.mark.parametrize("who", ["alice", " ALICE ", "Alice@Example.org"])
def test_a_lost_password_is_replaced_by_a_mailed_link(
    app: Flask, client: FlaskClient, alice: User, arrange: Arrange, deliver: Deliver, who: str
) -> None:
    """Forge 4.2: one-time link, new password twice, link invalidated; engineering 2p: sessions end."""
    elsewhere = sign_in(app.test_client(), alice)
    assert elsewhere.get("/my/").status_code == 200
    lose(client, who)
    (mail,) = deliver()
    assert (mail["To"], mail["Subject"]) == ("alice@example.org", "A new password for Portal")
    path = link_in(mail)
    assert client.get(path).status_code == 200
    assert client.post(path, data=CHANGE).location == "/login"
    with arrange():
        assert authenticate("alice", NEW).user_name == "alice"
    assert elsewhere.get("/my/").status_code == 302
    assert client.get(path).status_code == 404
    assert client.post(path, data=CHANGE).status_code == 404


@pytest.mark.parametrize(
    "who", ["nobody", "nobody@example.org", "sam", "", "x" * 254, "' OR 1=1 --", "a b"]
)
def test_for_nobody_the_answer_is_the_same_and_no_mail_goes(
    client: FlaskClient, arrange: Arrange, deliver: Deliver, who: str
) -> None:
    """Forge 4.2: same answer always; suspended people are nobody here."""
    with arrange():
        make_user("sam", status="S")
    lose(client, who or "0")
    assert deliver() == []


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"new_password": "portal-demo", "repetition": "portal-demo"}, "upper-case"),
        ({"new_password": "Sh0rt-", "repetition": "Sh0rt-"}, "8 to"),
        ({"new_password": NEW, "repetition": "x"}, "differ"),
    ],
)
def test_a_refused_password_leaves_the_link_good(
    client: FlaskClient, deliver: Deliver, fields: dict[str, str], text: str
) -> None:
    """One typing error must not cost another mail."""
    lose(client)
    path = link_in(deliver()[0])
    answer = client.post(path, data=fields)
    assert answer.status_code == 422
    assert text in answer.text
    assert client.post(path, data=CHANGE).status_code == 303


def test_the_link_is_good_for_an_hour(client: FlaskClient, deliver: Deliver) -> None:
    """Forge 4.2: 1 h expiry."""
    lose(client)
    path = link_in(deliver()[0])
    with frozen(now() + LIFETIME - timedelta(seconds=5)):
        assert client.get(path).status_code == 200
    with frozen(now() + LIFETIME + timedelta(seconds=5)):
        assert client.get(path).status_code == 404
        assert client.post(path, data=CHANGE).status_code == 404


def test_a_link_for_an_address_resets_no_password(client: FlaskClient, arrange: Arrange) -> None:
    """Forge 4.2: not one token column for everything."""
    with arrange():
        token = issue_token(EMAIL, token_subject(stored_now("alice")), 60, {"email": "x@y.org"})
    assert client.get(f"/password/reset/{token}").status_code == 404


def stored_now(name: str) -> User:
    """Return a row inside the running unit of work."""
    found = find_user(name)
    assert found is not None
    return found


def test_a_suspended_account_keeps_its_password(
    client: FlaskClient, arrange: Arrange, deliver: Deliver
) -> None:
    """The link was mailed before the suspension."""
    lose(client)
    path = link_in(deliver()[0])
    with arrange():
        set_status(stored_now("alice"), "S")
    assert client.post(path, data=CHANGE).status_code == 404


def test_what_was_mailed_before_a_suspension_is_useless_after_it(
    client: FlaskClient, arrange: Arrange, deliver: Deliver
) -> None:
    """Whoever reads a lost mailbox does not get in again when the account is opened."""
    lose(client)
    path = link_in(deliver()[0])
    for status in ("S", "A"):
        with arrange():
            set_status(stored_now("alice"), status)
    assert client.post(path, data=CHANGE).status_code == 404


def test_another_address_counts_once_it_was_confirmed(
    client: FlaskClient, alice: User, arrange: Arrange, deliver: Deliver
) -> None:
    """Forge 4.3: mail to the new address, a notice to the old one."""
    sign_in(client, alice)
    assert client.post("/my/settings/email", data=WANTED).status_code == 303
    to_new, to_old = deliver()
    assert (to_new["To"], to_old["To"]) == ("New@example.org", "alice@example.org")
    assert "New@example.org" in text_of(to_old)
    assert links_in(to_old) == ["/my/settings"]
    path = link_in(to_new)
    assert "New@example.org" in client.get(path).text
    assert stored(arrange).email == "alice@example.org"
    assert client.post(path).status_code == 303
    changed = stored(arrange)
    assert (changed.email, changed.email_ci) == ("New@example.org", "new@example.org")
    assert client.post(path).status_code == 404


@pytest.mark.parametrize(
    ("field", "value", "text"),
    [
        ("password", "wrong", "not your present password"),
        ("email", "nowhere", "not an e-mail address"),
        ("email", "ALICE@example.org", "your address already"),
    ],
)
def test_a_refused_address_mails_nothing(
    client: FlaskClient, alice: User, deliver: Deliver, field: str, value: str, text: str
) -> None:
    """The fault stands at its field."""
    sign_in(client, alice)
    answer = client.post("/my/settings/email", data={**WANTED, field: value})
    assert answer.status_code == 422
    assert text in answer.text
    assert deliver() == []


def test_the_address_of_another_is_not_told_to_be_known(
    client: FlaskClient, alice: User, arrange: Arrange, deliver: Deliver
) -> None:
    """Issue 4: no answer tells whether an address exists."""
    sign_in(client, alice)
    known = client.post("/my/settings/email", data={**WANTED, "email": "BOB@example.org"})
    unknown = client.post("/my/settings/email", data=WANTED)
    assert (known.status_code, known.location) == (unknown.status_code, unknown.location)
    to_bob, *_others = deliver()
    assert to_bob["To"] == "bob@example.org"
    assert links_in(to_bob) == ["/password/lost"]
    assert stored(arrange).email == "alice@example.org"


def test_the_link_is_its_owners(
    client: FlaskClient, alice: User, arrange: Arrange, deliver: Deliver
) -> None:
    """A foreign user gets nothing by it, a visitor is asked to log in."""
    sign_in(client, alice)
    client.post("/my/settings/email", data=WANTED)
    path = link_in(deliver()[0])
    sign_in(client, stored(arrange, "bob"))
    assert client.get(path).status_code == 404
    assert client.post(path).status_code == 404
    client.post("/logout")
    assert client.get(path).status_code == 302
    assert stored(arrange, "bob").email == "bob@example.org"


def test_an_address_that_was_taken_meanwhile_is_refused(
    client: FlaskClient, alice: User, arrange: Arrange, deliver: Deliver
) -> None:
    """Two people asked for it; the first to confirm has it."""
    sign_in(client, alice)
    client.post("/my/settings/email", data=WANTED)
    path = link_in(deliver()[0])
    with arrange():
        make_user("new")
    assert client.post(path).status_code == 409
    assert stored(arrange).email == "alice@example.org"


def test_a_new_password_makes_every_mailed_link_useless(
    client: FlaskClient, alice: User, arrange: Arrange, deliver: Deliver
) -> None:
    """What the notice to the old address promises."""
    sign_in(client, alice)
    client.post("/my/settings/email", data=WANTED)
    path = link_in(deliver()[0])
    data = {"old_password": OLD, **CHANGE}
    assert client.post("/my/settings/password", data=data).status_code == 303
    assert client.post(path).status_code == 404
