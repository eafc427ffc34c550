"""A group's history: what its administrators see of the audit log (forge 4.8)."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from flask.testing import FlaskClient

from portal.accounts.models import User
from portal.core.unit_of_work import Unit
from tests.factories import make_group, make_member, make_user, sign_in

Arrange = Callable[[], AbstractContextManager[Unit]]
HISTORY = "/groups/apollo/admin/history"


@pytest.fixture
def people(arrange: Arrange) -> dict[str, User]:
    """Alice administers apollo, bob is a member, carol administers mercury."""
    with arrange():
        people = {name: make_user(name) for name in ("alice", "bob", "carol")}
        apollo = make_group("apollo", description="About the old plan")
        make_member(apollo, people["alice"], "Admin")
        make_member(apollo, people["bob"])
        make_member(make_group("mercury"), people["carol"], "Admin")
    return people


def test_the_history_tells_who_changed_what(client: FlaskClient, people: dict[str, User]) -> None:
    """Forge 4.8, History: old value and new one, changes of visibility included."""
    sign_in(client, people["alice"]).post(
        "/groups/apollo/admin/", data={"full_name": "Apollo", "description": "About the <b>new</b>"}
    )
    client.post("/groups/apollo/admin/members/bob/remove")
    page = client.get(HISTORY).text.split("<tbody>")[1]
    assert "About the old plan" in page
    assert "About the &lt;b&gt;new&lt;/b&gt;" in page
    assert "is_public" in page
    assert "Member removed" in page
    assert page.index("Member removed") < page.index("Information changed")
    assert "127.0.0.1" not in page, "where a person came from is for site admins"


def test_the_history_is_this_groups_alone(client: FlaskClient, people: dict[str, User]) -> None:
    page = sign_in(client, people["alice"]).get(HISTORY).text
    csv = client.get(f"{HISTORY}?format=csv").text
    assert "bob" in page
    assert "carol" not in page + csv
    assert "bob" in csv


@pytest.mark.parametrize(
    ("name", "status"), [("", 302), ("bob", 403), ("carol", 403), ("alice", 200)]
)
def test_the_history_is_for_administrators(
    client: FlaskClient, people: dict[str, User], name: str, status: int
) -> None:
    viewer = sign_in(client, people[name]) if name else client
    assert viewer.get(HISTORY).status_code == status
    assert viewer.get(f"{HISTORY}?format=csv").status_code == status


def test_a_filter_narrows_the_history(client: FlaskClient, people: dict[str, User]) -> None:
    sign_in(client, people["alice"])
    assert "Role made" in client.get(f"{HISTORY}?f.action.eq=role.create").text
    assert (
        "Member added"
        not in client.get(f"{HISTORY}?f.action.eq=role.create").text.split("<tbody>")[1]
    )
