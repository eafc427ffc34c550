"""Sessions as rows: a cookie is worth what its row says, in every worker and on both databases."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from portal.accounts.browsers import browser_of
from portal.accounts.loading import find_user
from portal.accounts.models import User, UserSession
from portal.accounts.services import delete_user, set_password, set_status
from portal.accounts.sessionstore import (
    MOST_SESSIONS,
    Visit,
    open_session,
    purge_sessions,
    sessions_of,
)
from portal.app import create_app
from portal.config import Settings
from portal.core.clock import now
from portal.core.database import db
from portal.core.unit_of_work import Unit
from portal.jobs.registry import jobs_of
from tests.factories import make_user
from tests.fixtures.apps import Arrange, CountSelects

PASSWORD = "portal-demo"
COOKIE = "portal_session"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture(autouse=True)
def alice(arrange: Arrange) -> User:
    """Alice, who can log in."""
    with arrange():
        return make_user("alice", password=PASSWORD)


@pytest.fixture
def other_worker(settings: Settings) -> Iterator[Flask]:
    """Another process's app on the same database."""
    app = create_app(settings)
    app.config.update(TESTING=True, PROPAGATE_EXCEPTIONS=False, WTF_CSRF_ENABLED=False)
    yield app
    jobs_of(app).queue.close()


def log_in(app: Flask, **headers: str) -> FlaskClient:
    """Return a browser in which Alice has logged in through the page."""
    client = app.test_client()
    form = {"user_name": "alice", "password": PASSWORD}
    assert client.post("/login", data=form, headers=headers).status_code == 303
    return client


def cookie_of(client: FlaskClient) -> str:
    """Return what the browser's session cookie holds."""
    cookie = client.get_cookie(COOKIE)
    assert cookie is not None
    return str(cookie.value)


def thief(app: Flask, cookie: str) -> FlaskClient:
    """Return another browser with a copy of the cookie."""
    client = app.test_client()
    client.set_cookie(COOKIE, cookie)
    return client


def is_logged_in(client: FlaskClient) -> bool:
    """Tell whether a page for people opens; the answer is closed, as a server closes it."""
    with client.get("/my/") as answer:
        return answer.status_code == 200


def rows(arrange: Arrange) -> int:
    """Return the number of sessions that there are."""
    with arrange():
        return db.session.scalar(select(func.count(UserSession.session_id))) or 0


def age(arrange: Arrange, **values: object) -> None:
    """Change every session's row."""
    with arrange():
        db.session.execute(update(UserSession).values(**values))


def test_a_copied_cookie_is_nobodys_after_the_log_out(app: Flask, arrange: Arrange) -> None:
    """Forge 4.2: log-out ends the session, not the cookie of one browser alone."""
    client = log_in(app)
    copied = thief(app, cookie_of(client))
    assert is_logged_in(copied)
    client.post("/logout")
    assert not is_logged_in(copied)
    assert rows(arrange) == 0


def test_a_log_out_leaves_the_other_sessions_alone(app: Flask, arrange: Arrange) -> None:
    """Each browser has a session of its own."""
    here, there = log_in(app), log_in(app)
    here.post("/logout")
    assert not is_logged_in(here)
    assert is_logged_in(there)
    assert rows(arrange) == 1


def test_what_one_worker_ends_is_ended_in_the_other(app: Flask, other_worker: Flask) -> None:
    """Issue 4: the same across workers."""
    client = log_in(app)
    elsewhere = thief(other_worker, cookie_of(client))
    assert is_logged_in(elsewhere)
    client.post("/logout")
    assert not is_logged_in(elsewhere)


def test_a_log_in_gives_a_token_that_nobody_knew_before(app: Flask) -> None:
    """Session fixation: a cookie that an attacker planted does not become the victim's session."""
    attacker = app.test_client()
    attacker.get("/login")
    attacker.post("/login", data={"user_name": "alice", "password": "wrong"})
    with attacker.session_transaction() as session:
        session["planted"] = "yes"
    planted = cookie_of(attacker)
    victim = thief(app, planted)
    victim.post("/login", data={"user_name": "alice", "password": PASSWORD})
    assert is_logged_in(victim)
    assert not is_logged_in(thief(app, planted))
    with victim.session_transaction() as session:
        assert "planted" not in session


def test_the_database_does_not_know_the_token(app: Flask, arrange: Arrange) -> None:
    """Whoever reads a backup cannot log in with it."""
    client = log_in(app)
    with client.session_transaction() as session:
        token = session["_token"]
    with arrange():
        row = db.session.scalars(select(UserSession)).one()
        assert token not in str(vars(row))


@pytest.mark.parametrize("forged", ["", "x" * 43, 7, None, "\ud800"])
def test_another_token_is_nobody(app: Flask, forged: object) -> None:
    """The person's key alone, as sessions of older releases have it, is not enough."""
    client = log_in(app)
    with client.session_transaction() as session:
        session["_token"] = forged
    assert not is_logged_in(client)


