"""Deleting one's account: out of all groups, data erased, the name kept, on both databases."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.access.queries import memberships_of
from portal.accounts.loading import find_user
from portal.accounts.models import User
from portal.accounts.services import create_user, set_status
from portal.core.errors import Conflict, Invalid
from portal.core.unit_of_work import Unit
from portal.groups.queries import named_group
from tests.factories import make_group, make_member, make_user, sign_in

Arrange = Callable[[], AbstractContextManager[Unit]]

PASSWORD = "portal-demo"
PAGE = "/my/settings/delete"


@pytest.fixture(autouse=True)
def bob(arrange: Arrange) -> User:
    """Bob, who works in apollo; alice administers it."""
    with arrange():
        apollo = make_group("apollo")
        make_member(apollo, make_user("alice", password=PASSWORD), "Admin")
        bob = make_user("bob", password=PASSWORD, timezone="Europe/Rome", page_size=50)
        return make_member(apollo, bob)


def test_who_leaves_is_gone_everywhere(
    app: Flask, client: FlaskClient, bob: User, arrange: Arrange
) -> None:
    """Forge 4.0: removed from all groups, status D; the name stays reserved, the address is free."""
    elsewhere = sign_in(app.test_client(), bob)
    sign_in(client, bob)
    assert client.get(PAGE).status_code == 200
    assert client.post(PAGE, data={"password": PASSWORD}).location == "/"
    for each in (client, elsewhere):
        assert each.get("/my/").status_code == 302
    assert client.get("/users/bob/").status_code == 404
    with arrange():
        gone = find_user("bob")
        assert gone is not None
        assert (gone.status, gone.real_name, gone.email) == ("D", "bob", "")
        assert (gone.timezone, gone.page_size) == (None, None)
        assert memberships_of(gone.user_id) == {}
        apollo = named_group("apollo")
        assert apollo is not None
        assert apollo.member_count == 1
        with pytest.raises(Invalid) as caught:
            create_user("bob", "Bob again", "bob@example.org", PASSWORD)
        assert list(caught.value.errors) == ["user_name"]
        with pytest.raises(Conflict, match="from state D"):
            set_status(gone, "A")


def test_the_log_in_tells_only_who_knows_the_password(
    client: FlaskClient, bob: User, arrange: Arrange
) -> None:
    """Forge 4.2: D has its own text, only after a correct password."""
    with arrange():
        gone = find_user("bob")
        assert gone is not None
        set_status(gone, "D")
    form = {"user_name": "bob", "password": PASSWORD}
    assert "was deleted" in client.post("/login", data=form).text
    assert "was deleted" not in client.post("/login", data={**form, "password": "x"}).text


def test_a_wrong_password_deletes_nothing(client: FlaskClient, bob: User, arrange: Arrange) -> None:
    """Somebody at an open screen."""
    sign_in(client, bob)
    answer = client.post(PAGE, data={"password": "wrong"})
    assert answer.status_code == 422
    assert "not your present password" in answer.text
    assert client.get("/my/").status_code == 200


def test_the_last_administrator_of_a_group_stays_and_reads_why(
    client: FlaskClient, arrange: Arrange
) -> None:
    """All or nothing: no membership is lost on the way."""
    with arrange():
        alice = find_user("alice")
        assert alice is not None
        make_member(make_group("zeus"), alice)
    sign_in(client, alice)
    answer = client.post(PAGE, data={"password": PASSWORD})
    assert answer.status_code == 422
    assert "Apollo: alice is the last administrator" in answer.text
    with arrange():
        assert len(memberships_of(alice.user_id)) == 2


def test_the_last_site_admin_stays(client: FlaskClient, arrange: Arrange) -> None:
    """The safeguard of the access package is asked, too."""
    with arrange():
        root = make_user("boss", password=PASSWORD, is_site_admin=True)
    sign_in(client, root)
    answer = client.post(PAGE, data={"password": PASSWORD})
    assert "last site admin" in answer.text
    assert client.get("/my/").status_code == 200


def test_the_page_needs_a_log_in(client: FlaskClient) -> None:
    """And so does what it sends."""
    assert client.get(PAGE).status_code == 302
    assert client.post(PAGE, data={"password": PASSWORD}).status_code == 401
