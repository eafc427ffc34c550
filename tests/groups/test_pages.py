"""The pages of groups as different people see them."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from html import unescape

import pytest
from flask.testing import FlaskClient

from portal.accounts.models import User
from portal.core.unit_of_work import Unit
from tests.factories import make_group, make_member, make_user, sign_in

Arrange = Callable[[], AbstractContextManager[Unit]]
People = dict[str, User]

PUBLIC_PAGES = ("", "members")
ADMIN_PAGES = ("admin/", "admin/members", "admin/plugins")


@pytest.fixture
def people(arrange: Arrange) -> People:
    """Alice administers apollo (public) and gemini (private), bob works in both, carol is outside."""
    with arrange():
        people = {name: make_user(name) for name in ("alice", "bob", "carol")}
        people["admin"] = make_user("admin", is_site_admin=True)
        for group in (make_group("apollo"), make_group("gemini", is_public=False)):
            make_member(group, people["alice"], "Admin")
            make_member(group, people["bob"])
        make_group("vostok", status="P")
    return people


def link_to(page: str, html: str) -> str:
    """Return the address of the next or the previous page ("next", "prev")."""
    found = re.search(rf'rel="{page}" href="([^"]+)"', html)
    assert found is not None
    return unescape(found[1])


def as_person(client: FlaskClient, people: People, name: str) -> FlaskClient:
    """Let the client be that person; "" is an anonymous visitor."""
    return sign_in(client, people[name]) if name else client


@pytest.mark.parametrize(
    ("viewer", "apollo", "gemini", "vostok"),
    [
        ("", 200, 404, 404),
        ("carol", 200, 404, 404),
        ("bob", 200, 200, 404),
        ("alice", 200, 200, 404),
        ("admin", 200, 200, 200),
    ],
)
@pytest.mark.parametrize("page", PUBLIC_PAGES)
def test_who_may_see_a_group(
    client: FlaskClient,
    people: People,
    page: str,
    viewer: str,
    apollo: int,
    gemini: int,
    vostok: int,
) -> None:
    """Issue 2: private groups are 404 to outsiders; forge 4.0: pending ones to all but site admins."""
    as_person(client, people, viewer)
    wanted = {"apollo": apollo, "gemini": gemini, "vostok": vostok}
    assert {name: client.get(f"/groups/{name}/{page}").status_code for name in wanted} == wanted


@pytest.mark.parametrize(
    ("viewer", "apollo", "gemini"),
    [
        ("", 302, 404),
        ("carol", 403, 404),
        ("bob", 403, 403),
        ("alice", 200, 200),
        ("admin", 200, 200),
    ],
)
@pytest.mark.parametrize("page", ADMIN_PAGES)
def test_who_may_see_the_administration(
    client: FlaskClient, people: People, page: str, viewer: str, apollo: int, gemini: int
) -> None:
    """Forge 4.8: needs project_admin; the group is hidden before the permission is asked."""
    as_person(client, people, viewer)
    wanted = {"apollo": apollo, "gemini": gemini}
    assert {name: client.get(f"/groups/{name}/{page}").status_code for name in wanted} == wanted


@pytest.mark.parametrize("page", [*PUBLIC_PAGES, *ADMIN_PAGES])
@pytest.mark.parametrize("viewer", ["", "carol"])
def test_a_hidden_group_answers_with_the_bytes_of_a_missing_one(
    client: FlaskClient, people: People, page: str, viewer: str
) -> None:
    """Forge 4.7: deny without leaking the name; request ids differ anyway, CSRF tokens are hidden here."""
    as_person(client, people, viewer)

    def answer(name: str) -> str:
        request_id = {"X-Request-Id": "0123456789abcdef"}
        text = client.get(f"/groups/{name}/{page}", headers=request_id).text
        return re.sub(r'(name="csrf_token"[^>]*value=")[^"]*', r"\1", text).replace(name, "NAME")

    assert answer("gemini") == answer("absent")


def test_only_administrators_see_the_admin_tab(client: FlaskClient, people: People) -> None:
    """Issue 2: bob sees no toggle, and no way to one."""
    link = 'href="/groups/apollo/admin/"'
    for viewer, is_seen in (("", False), ("carol", False), ("bob", False), ("alice", True)):
        as_person(client, people, viewer)
        assert (link in client.get("/groups/apollo/").text) is is_seen, viewer


def test_the_summary_marks_its_tab_and_lists_administrators_first(
    client: FlaskClient, people: People, arrange: Arrange
) -> None:
    """Forge 4.7: members, admins first."""
    page = client.get("/groups/apollo/").text
    tab = page[page.index('href="/groups/apollo/"') :]
    assert tab.index('aria-current="page"') < 200
    assert page.index("/users/alice/") < page.index("/users/bob/")


def test_the_summary_shows_ten_members_and_the_way_to_all(
    client: FlaskClient, people: People, arrange: Arrange
) -> None:
    """Forge 4.7: 10, then "more", link to the member list."""
    with arrange():
        big = make_group("bigone")
        for number in range(11):
            make_member(big, make_user(f"user{number:02}"))
    page = client.get("/groups/bigone/").text
    assert page.count("/users/user") == 10
    assert 'href="/groups/bigone/members"' in page
    assert "All 11 members" in page
    assert client.get("/groups/bigone/members").text.count("/users/user") == 11


def test_what_people_wrote_is_escaped(client: FlaskClient, arrange: Arrange) -> None:
    """Forge 4.0: escape on output."""
    with arrange():
        make_group("apollo", full_name="<b>Apollo</b>", description="<script>x</script> & more")
    for path in ("/groups/", "/groups/apollo/"):
        page = client.get(path).text
        assert "<b>Apollo" not in page
        assert "<script>x" not in page
        assert "&lt;b&gt;Apollo" in page


def test_the_list_is_paged_by_name_and_searched(client: FlaskClient, arrange: Arrange) -> None:
    """Design 8: pages of lists go by key."""
    with arrange():
        for number in range(30):
            make_group(f"group{number:02}", full_name=f"Group {number:02}")
    first = client.get("/groups/").text
    assert first.count('href="/groups/group') == 25
    assert 'href="/groups/group24/"' in first
    second = client.get(link_to("next", first)).text
    assert second.count('href="/groups/group') == 5
    assert client.get(link_to("prev", second)).text.count('href="/groups/group') == 25
    found = client.get("/groups/?q=17").text
    assert found.count('href="/groups/group') == 1


@pytest.mark.parametrize("query", ["q=nothing", "after=nothing", "q=" + "x" * 5000, "q=%25"])
def test_a_search_without_result_says_what_to_do(
    client: FlaskClient, people: People, query: str
) -> None:
    """Empty states say what to do next; odd input is no error."""
    page = client.get(f"/groups/?{query}")
    assert page.status_code == 200


def test_a_long_list_of_members_is_paged(client: FlaskClient, arrange: Arrange) -> None:
    """Design 8: by key, administrators first."""
    with arrange():
        big = make_group("bigone")
        make_member(big, make_user("zoe"), "Admin")
        for number in range(60):
            make_member(big, make_user(f"user{number:02}"))
    first = client.get("/groups/bigone/members").text
    assert "/users/zoe/" in first
    assert first.count("/users/user") == 49
    second = client.get(link_to("next", first)).text
    assert second.count("/users/user") == 11
    for odd in ("1", "2.bob", "."):
        assert client.get(f"/groups/bigone/members?after={odd}").status_code == 200
