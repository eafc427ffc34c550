"""The sessions of everybody in site admin: look, filter, end one, end all of a person."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from portal.accounts.models import User, UserSession
from portal.core.clock import now
from portal.core.database import db
from tests.factories import sign_in
from tests.fixtures.apps import Arrange, CountSelects
from tests.siteadmin.people import is_logged_in, log_in, log_of


def key_of(arrange: Arrange, user: User) -> int:
    """Return the key of the person's one session."""
    with arrange():
        query = select(UserSession.session_id).where(UserSession.user_id == user.user_id)
        return db.session.scalars(query).one()


def test_the_list_shows_everybodys_sessions_and_filters_by_person(
    app: Flask, ada: FlaskClient, count_selects: CountSelects
) -> None:
    """Forge 4.13, recent sessions; the list kit's budget."""
    log_in(app, "alice")
    log_in(app, "bob")
    with count_selects() as selects:
        page = ada.get("/admin/sessions/").text
    assert len(selects) <= 6
    assert [page.count(f'href="/admin/users/{name}/"') for name in ("alice", "bob")] == [1, 1]
    assert page.count("This session") == 1
    assert "End all sessions of" not in page
    narrowed = ada.get("/admin/sessions/?f.user_name.eq=bob").text
    assert "/admin/users/alice/" not in narrowed
    assert "End all sessions of bob" in narrowed
    lines = ada.get("/admin/sessions/?format=csv&f.user_name.eq=bob").text.splitlines()
    assert lines[0] == "user_name,browser,address,created_at,last_seen_at,user_agent"
    assert lines[1].startswith("bob,")
    assert len(lines) == 2


def test_sessions_that_are_over_are_not_listed(
    app: Flask, ada: FlaskClient, arrange: Arrange, people: dict[str, User]
) -> None:
    log_in(app, "bob")
    with arrange():
        is_bobs = UserSession.user_id == people["bob"].user_id
        db.session.execute(update(UserSession).where(is_bobs).values(expires_at=now()))
    assert "/admin/users/bob/" not in ada.get("/admin/sessions/").text


def test_one_session_is_ended_and_that_is_written_down(
    app: Flask, ada: FlaskClient, arrange: Arrange, people: dict[str, User]
) -> None:
    bob = log_in(app, "bob")
    key = key_of(arrange, people["bob"])
    answer = ada.post(f"/admin/sessions/{key}/end", follow_redirects=True)
    assert "The session was ended." in answer.text
    assert not is_logged_in(bob)
    assert is_logged_in(ada)
    assert log_of(app, "bob") == ["ada user.sessions"]
    assert ada.post(f"/admin/sessions/{key}/end").status_code == 404


def test_all_sessions_of_a_person_are_ended(app: Flask, ada: FlaskClient) -> None:
    bobs, alice = [log_in(app, "bob") for _number in range(3)], log_in(app, "alice")
    answer = ada.post("/admin/users/bob/sessions/end", follow_redirects=True)
    assert "3 sessions were ended." in answer.text
    assert [is_logged_in(each) for each in (*bobs, alice)] == [False, False, False, True]


def test_of_ones_own_the_present_one_stays(app: Flask, ada: FlaskClient) -> None:
    elsewhere = log_in(app, "ada")
    ada.post("/admin/users/ada/sessions/end")
    assert is_logged_in(ada)
    assert not is_logged_in(elsewhere)


def test_ending_the_present_one_is_a_log_out(
    app: Flask, ada: FlaskClient, arrange: Arrange, people: dict[str, User]
) -> None:
    key = key_of(arrange, people["ada"])
    assert ada.post(f"/admin/sessions/{key}/end").location == "/"
    assert not is_logged_in(ada)


@pytest.mark.parametrize("path", ["/admin/sessions/1/end", "/admin/users/bob/sessions/end"])
def test_nobody_but_site_admins_ends_them(
    app: Flask, client: FlaskClient, people: dict[str, User], path: str
) -> None:
    assert client.post(path).status_code == 401
    assert client.get("/admin/sessions/").status_code == 302
    alice = sign_in(client, people["alice"])
    assert alice.post(path).status_code == 403
    assert alice.get("/admin/sessions/").status_code == 403
    app.config["WTF_CSRF_ENABLED"] = True
    assert sign_in(client, people["ada"]).post(path).status_code == 400
