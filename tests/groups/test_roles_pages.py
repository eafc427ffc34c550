"""The role editor of a group and the page of one member, walked with a client."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from flask.testing import FlaskClient

from portal.access.models import MEMBER, RolePermission
from portal.access.queries import (
    member_permissions,
    memberships_of,
    role_named,
    role_overview,
)
from portal.accounts.models import User
from portal.core.database import db
from portal.core.unit_of_work import Unit
from portal.groups.models import Group
from portal.groups.queries import named_group
from tests.factories import make_group, make_member, make_user, sign_in

Arrange = Callable[[], AbstractContextManager[Unit]]
People = dict[str, User]
ROLES = "/groups/apollo/admin/roles"
BOB = "/groups/apollo/admin/members/bob/"
SENT = {"sent": "yes"}  # browsers send a token at least; Flask-WTF takes an empty form for not sent
LOOKER = {"name": "Looker", "description": "Looks", "permissions": ["group.see_members"]}


@pytest.fixture
def people(arrange: Arrange) -> People:
    """Alice administers apollo, bob works in it; carol administers mercury."""
    with arrange():
        people = {name: make_user(name) for name in ("alice", "bob", "carol")}
        apollo, mercury = make_group("apollo"), make_group("mercury")
        make_member(apollo, people["alice"], "Admin")
        make_member(apollo, people["bob"])
        make_member(mercury, people["carol"], "Admin")
    return people


@pytest.fixture
def alice(client: FlaskClient, people: People) -> FlaskClient:
    """The browser of the group's administrator."""
    return sign_in(client, people["alice"])


def apollo() -> Group:
    """Return the group, in the running unit of work."""
    group = named_group("apollo")
    assert group is not None
    return group


def key(arrange: Arrange, group_name: str, role_name: str) -> int:
    """Return the key of a role, of visitors too."""
    with arrange():
        group = named_group(group_name)
        assert group is not None
        found = role_overview(group.group_id)
        return next(each.role.role_id for each in found if each.role.name == role_name)


def roles(arrange: Arrange) -> dict[str, tuple[str, ...]]:
    """Return apollo's roles and what they give."""
    with arrange():
        return {each.role.name: each.permissions for each in role_overview(apollo().group_id)}


def box(page: str, permission: str) -> str:
    """Return the element of a check box."""
    (found,) = re.findall(rf'<input[^>]*value="{re.escape(permission)}"[^>]*>', page)
    return str(found)


def test_the_list_shows_every_role_with_what_it_gives(alice: FlaskClient) -> None:
    """Forge 4.8: roles list; visitors' roles with a title of their own."""
    page = alice.get(ROLES).text
    for text in (
        "Admin",
        "Developer",
        "Reader",
        "Visitors who are not logged in",
        "Everybody with an account",
        "Administer the group",
        "See who is in the group",
    ):
        assert text in page


def test_a_role_is_made_changed_and_deleted(alice: FlaskClient, arrange: Arrange) -> None:
    """Forge 4.8: edit, delete, create."""
    answer = alice.post(f"{ROLES}/new", data=LOOKER, follow_redirects=True)
    assert "The role Looker was made." in answer.text
    page = f"{ROLES}/{key(arrange, 'apollo', 'Looker')}"
    changed = LOOKER | {"name": "Seer", "permissions": ["group.read"]}
    assert (
        "The role Seer was saved."
        in alice.post(f"{page}/", data=changed, follow_redirects=True).text
    )
    assert (
        "Nothing was changed." in alice.post(f"{page}/", data=changed, follow_redirects=True).text
    )
    assert roles(arrange)["Seer"] == ("group.read",)
    assert alice.post(f"{page}/delete").status_code == 422
    assert "Seer" in roles(arrange)
    assert (
        "was deleted"
        in alice.post(f"{page}/delete", data={"sure": "y"}, follow_redirects=True).text
    )
    assert "Seer" not in roles(arrange)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"name": ""}, "required"),
        ({"name": "reader"}, "There is a role reader already."),
        ({"permissions": []}, "A role gives at least one permission."),
        ({"permissions": ["group.unknown"]}, "not"),
        ({"permissions": ["system.administer"]}, "not"),
        ({"description": "x" * 256}, "255"),
    ],
)
def test_a_faulty_role_is_shown_again_with_what_was_typed(
    alice: FlaskClient, arrange: Arrange, change: dict[str, str], text: str
) -> None:
    """Errors stand at their fields; nothing is stored."""
    before = roles(arrange)
    answer = alice.post(f"{ROLES}/new", data=LOOKER | change)
    assert answer.status_code == 422
    assert text in answer.text
    assert 'value="Looks"' in answer.text or "description" in change
    assert roles(arrange) == before


def test_boxes_show_what_is_held_and_lock_what_comes_with_it(
    alice: FlaskClient, arrange: Arrange
) -> None:
    """Spec 3.3.5: shown as locked and ticked, without any script."""
    page = alice.get(f"{ROLES}/{key(arrange, 'apollo', 'Admin')}/").text
    assert " checked" in box(page, "group.administer")
    assert " disabled" not in box(page, "group.administer")
    assert " checked disabled" in box(page, "group.see_members")
    page = alice.get(f"{ROLES}/new").text
    assert "checked" not in box(page, "group.see_members")


