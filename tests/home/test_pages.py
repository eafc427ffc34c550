"""The front page, My page and profiles, as different people see them."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from flask.testing import FlaskClient

from portal.accounts.models import User
from portal.core.unit_of_work import Unit
from tests.factories import make_group, make_member, make_user, sign_in

Arrange = Callable[[], AbstractContextManager[Unit]]
CountSelects = Callable[[], AbstractContextManager[list[str]]]


@pytest.fixture
def people(arrange: Arrange) -> dict[str, User]:
    """Alice leads apollo and gemini, bob reads both, carol is outside, and admin administers."""
    with arrange():
        admin = make_user("admin", is_site_admin=True)
        alice, bob, carol = (make_user(name) for name in ("alice", "bob", "carol"))
        make_user("sam", status="S")
        for group in (make_group("apollo"), make_group("gemini", is_public=False)):
            make_member(group, alice, "Admin")
            make_member(group, bob, "Reader")
        make_group("vega", status="P")
    return {"admin": admin, "alice": alice, "bob": bob, "carol": carol}


def test_the_front_page_tells_a_visitor_what_this_is(
    client: FlaskClient, people: dict[str, User], count_selects: CountSelects
) -> None:
    """The newest public groups, and no others."""
    with count_selects() as selects:
        page = client.get("/")
    assert page.status_code == 200
    assert "Apollo" in page.text
    assert "Gemini" not in page.text
    assert "Vega" not in page.text
    assert 'href="/login"' in page.text
    assert len(selects) == 1


def test_the_front_page_shows_a_member_their_groups(
    client: FlaskClient, people: dict[str, User], count_selects: CountSelects
) -> None:
    """The viewer's row, their groups, the newest ones: three SELECTs."""
    sign_in(client, people["bob"])
    with count_selects() as selects:
        page = client.get("/")
    assert "Gemini" in page.text
    assert len(selects) == 3


def test_the_header_shows_the_way_to_site_admin_to_site_admins_only(
    client: FlaskClient, people: dict[str, User]
) -> None:
    """Forge 4.13: needs system.administer."""
    sign_in(client, people["admin"])
    assert 'href="/admin/"' in client.get("/").text
    sign_in(client, people["alice"])
    assert 'href="/admin/"' not in client.get("/").text


def test_the_front_page_of_an_empty_site_says_what_comes(client: FlaskClient) -> None:
    """Empty states say what to do next."""
    assert "There are no groups yet" in client.get("/").text


def test_my_page_names_my_groups_and_roles(client: FlaskClient, people: dict[str, User]) -> None:
    """Forge 4.4: my projects, roles."""
    sign_in(client, people["alice"])
    page = client.get("/my/").text
    assert "Apollo" in page
    assert "Gemini" in page
    assert "Admin" in page
    assert 'aria-current="page"' in page


def test_my_page_without_groups_says_where_to_find_one(
    client: FlaskClient, people: dict[str, User]
) -> None:
    """Empty states say what to do next."""
    sign_in(client, people["carol"])
    page = client.get("/my/").text
    assert "You belong to no group yet" in page
    assert "Browse groups" in page


@pytest.mark.parametrize(
    ("viewer", "sees_private"),
    [(None, False), ("carol", False), ("bob", True), ("alice", True), ("admin", True)],
)
def test_a_profile_shows_the_groups_that_the_viewer_may_see(
    client: FlaskClient, people: dict[str, User], viewer: str | None, sees_private: bool
) -> None:
    """Forge 4.5: projects with role names, only those the viewer may see."""
    if viewer:
        sign_in(client, people[viewer])
    page = client.get("/users/alice/").text
    assert "Alice" in page
    assert "Apollo" in page
    assert ("Gemini" in page) is sees_private
    assert "alice@example.org" not in page


def test_only_the_person_sees_the_menu_of_their_pages(
    client: FlaskClient, people: dict[str, User]
) -> None:
    """Spec/hooks.md: usermenu is for the signed-in person."""
    sign_in(client, people["alice"])
    assert 'aria-label="Your pages"' in client.get("/users/alice/").text
    assert 'aria-label="Your pages"' not in client.get("/users/bob/").text


@pytest.mark.parametrize("name", ["nobody", "sam", "Alice", "a%00b"])
@pytest.mark.parametrize("viewer", [None, "admin"])
def test_only_active_people_have_a_profile(
    client: FlaskClient, people: dict[str, User], name: str, viewer: str | None
) -> None:
    """Forge 4.5: others are not found."""
    if viewer:
        sign_in(client, people[viewer])
    assert client.get(f"/users/{name}/").status_code == 404
