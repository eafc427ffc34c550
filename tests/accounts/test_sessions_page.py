"""My sessions: look where one is logged in, end one or all others; nobody else's."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.accounts.models import User, UserSession
from portal.core.audit.models import AuditEntry
from portal.core.database import db
from tests.factories import make_user
from tests.fixtures.apps import Arrange

PASSWORD = "portal-demo"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) Version/18.0 Safari/604.1"


@pytest.fixture(autouse=True)
def people(arrange: Arrange) -> dict[str, User]:
    """Alice and Bob, who can log in."""
    with arrange():
        return {name: make_user(name, password=PASSWORD) for name in ("alice", "bob")}


def log_in(app: Flask, name: str, user_agent: str = FIREFOX) -> FlaskClient:
    """Return a browser in which the person has logged in."""
    client = app.test_client()
    form = {"user_name": name, "password": PASSWORD}
    answer = client.post("/login", data=form, headers={"User-Agent": user_agent})
    assert answer.status_code == 303
    return client


def keys_of(arrange: Arrange, user: User) -> list[int]:
    """Return the keys of the person's sessions, the oldest first."""
    with arrange():
        query = select(UserSession.session_id).where(UserSession.user_id == user.user_id)
        return list(db.session.scalars(query.order_by(UserSession.session_id)))


def entries(arrange: Arrange) -> list[tuple[str, str, dict[str, object]]]:
    """Return actor, subject and old values of what the audit log says of sessions."""
    with arrange():
        query = select(AuditEntry).where(AuditEntry.action == "user.sessions")
        found = db.session.scalars(query.order_by(AuditEntry.audit_id)).all()
        return [(each.actor_name, each.object_name, each.old_values) for each in found]


def test_the_page_lists_ones_own_sessions_and_marks_this_one(app: Flask) -> None:
    """Browser, address, since when, last seen."""
    here = log_in(app, "alice")
    log_in(app, "alice", PHONE)
    log_in(app, "bob", "curl/8.10")
    page = here.get("/my/sessions").text
    assert page.count("Address 127.0.0.1") == 2
    assert page.count("This session") == 1
    assert [name in page for name in ("Firefox, Linux", "Safari, iPhone", "curl")] == [
        True,
        True,
        False,
    ]
    assert len(re.findall(r"/my/sessions/\d+/end", page)) == 1
    assert 'href="/my/sessions"' in here.get("/my/settings").text


def test_one_session_elsewhere_is_ended(
    app: Flask, arrange: Arrange, people: dict[str, User]
) -> None:
    here, phone = log_in(app, "alice"), log_in(app, "alice", PHONE)
    key = keys_of(arrange, people["alice"])[1]
    answer = here.post(f"/my/sessions/{key}/end", follow_redirects=True)
    assert "The session was ended." in answer.text
    assert "End all others" not in answer.text
    assert phone.get("/my/").status_code == 302
    assert entries(arrange) == [
        ("alice", "alice", {"browser": "Safari, iPhone", "address": "127.0.0.1"})
    ]
    assert here.post(f"/my/sessions/{key}/end").status_code == 404


def test_all_others_are_ended_at_once(app: Flask, arrange: Arrange) -> None:
    here, others = log_in(app, "alice"), [log_in(app, "alice") for _number in range(2)]
    bob = log_in(app, "bob")
    assert (
        "2 sessions were ended." in here.post("/my/sessions/end-others", follow_redirects=True).text
    )
    assert [client.get("/my/").status_code for client in (*others, here, bob)] == [
        302,
        302,
        200,
        200,
    ]
    assert entries(arrange) == [("alice", "alice", {"ended": 2})]
    again = here.post("/my/sessions/end-others", follow_redirects=True)
    assert "not logged in anywhere else" in again.text


def test_ending_this_session_is_a_log_out(
    app: Flask, arrange: Arrange, people: dict[str, User]
) -> None:
    """The page has no button for it, but a stale page may send its key."""
    here = log_in(app, "alice")
    (key,) = keys_of(arrange, people["alice"])
    assert here.post(f"/my/sessions/{key}/end").location == "/"
    assert here.get("/my/").status_code == 302


def test_somebody_elses_session_is_not_there(
    app: Flask, arrange: Arrange, people: dict[str, User]
) -> None:
    """Forge 4.0: authorise on the object."""
    alice, bob = log_in(app, "alice"), log_in(app, "bob")
    (key,) = keys_of(arrange, people["bob"])
    assert alice.post(f"/my/sessions/{key}/end").status_code == 404
    assert bob.get("/my/").status_code == 200
    assert entries(arrange) == []


@pytest.mark.parametrize("path", ["/my/sessions/1/end", "/my/sessions/end-others"])
def test_ending_needs_a_log_in_and_the_forms_token(app: Flask, path: str) -> None:
    """Forge 4.0: POST and CSRF everywhere."""
    assert app.test_client().post(path).status_code == 401
    client = log_in(app, "alice")
    log_in(app, "alice")
    app.config["WTF_CSRF_ENABLED"] = True
    assert client.post(path).status_code == 400
    assert client.get(path).status_code in (404, 405)


def test_the_page_needs_a_log_in(client: FlaskClient) -> None:
    assert client.get("/my/sessions").status_code == 302
