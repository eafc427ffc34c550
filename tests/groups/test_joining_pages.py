"""Joining and leaving through the pages: who sees what, what forged forms get, where people end up."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.access.joining import request_to_join
from portal.access.joinrequests import pending_requests
from portal.access.queries import members_of, roles_of
from portal.accounts.models import User
from portal.core.unit_of_work import Unit
from portal.groups.models import Group
from portal.groups.queries import named_group
from tests.accounts.mailedlinks import links_in
from tests.factories import make_group, make_member, make_user, sign_in
from tests.fixtures.mail import Deliver

Arrange = Callable[[], AbstractContextManager[Unit]]
People = dict[str, User]

SUMMARY, JOIN, LEAVE = "/groups/apollo/", "/groups/apollo/join", "/groups/apollo/leave"
WITHDRAW, MEMBERS = "/groups/apollo/join/withdraw", "/groups/apollo/admin/members"
REQUEST = "/groups/apollo/admin/requests/carol/"
ASKED = {"comment": "Let me help"}
ACCEPTED = {"role": "Reader"}


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """The services are tested on both databases; here the pages are."""
    return sqlite_url


@pytest.fixture(autouse=True)
def people(arrange: Arrange) -> People:
    """Alice administers apollo and the private gemini, bob works there; dora administers mercury."""
    with arrange():
        people = {name: make_user(name) for name in ("alice", "bob", "carol", "dora")}
        people["admin"] = make_user("admin", is_site_admin=True)
        for each in (make_group("apollo"), make_group("gemini", is_public=False)):
            make_member(each, people["alice"], "Admin")
            make_member(each, people["bob"])
        make_member(make_group("mercury"), people["dora"], "Admin")
    return people


@pytest.fixture
def carol_asks(arrange: Arrange, people: People) -> None:
    """Carol waits for an answer of apollo."""
    with arrange():
        request_to_join(group(), people["carol"], "I know the Moon")


def group(name: str = "apollo") -> Group:
    """Return a group's row in the running unit of work."""
    found = named_group(name)
    assert found is not None
    return found


def state(arrange: Arrange, of: str = "apollo") -> tuple[dict[str, tuple[str, ...]], list[str]]:
    """Return the members with their roles, and who asks to be one."""
    with arrange():
        key = group(of).group_id
        members = {each.user.user_name: each.roles for each in members_of(key, limit=50)}
        return members, [user.user_name for _asked, user in pending_requests(key, limit=50)]


BEFORE = {"alice": ("Admin",), "bob": ("Developer",)}


@pytest.mark.parametrize(
    ("viewer", "sees"),
    [
        ("", set()),
        ("carol", {"join"}),
        ("bob", {"leave"}),
        ("alice", {"leave"}),
        ("admin", {"join"}),
    ],
)
def test_the_summary_offers_the_way_in_or_out(
    client: FlaskClient, people: People, viewer: str, sees: set[str]
) -> None:
    """Forge 4.7: "request to join" for non-members who are signed in."""
    if viewer:
        sign_in(client, people[viewer])
    page = client.get(SUMMARY).text
    assert {way for way in ("join", "leave") if f'href="/groups/apollo/{way}"' in page} == sees


def test_somebody_asks_and_takes_it_back(
    client: FlaskClient, people: People, arrange: Arrange, deliver: Deliver
) -> None:
    """The summary says that the request waits, My page too, and both withdraw it."""
    sign_in(client, people["carol"])
    assert "Why you want to join" in client.get(JOIN).text
    answer = client.post(JOIN, data=ASKED, follow_redirects=True)
    assert "Your request is on its way" in answer.text
    assert f'action="{WITHDRAW}"' in answer.text
    assert f'href="{JOIN}"' not in answer.text
    assert f'action="{WITHDRAW}"' in client.get("/my/").text
    (mail,) = deliver()
    assert links_in(mail) == [REQUEST]
    assert state(arrange) == (BEFORE, ["carol"])
    assert "asked to join this group already" in client.get(JOIN, follow_redirects=True).text
    answer = client.post(WITHDRAW, follow_redirects=True)
    assert "Your request was withdrawn." in answer.text
    assert state(arrange) == (BEFORE, [])
    assert "waits for an answer" in client.post(WITHDRAW, follow_redirects=True).text


