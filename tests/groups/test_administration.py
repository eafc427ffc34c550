"""What a group's administrators can change, and what nobody else can."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.access.queries import members_of
from portal.accounts.models import User
from portal.core.unit_of_work import Unit
from portal.groups.queries import named_group
from tests.factories import make_group, make_member, make_user, sign_in

Arrange = Callable[[], AbstractContextManager[Unit]]
People = dict[str, User]

INFORMATION = {
    "full_name": "Apollo Eleven",
    "description": "Three people to the Moon",
    "homepage": "https://example.org/",
    "is_public": "y",
}
POSTS = {
    "admin/": INFORMATION,
    "admin/members": {"user_name": "carol", "role": "Reader"},
    "admin/members/bob/role": {"role": "Admin"},
    "admin/members/bob/remove": {},
    "admin/plugins": {},
}


@pytest.fixture
def people(arrange: Arrange) -> People:
    """Alice administers apollo, bob works in it; carol administers mercury; dora is outside."""
    with arrange():
        people = {name: make_user(name) for name in ("alice", "bob", "carol", "dora")}
        apollo, mercury = make_group("apollo"), make_group("mercury")
        make_member(apollo, people["alice"], "Admin")
        make_member(apollo, people["bob"])
        make_member(mercury, people["carol"], "Admin")
    return people


@pytest.fixture
def members(arrange: Arrange) -> Callable[[], dict[str, tuple[str, ...]]]:
    """Reads apollo's members and their roles."""

    def read() -> dict[str, tuple[str, ...]]:
        with arrange():
            group = named_group("apollo")
            assert group is not None
            found = members_of(group.group_id, limit=50)
            return {each.user.user_name: each.roles for each in found}

    return read


Members = Callable[[], dict[str, tuple[str, ...]]]
BEFORE = {"alice": ("Admin",), "bob": ("Developer",)}


@pytest.mark.parametrize("page", POSTS)
@pytest.mark.parametrize("viewer", ["", "bob", "carol", "dora"])
def test_nobody_but_an_administrator_of_this_group_changes_anything(
    client: FlaskClient, people: People, members: Members, page: str, viewer: str
) -> None:
    """Forge 4.0: authorise on the object; carol administers another group."""
    if viewer:
        sign_in(client, people[viewer])
    answer = client.post(f"/groups/apollo/{page}", data=POSTS[page])
    assert answer.status_code == (403 if viewer else 401)
    assert members() == BEFORE


@pytest.mark.parametrize("page", POSTS)
def test_a_post_without_the_forms_token_changes_nothing(
    app: Flask, client: FlaskClient, people: People, members: Members, page: str
) -> None:
    """Forge 4.0: POST and CSRF everywhere."""
    app.config["WTF_CSRF_ENABLED"] = True
    sign_in(client, people["alice"])
    assert client.post(f"/groups/apollo/{page}", data=POSTS[page]).status_code == 400
    assert members() == BEFORE


@pytest.mark.parametrize("page", ["admin/members/bob/role", "admin/members/bob/remove"])
def test_changes_are_never_made_by_a_link(client: FlaskClient, people: People, page: str) -> None:
    """Forge 4.0: GET never writes."""
    sign_in(client, people["alice"])
    assert client.get(f"/groups/apollo/{page}").status_code == 405


def test_information_is_saved(client: FlaskClient, people: People) -> None:
    """Forge 4.8, Information."""
    sign_in(client, people["alice"])
    answer = client.post("/groups/apollo/admin/", data=INFORMATION, follow_redirects=True)
    assert "The group&#39;s information was saved." in answer.text
    assert "Apollo Eleven" in client.get("/groups/apollo/").text
    assert 'href="https://example.org/"' in client.get("/groups/apollo/").text


def test_a_faulty_value_is_marked_and_nothing_is_saved(client: FlaskClient, people: People) -> None:
    """Errors stand at their fields, with what was typed."""
    sign_in(client, people["alice"])
    data = INFORMATION | {"homepage": "javascript:alert(1)", "full_name": "Mercury"}
    answer = client.post("/groups/apollo/admin/", data=data)
    assert answer.status_code == 422
    assert "Another group is called Mercury already" in answer.text
    assert "Give a full address" in answer.text
    assert "javascript:alert(1)" not in client.get("/groups/apollo/").text