def test_inactive_ids_are_listed_and_kept(alice: FlaskClient, arrange: Arrange) -> None:
    """Spec 3.3.5: a disabled plugin's permissions come back with it."""
    role_id = key(arrange, "apollo", "Reader")
    with arrange():
        db.session.add(RolePermission(role_id=role_id, permission="group.hello_wave"))
    page = alice.get(f"{ROLES}/{role_id}/").text
    assert "group.hello_wave" in page
    alice.post(f"{ROLES}/{role_id}/", data={"name": "Reader", "permissions": ["group.read"]})
    assert roles(arrange)["Reader"] == ("group.hello_wave", "group.read")


def test_visitors_may_be_let_in_further_and_shut_out(
    alice: FlaskClient, arrange: Arrange, client: FlaskClient, people: People
) -> None:
    """The member list needs a permission (forge 4.7); members keep theirs by their role."""
    role_id = key(arrange, "apollo", "anonymous")
    page = alice.get(f"{ROLES}/{role_id}/").text
    assert 'value="group.administer"' not in page
    assert " checked disabled" in box(page, "group.read")
    assert alice.post(f"{ROLES}/{role_id}/", data=SENT).status_code == 303
    seen = {}
    for name, user in {"": None, **people}.items():
        browser = client.application.test_client()
        if user is not None:
            sign_in(browser, user)
        seen[name] = (
            browser.get("/groups/apollo/members").status_code,
            ">Alice<" in browser.get("/groups/apollo/").text,
        )
    assert seen == {
        "": (302, False),
        "alice": (200, True),
        "bob": (200, True),
        "carol": (403, False),
    }


def test_nobody_gives_visitors_the_administration(alice: FlaskClient, arrange: Arrange) -> None:
    """A posted value that the page does not offer."""
    page = f"{ROLES}/{key(arrange, 'apollo', 'anonymous')}"
    data = {"permissions": ["group.administer"]}
    assert alice.post(f"{page}/", data=data).status_code == 422
    assert alice.post(f"{page}/delete", data={"sure": "y"}).status_code == 303
    assert roles(arrange)["anonymous"] == ("group.see_members",)


def test_the_last_administrator_is_not_edited_away(alice: FlaskClient, arrange: Arrange) -> None:
    """By the role's permissions, by the member's roles, by deleting the role."""
    page = f"{ROLES}/{key(arrange, 'apollo', 'Admin')}"
    data = {"name": "Admin", "permissions": ["group.read"]}
    answer = alice.post(f"{page}/", data=data)
    assert answer.status_code == 422
    assert "last administrator" in answer.text
    assert (
        "Somebody has the role"
        in alice.post(f"{page}/delete", data={"sure": "y"}, follow_redirects=True).text
    )
    answer = alice.post("/groups/apollo/admin/members/alice/role", data={"role": "Reader"})
    assert answer.status_code == 422
    assert "last administrator" in answer.text
    assert roles(arrange)["Admin"] == ("group.administer",)


def test_a_member_has_several_roles_and_permissions_of_their_own(
    alice: FlaskClient, arrange: Arrange, people: People
) -> None:
    """Issue 4: several roles a person; direct grants to a member within a group."""
    assert "also by a role" in alice.get(BOB).text
    answer = alice.post(f"{BOB}role", data={"role": ["Developer", "Reader"]}, follow_redirects=True)
    assert "Bob now has: Developer, Reader." in answer.text
    alice.post(f"{BOB}permissions", data={"permissions": ["group.administer"]})
    with arrange():
        group, bob = apollo(), people["bob"]
        assert memberships_of(bob.user_id)[group.group_id].roles == ("Developer", "Reader")
        assert memberships_of(bob.user_id)[group.group_id].is_admin
        assert member_permissions(group.group_id, bob.user_id) == ["group.administer"]
    browser = sign_in(alice.application.test_client(), bob)
    assert browser.get(ROLES).status_code == 200
    answer = browser.post(f"{BOB}permissions", data=SENT)
    assert answer.headers["Location"] == "/groups/"


@pytest.mark.parametrize("data", [SENT, {"role": "Owner"}, {"role": ["Reader", "anonymous"]}])
def test_roles_that_the_group_does_not_have_are_refused(
    alice: FlaskClient, arrange: Arrange, people: People, data: dict[str, str]
) -> None:
    """And a member has at least one."""
    assert alice.post(f"{BOB}role", data=data).status_code == 422
    with arrange():
        held = memberships_of(people["bob"].user_id)[apollo().group_id]
        assert held.roles == ("Developer",)


def test_no_role_of_elsewhere_is_reached_through_this_group(
    alice: FlaskClient, arrange: Arrange, people: People
) -> None:
    """Forge 4.0: authorise on the object, not on a request id."""
    foreign = key(arrange, "mercury", "Reader")
    for address in (f"{ROLES}/{foreign}/", f"{ROLES}/999/", f"{ROLES}/99999999999/"):
        assert alice.get(address).status_code == 404
        assert alice.post(address, data=LOOKER).status_code == 404
        assert alice.post(f"{address}delete", data={"sure": "y"}).status_code == 404
    for member in ("carol", "nobody"):
        address = f"/groups/apollo/admin/members/{member}/"
        assert alice.get(address).status_code == 404
        assert alice.post(f"{address}role", data={"role": "Reader"}).status_code == 404
        assert alice.post(f"{address}permissions", data={}).status_code == 404
    with arrange():
        mercury = named_group("mercury")
        assert mercury is not None
        reader = role_named(mercury.group_id, "Reader")
        assert reader is not None
        assert reader.kind == MEMBER
        assert len(memberships_of(people["carol"].user_id)) == 1