@pytest.mark.parametrize("comment", ["", "  ", "x" * 1501, "x" * 4000])
def test_a_wrong_comment_is_told_at_its_field(
    client: FlaskClient, people: People, arrange: Arrange, comment: str
) -> None:
    """Forge 4.7: comment required."""
    sign_in(client, people["carol"])
    answer = client.post(JOIN, data={"comment": comment})
    assert answer.status_code == 422
    assert 'id="comment-errors"' in answer.text
    assert state(arrange) == (BEFORE, [])


def test_a_group_that_takes_no_requests_says_so(
    client: FlaskClient, people: People, arrange: Arrange
) -> None:
    """The setting stands in the group's information, and is on by default."""
    sign_in(client, people["alice"])
    page = client.get("/groups/apollo/admin/").text
    box = re.search(r'<input[^>]*name="accepts_requests"[^>]*>', page)
    assert box is not None
    assert "checked" in box[0]
    client.post(
        "/groups/apollo/admin/",
        data={"full_name": "Apollo", "description": "What apollo is about", "is_public": "y"},
    )
    sign_in(client, people["carol"])
    assert f'href="{JOIN}"' not in client.get(SUMMARY).text
    for answer in (client.get(JOIN), client.post(JOIN, data=ASKED)):
        assert answer.status_code == 403
        assert "takes no requests" in answer.text
    assert state(arrange) == (BEFORE, [])


@pytest.mark.parametrize("path", [JOIN, WITHDRAW, LEAVE])
def test_visitors_and_strangers_of_a_private_group_change_nothing(
    client: FlaskClient, people: People, arrange: Arrange, path: str
) -> None:
    """Anonymous: log in; what is hidden answers as what is not there."""
    assert client.post(path, data=ASKED).status_code == 401
    sign_in(client, people["carol"])
    assert client.post(path.replace("apollo", "gemini"), data=ASKED).status_code == 404
    assert state(arrange, "gemini") == (BEFORE, [])


def test_a_member_has_nothing_to_ask(client: FlaskClient, people: People, arrange: Arrange) -> None:
    """Forge 4.7: not for members."""
    sign_in(client, people["bob"])
    answer = client.post(JOIN, data=ASKED, follow_redirects=True)
    assert "You are a member of this group already." in answer.text
    assert state(arrange) == (BEFORE, [])


@pytest.mark.usefixtures("carol_asks")
def test_administrators_find_the_request_where_they_work(
    client: FlaskClient, people: People
) -> None:
    """Forge 4.8 and 4.4: a number in the menu, the list of requests, a notice on My page."""
    sign_in(client, people["alice"])
    page = client.get(MEMBERS).text
    assert "I know the Moon" in page
    assert f'href="{REQUEST}"' in page
    menu = page[page.index('aria-label="Group administration"') :]
    entry = menu[menu.index(f'href="{MEMBERS}"') :]
    assert '<span class="count">1</span>' in entry[: entry.index("</li>")]
    mine = client.get("/my/").text
    assert "1 request to join Apollo awaits an answer." in mine
    assert f'href="{MEMBERS}"' in mine
    sign_in(client, people["bob"])
    assert "awaits an answer" not in client.get("/my/").text


@pytest.mark.usefixtures("carol_asks")
def test_an_administrator_accepts(
    client: FlaskClient, people: People, arrange: Arrange, deliver: Deliver
) -> None:
    """With a role; the mail's links lead where they say."""
    deliver()
    sign_in(client, people["alice"])
    assert "I know the Moon" in client.get(REQUEST).text
    answer = client.post(f"{REQUEST}accept", data=ACCEPTED, follow_redirects=True)
    assert "Carol is now a member." in answer.text
    assert "Requests to join" not in answer.text
    assert state(arrange) == (BEFORE | {"carol": ("Reader",)}, [])
    (mail,) = deliver()
    sign_in(client, people["carol"])
    assert [client.get(path).status_code for path in links_in(mail)] == [200, 200]