def test_a_group_that_is_made_private_disappears_for_outsiders(
    client: FlaskClient, people: People
) -> None:
    """The box that is not ticked is not sent."""
    sign_in(client, people["alice"])
    private = {name: value for name, value in INFORMATION.items() if name != "is_public"}
    client.post("/groups/apollo/admin/", data=private)
    sign_in(client, people["dora"])
    assert client.get("/groups/apollo/").status_code == 404


def test_a_person_is_taken_in_with_a_role(
    client: FlaskClient, people: People, members: Members
) -> None:
    """Forge 4.8: add member by login and role; case and blanks are forgiven."""
    sign_in(client, people["alice"])
    data = {"user_name": " Dora ", "role": "Reader"}
    answer = client.post("/groups/apollo/admin/members", data=data, follow_redirects=True)
    assert "Dora is now a member." in answer.text
    assert members() == BEFORE | {"dora": ("Reader",)}


@pytest.mark.parametrize(
    ("user_name", "role", "text"),
    [
        ("nobody", "Reader", "There is no account named nobody."),
        ("bob", "Developer", "has the role Developer already"),
        ("dora", "Owner", "Not a valid choice"),
        ("sam", "Reader", "no active account"),
        ("", "Reader", "required"),
    ],
)
def test_who_cannot_be_taken_in_is_told_at_the_field(
    client: FlaskClient, people: People, members: Members, arrange: Arrange, user_name: str, role: str,
    text: str,
) -> None:  # fmt: skip
    """Forge 4.8, Rules: only active users can be added; roles are those of this group."""
    with arrange():
        make_user("sam", status="S")
    sign_in(client, people["alice"])
    data = {"user_name": user_name, "role": role}
    answer = client.post("/groups/apollo/admin/members", data=data)
    assert answer.status_code == 422
    assert text in answer.text
    assert members() == BEFORE


def test_a_member_gets_another_role_and_is_removed(
    client: FlaskClient, people: People, members: Members
) -> None:
    """Forge 4.8: current members with role and Remove."""
    sign_in(client, people["alice"])
    client.post("/groups/apollo/admin/members/bob/role", data={"role": "Admin"})
    assert members() == BEFORE | {"bob": ("Admin",)}
    client.post("/groups/apollo/admin/members/bob/remove")
    assert members() == {"alice": ("Admin",)}


@pytest.mark.parametrize("page", ["role", "remove"])
def test_the_last_administrator_stays(
    client: FlaskClient, people: People, members: Members, page: str
) -> None:
    """Issue 2: the last admin cannot be removed, nor give the role away."""
    sign_in(client, people["alice"])
    path = f"/groups/apollo/admin/members/alice/{page}"
    answer = client.post(path, data={"role": "Reader"}, follow_redirects=True)
    assert "last administrator" in answer.text
    assert members() == BEFORE


def test_an_administrator_who_leaves_goes_to_the_list_of_groups(
    client: FlaskClient, people: People, arrange: Arrange
) -> None:
    """The page that they came from is no longer theirs."""
    with arrange():
        group = named_group("apollo")
        assert group is not None
        make_member(group, people["carol"], "Admin")
    sign_in(client, people["alice"])
    answer = client.post("/groups/apollo/admin/members/alice/remove")
    assert answer.headers["Location"] == "/groups/"


@pytest.mark.parametrize(("user_name", "status"), [("carol", 404), ("nobody", 404), ("alice", 422)])
def test_a_role_that_the_group_does_not_have_or_a_person_who_is_not_in_it_changes_nothing(
    client: FlaskClient, people: People, members: Members, user_name: str, status: int
) -> None:
    """Nothing that the address or the form names is taken on trust."""
    sign_in(client, people["alice"])
    role = "Reader" if status != 422 else "Owner"
    path = f"/groups/apollo/admin/members/{user_name}/role"
    assert client.post(path, data={"role": role}).status_code == status
    assert members() == BEFORE