def test_a_token_does_not_open_somebody_elses_account(app: Flask, arrange: Arrange) -> None:
    """The key and the token have to name the same person."""
    with arrange():
        bob = make_user("bob")
    client = log_in(app)
    with client.session_transaction() as session:
        session["_user_id"] = bob.get_id()
    assert not is_logged_in(client)


@pytest.mark.parametrize("deed", ["password", "suspend", "delete"])
def test_what_becomes_of_the_account_ends_every_session(
    app: Flask, arrange: Arrange, deed: str
) -> None:
    """Engineering 2p: epoch and rows."""
    clients = [log_in(app), log_in(app)]
    with arrange():
        alice = find_user("alice")
        assert alice is not None
        if deed == "password":
            set_password(alice, "Another-1")
        elif deed == "suspend":
            set_status(alice, "S")
        else:
            delete_user(alice)
    assert [is_logged_in(client) for client in clients] == [False, False]
    assert rows(arrange) == 0


def test_a_new_password_keeps_this_session_as_a_new_one(app: Flask, arrange: Arrange) -> None:
    """A copy of the old cookie dies with the others."""
    client, elsewhere = log_in(app), log_in(app)
    copied = thief(app, cookie_of(client))
    form = {"old_password": PASSWORD, "new_password": "Another-1", "repetition": "Another-1"}
    assert client.post("/my/settings/password", data=form).status_code == 303
    assert is_logged_in(client)
    assert not is_logged_in(elsewhere)
    assert not is_logged_in(copied)
    assert rows(arrange) == 1


def test_a_session_that_nobody_used_for_long_is_over(
    app: Flask, arrange: Arrange, settings: Settings
) -> None:
    """PORTAL_SESSION_HOURS."""
    client = log_in(app)
    with arrange():
        row = db.session.scalars(select(UserSession)).one()
        assert row.expires_at - row.last_seen_at == timedelta(hours=settings.session_hours)
    age(arrange, expires_at=now())
    assert not is_logged_in(client)
    with arrange():
        assert purge_sessions() == 1


def test_use_keeps_a_session_and_is_written_when_the_answer_is_out(
    app: Flask, arrange: Arrange, settings: Settings
) -> None:
    """Design 8: nothing is written on a GET; afterwards at most every five minutes."""
    client = log_in(app)
    before = cookie_of(client)
    hour_ago = now() - timedelta(hours=1)
    age(arrange, last_seen_at=hour_ago, expires_at=now() + timedelta(minutes=1))
    answer = client.get("/my/")
    with arrange():
        assert db.session.scalars(select(UserSession.last_seen_at)).one() == hour_ago
    answer.close()
    with arrange():
        row = db.session.scalars(select(UserSession)).one()
        assert now() - row.last_seen_at < timedelta(minutes=1)
        assert row.expires_at - row.last_seen_at == timedelta(hours=settings.session_hours)
        assert row.address == "127.0.0.1"
        seen = row.last_seen_at
    assert cookie_of(client) != before
    assert is_logged_in(client)
    with arrange():
        assert db.session.scalars(select(UserSession.last_seen_at)).one() == seen


def test_a_session_that_ends_during_its_request_stays_ended(app: Flask, arrange: Arrange) -> None:
    """What is written after the answer does not bring the row back."""
    client = log_in(app)
    age(arrange, last_seen_at=now() - timedelta(hours=1))
    client.post("/logout").close()
    assert rows(arrange) == 0


def test_a_request_still_costs_one_select(app: Flask, count_selects: CountSelects) -> None:
    """Design 8: the session comes with the person's row."""
    client = log_in(app)
    with count_selects() as selects:
        assert client.get("/login").status_code == 303
    assert len(selects) == 1


def test_a_person_has_no_more_sessions_than_a_page_can_show(unit: Unit, alice: User) -> None:
    """The one not used for longest goes."""
    for number in range(MOST_SESSIONS + 2):
        open_session(alice, Visit(user_agent=f"browser {number}"))
    found = sessions_of(alice)
    assert len(found) == MOST_SESSIONS
    assert {"browser 0", "browser 1"}.isdisjoint(each.user_agent for each in found)


def test_what_a_browser_says_of_itself_is_cut(unit: Unit, alice: User) -> None:
    """Headers can be as long as somebody likes, and hold what PostgreSQL refuses."""
    open_session(alice, Visit(user_agent="x\0" * 1000, address="y" * 100))
    (found,) = sessions_of(alice)
    assert (len(found.user_agent), len(found.address)) == (255, 64)


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (FIREFOX, "Firefox, Linux"),
        (
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/130.0 Safari/537.36 Edg/130.0",
            "Edge, Windows",
        ),
        (
            "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36",
            "Chrome, Android",
        ),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) Version/18.0 Safari/604.1", "Safari, iPhone"),
        ("curl/8.10", "curl"),
        ("", "Unknown browser"),
        ("<script>", "Unknown browser"),
    ],
)
def test_browsers_are_told_by_their_names(unit: Unit, user_agent: str, words: str) -> None:
    assert browser_of(user_agent) == words