@pytest.mark.usefixtures("carol_asks")
def test_an_administrator_rejects(
    client: FlaskClient, people: People, arrange: Arrange, deliver: Deliver
) -> None:
    """With a reason or without one."""
    deliver()
    sign_in(client, people["alice"])
    answer = client.post(f"{REQUEST}reject", data={"reason": "x" * 1501})
    assert answer.status_code == 422
    assert 'id="reject-reason-errors"' in answer.text
    answer = client.post(f"{REQUEST}reject", data={"reason": ""}, follow_redirects=True)
    assert "The request of Carol was rejected." in answer.text
    assert state(arrange) == (BEFORE, [])
    assert [mail["To"] for mail in deliver()] == ["carol@example.org"]


@pytest.mark.usefixtures("carol_asks")
@pytest.mark.parametrize("answer", ["accept", "reject"])
def test_an_answer_that_comes_too_late_says_so(
    client: FlaskClient, people: People, arrange: Arrange, deliver: Deliver, answer: str
) -> None:
    """Two administrators at once: one succeeds, the other reads why not."""
    sign_in(client, people["alice"])
    client.post(f"{REQUEST}accept", data=ACCEPTED)
    deliver()
    for late in (client.post(f"{REQUEST}{answer}", data={"role": "Admin"}), client.get(REQUEST)):
        assert late.status_code == 404
        assert "No request of carol waits for an answer: somebody has answered it" in late.text
    assert state(arrange) == (BEFORE | {"carol": ("Reader",)}, [])
    assert deliver() == []


@pytest.mark.usefixtures("carol_asks")
@pytest.mark.parametrize("viewer", ["", "bob", "carol", "dora"])
@pytest.mark.parametrize("answer", ["accept", "reject"])
def test_nobody_but_an_administrator_of_this_group_answers(
    client: FlaskClient, people: People, arrange: Arrange, viewer: str, answer: str
) -> None:
    """Forge 4.0: authorise on the object; dora administers another group."""
    if viewer:
        sign_in(client, people[viewer])
    assert client.post(f"{REQUEST}{answer}", data=ACCEPTED).status_code == (403 if viewer else 401)
    assert state(arrange) == (BEFORE, ["carol"])


@pytest.mark.usefixtures("carol_asks")
def test_a_request_to_one_group_cannot_be_answered_by_another(
    client: FlaskClient, people: People, arrange: Arrange, deliver: Deliver
) -> None:
    """Dora names carol in the address of her own group."""
    deliver()
    sign_in(client, people["dora"])
    for answer in ("accept", "reject"):
        path = REQUEST.replace("apollo", "mercury") + answer
        assert client.post(path, data=ACCEPTED).status_code == 404
    assert state(arrange) == (BEFORE, ["carol"])
    assert state(arrange, "mercury") == ({"dora": ("Admin",)}, [])
    assert deliver() == []


@pytest.mark.usefixtures("carol_asks")
@pytest.mark.parametrize("forged", ["Owner", "", "key"])
def test_a_role_that_is_not_the_groups_accepts_nobody(
    client: FlaskClient, people: People, arrange: Arrange, forged: str
) -> None:
    """Nor the key of a role, of this group or another."""
    if forged == "key":
        with arrange():
            forged = str(roles_of(group("mercury").group_id)[0].role_id)
    sign_in(client, people["alice"])
    answer = client.post(f"{REQUEST}accept", data={"role": forged})
    assert answer.status_code == 422
    assert 'id="accept-role-errors"' in answer.text
    assert state(arrange) == (BEFORE, ["carol"])


