"""Global roles and single people's site permissions, walked with a client."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from flask.testing import FlaskClient

from portal.access.decisions import can, is_site_admin
from portal.access.queries import role_overview
from portal.accounts.loading import find_user
from portal.accounts.models import User
from portal.core.unit_of_work import Unit
from tests.factories import make_group, make_user, sign_in

Arrange = Callable[[], AbstractContextManager[Unit]]
SENT = {"sent": "yes"}  # browsers send a token at least; Flask-WTF takes an empty form for not sent
APPROVERS = {"name": "Approvers", "permissions": ["system.approve_groups"]}


@pytest.fixture
def ada(client: FlaskClient, arrange: Arrange) -> FlaskClient:
    """The browser of the only site admin; alice is there, too."""
    with arrange():
        ada = make_user("ada", is_site_admin=True)
        make_user("alice")
    return sign_in(client, ada)


def holds(arrange: Arrange, user_name: str, permission: str) -> bool:
    """Tell whether the person holds the site permission now."""
    with arrange():
        return can(person(user_name), permission)


def person(user_name: str) -> User:
    """Return an account that is there."""
    found = find_user(user_name)
    assert found is not None
    return found


def role_key(arrange: Arrange, name: str, group_id: int | None = None) -> int:
    """Return the key of a role of the site, or of a group."""
    with arrange():
        found = role_overview(group_id)
        return next(each.role.role_id for each in found if each.role.name == name)


def test_a_global_role_is_made_given_taken_and_deleted(ada: FlaskClient, arrange: Arrange) -> None:
    """Forge 4.13: edit, create (name), add and remove users, delete when empty."""
    assert "No global role yet" in ada.get("/admin/roles/").text
    answer = ada.post("/admin/roles/new", data=APPROVERS, follow_redirects=True)
    assert "The role Approvers was made." in answer.text
    page = f"/admin/roles/{role_key(arrange, 'Approvers')}/"
    answer = ada.post(f"{page}people", data={"user_name": " Alice "}, follow_redirects=True)
    assert "Alice now has the role." in answer.text
    assert holds(arrange, "alice", "system.approve_groups")
    assert (
        "Somebody has the role"
        in ada.post(f"{page}delete", data={"sure": "y"}, follow_redirects=True).text
    )
    assert (
        "Alice no longer has" in ada.post(f"{page}people/alice/remove", follow_redirects=True).text
    )
    assert not holds(arrange, "alice", "system.approve_groups")
    renamed = APPROVERS | {"name": "Gatekeepers"}
    assert "was saved" in ada.post(page, data=renamed, follow_redirects=True).text
    assert ada.post(f"{page}delete").status_code == 422
    assert (
        "was deleted" in ada.post(f"{page}delete", data={"sure": "y"}, follow_redirects=True).text
    )
    assert ada.get(page).status_code == 404


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ({"name": "", "permissions": "system.administer"}, "required"),
        ({"name": "Empty"}, "at least one permission"),
        ({"name": "Odd", "permissions": "group.read"}, "not"),
    ],
)
def test_a_faulty_role_is_refused(ada: FlaskClient, data: dict[str, str], text: str) -> None:
    """Spec 3.3.5: system roles hold system permissions."""
    answer = ada.post("/admin/roles/new", data=data)
    assert answer.status_code == 422
    assert text in answer.text


@pytest.mark.parametrize(
    ("user_name", "text"),
    [("nobody", "no account named nobody"), ("sam", "no active account"), ("", "required")],
)
def test_who_cannot_get_the_role_is_told_at_the_field(
    ada: FlaskClient, arrange: Arrange, user_name: str, text: str
) -> None:
    """And nobody gets it twice."""
    with arrange():
        make_user("sam", status="S")
    ada.post("/admin/roles/new", data=APPROVERS)
    page = f"/admin/roles/{role_key(arrange, 'Approvers')}/people"
    answer = ada.post(page, data={"user_name": user_name})
    assert answer.status_code == 422
    assert text in answer.text
    ada.post(page, data={"user_name": "alice"})
    assert "has the role Approvers already" in ada.post(page, data={"user_name": "alice"}).text


def test_a_person_is_given_site_permissions_directly(ada: FlaskClient, arrange: Arrange) -> None:
    """M-28: admins can immediately assign them to users and roles."""
    answer = ada.get("/admin/roles/?user_name=Alice")
    page = answer.headers["Location"]
    assert page == "/admin/users/alice/permissions"
    assert ada.get("/admin/roles/?user_name=nobody").status_code == 404
    assert ada.post(page, data={"permissions": "system.approve_groups"}).status_code == 303
    assert holds(arrange, "alice", "system.approve_groups")
    assert "Approve new groups" in ada.get("/admin/roles/").text
    ada.post(page, data=SENT)
    assert not holds(arrange, "alice", "system.approve_groups")
    assert ada.post(page, data={"permissions": "group.read"}).status_code == 422


def test_the_last_site_admin_stays(ada: FlaskClient, arrange: Arrange) -> None:
    """Issue 4: by the person's page and by the role's; who goes leaves for the front page."""
    page = "/admin/users/ada/permissions"
    answer = ada.post(page, data=SENT)
    assert answer.status_code == 422
    assert "ada is the last site admin." in answer.text
    ada.post("/admin/roles/new", data={"name": "Admins", "permissions": "system.administer"})
    role = f"/admin/roles/{role_key(arrange, 'Admins')}/"
    ada.post(f"{role}people", data={"user_name": "alice"})
    assert ada.post(page, data=SENT).headers["Location"] == "/"
    alice = ada.application.test_client()
    with arrange():
        sign_in(alice, person("alice"))
        assert not is_site_admin(person("ada"))
    answer = alice.post(f"{role}people/alice/remove", follow_redirects=True)
    assert "alice is the last site admin." in answer.text
    answer = alice.post(role, data={"name": "Admins", "permissions": "system.approve_groups"})
    assert answer.status_code == 422
    assert "last site admin" in answer.text


def test_roles_of_groups_are_not_reached_from_here(ada: FlaskClient, arrange: Arrange) -> None:
    """Forge 4.0: authorise on the object, not on a request id."""
    with arrange():
        group_id = make_group("apollo").group_id
    for key in (role_key(arrange, "Reader", group_id), 999, 99999999999):
        page = f"/admin/roles/{key}/"
        assert ada.get(page).status_code == 404
        assert ada.post(page, data=APPROVERS).status_code == 404
        assert ada.post(f"{page}delete", data={"sure": "y"}).status_code == 404
        assert ada.post(f"{page}people", data={"user_name": "alice"}).status_code == 404
    ada.post("/admin/roles/new", data=APPROVERS)
    page = f"/admin/roles/{role_key(arrange, 'Approvers')}/people"
    for name in ("alice", "nobody"):
        assert ada.post(f"{page}/{name}/remove").status_code == 404
    assert ada.get("/admin/users/nobody/permissions").status_code == 404


@pytest.mark.parametrize("number", ["99999999999", "2147483648"])
def test_a_number_that_no_row_can_have_is_no_address(ada: FlaskClient, number: str) -> None:
    """PostgreSQL would refuse to look for it."""
    for page in (f"/admin/mail/{number}/", f"/admin/audit/{number}/", f"/admin/roles/{number}/"):
        assert ada.get(page).status_code == 404