@pytest.mark.parametrize("path", [JOIN, WITHDRAW, LEAVE, f"{REQUEST}accept", f"{REQUEST}reject"])
@pytest.mark.usefixtures("carol_asks")
def test_without_the_forms_token_nothing_changes(
    app: Flask, client: FlaskClient, people: People, arrange: Arrange, path: str
) -> None:
    """Forge 4.0: POST and CSRF everywhere; what only posts is no page."""
    app.config["WTF_CSRF_ENABLED"] = True
    for name in ("alice", "bob", "carol"):
        sign_in(client, people[name])
        assert client.post(path, data=ASKED | ACCEPTED).status_code == 400
    assert state(arrange) == (BEFORE, ["carol"])
    if path not in (JOIN, LEAVE):
        assert client.get(path).status_code == 405


def test_a_member_leaves_after_a_question(
    client: FlaskClient, people: People, arrange: Arrange
) -> None:
    """Forge 4.8: users may leave by themselves; My page and the list of members lead there."""
    sign_in(client, people["bob"])
    for path in ("/my/", "/groups/apollo/members"):
        assert f'href="{LEAVE}"' in client.get(path).text
    assert "You lose your roles" in client.get(LEAVE).text
    assert state(arrange) == (BEFORE, [])
    answer = client.post(LEAVE)
    assert answer.location == SUMMARY
    assert "You have left the group Apollo." in client.get(SUMMARY).text
    assert state(arrange) == ({"alice": ("Admin",)}, [])


def test_who_leaves_a_private_group_ends_somewhere_visible(
    client: FlaskClient, people: People
) -> None:
    """The group is gone for them."""
    sign_in(client, people["bob"])
    answer = client.post("/groups/gemini/leave")
    assert answer.location == "/groups/"
    assert "You have left the group Gemini." in client.get("/groups/").text
    assert client.get("/groups/gemini/").status_code == 404


def test_the_last_administrator_reads_why_they_cannot_leave(
    client: FlaskClient, people: People, arrange: Arrange
) -> None:
    """Forge 4.8: here, while nobody else is administrator."""
    sign_in(client, people["alice"])
    for answer in (client.get(LEAVE), client.post(LEAVE)):
        assert "You are the last administrator of this group" in answer.text
        assert f'href="{MEMBERS}"' in answer.text
    assert answer.status_code == 422
    assert state(arrange) == (BEFORE, [])
    with arrange():
        make_member(group(), people["carol"], "Admin")
    assert client.post(LEAVE).location == SUMMARY


@pytest.mark.parametrize("name", ["carol", "admin"])
def test_only_members_leave(client: FlaskClient, people: People, name: str) -> None:
    """There is nothing to leave."""
    sign_in(client, people[name])
    assert client.get(LEAVE).status_code == client.post(LEAVE).status_code == 404


@pytest.mark.parametrize("given", ["dora", " Dora ", "Dora@Example.org"])
def test_who_is_added_by_name_or_address_gets_a_mail(
    client: FlaskClient, people: People, arrange: Arrange, deliver: Deliver, given: str
) -> None:
    """The mail names the administrator and leads out again."""
    sign_in(client, people["alice"])
    form = {"user_name": given, "role": "Reader"}
    answer = client.post(MEMBERS, data=form, follow_redirects=True)
    assert "Dora is now a member." in answer.text
    assert state(arrange)[0] == BEFORE | {"dora": ("Reader",)}
    (mail,) = deliver()
    assert mail["To"] == "dora@example.org"
    leave = links_in(mail)[1]
    sign_in(client, people["dora"])
    assert client.post(leave).location == SUMMARY
    assert state(arrange)[0] == BEFORE


def test_an_address_that_is_nobodys_answers_as_one_whose_account_is_not_active(
    client: FlaskClient, people: People, arrange: Arrange, deliver: Deliver
) -> None:
    """The administrator learns no more than that nobody can be added by it."""
    with arrange():
        make_user("sam", status="S")
    sign_in(client, people["alice"])

    def told(address: str) -> str:
        answer = client.post(MEMBERS, data={"user_name": address, "role": "Reader"})
        assert answer.status_code == 422
        return re.sub(r"(Request <code>)\w+", "", answer.text).replace(address, "ADDRESS")

    assert "No active account has the address" in told("sam@example.org")
    assert told("sam@example.org") == told("pam@example.org")
    assert deliver() == []
