"""The groups in site admin: the list, and the page of one with the moves that its state allows (forge 4.13)."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.core.unit_of_work import Unit
from portal.groups.queries import named_group
from tests.factories import make_group, make_member, make_user, sign_in
from tests.fixtures.mail import Deliver

Arrange = Callable[[], AbstractContextManager[Unit]]
CountSelects = Callable[[], AbstractContextManager[list[str]]]
PAGE = "/admin/groups/apollo/"
BOXES = {"closes": "y", "goes": "y", "sure": "y"}
#: Which buttons lead where: (path, state before, state after).
MOVES = (("hold", "A", "H"), ("activate", "H", "A"), ("restore", "D", "A"))


@pytest.fixture
def admin(app: Flask, arrange: Arrange) -> FlaskClient:
    """The browser of a site admin."""
    with arrange():
        return sign_in(app.test_client(), make_user("admin", is_site_admin=True))


def status(arrange: Arrange, name: str = "apollo") -> str:
    """Return the group's state as it is now."""
    with arrange():
        group = named_group(name)
        assert group is not None
        return group.status


@pytest.mark.parametrize("state", ["I", "P", "A", "H", "D"])
def test_the_page_offers_the_moves_that_the_state_allows_and_no_others(
    admin: FlaskClient, arrange: Arrange, state: str
) -> None:
    """Forge 4.0 and 4.13: each move a POST of its own."""
    with arrange():
        make_group("apollo", status=state)
    page = admin.get(PAGE).text
    offered = {path for path, old, _new in MOVES if f'action="{PAGE}{path}"' in page}
    assert offered == {path for path, old, _new in MOVES if old == state}
    assert (f'href="{PAGE}delete"' in page) == (state in "AH")
    assert (f'action="{PAGE}approval-mail"' in page) == (state == "A")
    assert bool(re.search(r"#group-\d", page)) == (state == "P")
    assert "/groups/apollo/admin/history" in page


@pytest.mark.parametrize("state", ["I", "P", "A", "H", "D"])
@pytest.mark.parametrize("path", ["hold", "activate", "restore", "delete"])
def test_a_move_from_another_state_is_refused(
    admin: FlaskClient, arrange: Arrange, state: str, path: str
) -> None:
    """Every pair: a page that was open too long moves nothing that it did not offer."""
    with arrange():
        make_group("apollo", status=state)
    answer = admin.post(PAGE + path, data=BOXES)
    assert (answer.status_code, answer.location) == (303, PAGE)
    allowed = {(old, way): new for way, old, new in MOVES}
    allowed |= {("A", "delete"): "D", ("H", "delete"): "D"}
    assert status(arrange) == allowed.get((state, path), state)
    assert ("cannot go from state" in admin.get(PAGE).text) == ((state, path) not in allowed)


@pytest.mark.parametrize("missing", [*BOXES, ""])
def test_a_group_is_deleted_when_three_boxes_are_ticked(
    admin: FlaskClient, arrange: Arrange, missing: str
) -> None:
    """Forge 4.8, Delete project: forge admin only, three tick boxes."""
    with arrange():
        make_group("apollo")
    assert admin.get(f"{PAGE}delete").text.count('type="checkbox"') == 3
    boxes = {name: value for name, value in BOXES.items() if name != missing}
    answer = admin.post(f"{PAGE}delete", data=boxes)
    assert answer.status_code == (422 if missing else 303)
    assert status(arrange) == ("A" if missing else "D")


def test_a_deleted_group_shows_to_site_admins_only_with_the_day_of_its_end(
    app: Flask, admin: FlaskClient, arrange: Arrange
) -> None:
    """Forge 4.0: a non-active project is visible only to forge admins."""
    with arrange():
        alice = make_user("alice")
        make_member(make_group("apollo"), alice, "Admin")
    admin.post(f"{PAGE}delete", data=BOXES)
    assert "Gone for good after" in admin.get(PAGE).text
    assert "This group is deleted." in admin.get("/groups/apollo/").text
    members = sign_in(app.test_client(), alice)
    assert members.get("/groups/apollo/").status_code == 404
    assert "Apollo" not in members.get("/groups/").text + members.get("/my/").text
    admin.post(f"{PAGE}restore")
    assert members.get("/groups/apollo/admin/").status_code == 200
    assert "This group is deleted." not in admin.get("/groups/apollo/").text


def test_the_state_stands_on_each_page_of_a_group_that_is_not_active(
    admin: FlaskClient, arrange: Arrange
) -> None:
    """A site admin should not take it for one that people can see."""
    with arrange():
        make_group("apollo", status="H")
    for page in ("", "members", "admin/", "admin/history"):
        text = admin.get(f"/groups/apollo/{page}").text
        assert "This group is on hold." in text
        assert f'href="{PAGE}"' in text
    assert "On hold" in admin.get("/groups/").text


def test_the_approval_mail_can_be_sent_again(
    admin: FlaskClient, arrange: Arrange, deliver: Deliver
) -> None:
    """Forge 4.13, Edit: resend approval mail; it goes to the administrators."""
    with arrange():
        group = make_group("apollo")
        for name, role in (("alice", "Admin"), ("bob", "Reader"), ("carol", "Admin")):
            make_member(group, make_user(name), role)
        make_group("vega")
        make_group("held", status="H")
    admin.post(f"{PAGE}approval-mail")
    assert [mail["To"] for mail in deliver()] == ["alice@example.org", "carol@example.org"]
    admin.post("/admin/groups/vega/approval-mail")
    assert "no administrator to write to" in admin.get("/admin/groups/vega/").text
    admin.post("/admin/groups/held/approval-mail")
    assert "Only an active group" in admin.get("/admin/groups/held/").text
    assert deliver() == []


@pytest.mark.parametrize("name", ["", "alice", "eve"])
def test_nobody_but_site_admins_moves_a_group(
    app: Flask, client: FlaskClient, arrange: Arrange, name: str
) -> None:
    """Not its own administrator, and not those who approve groups."""
    with arrange():
        people = {each: make_user(each) for each in ("alice", "eve")}
        make_member(make_group("apollo"), people["alice"], "Admin")
    if name:
        sign_in(client, people[name])
    for path in ("hold", "activate", "restore", "delete", "approval-mail"):
        assert client.post(PAGE + path, data=BOXES).status_code == (403 if name else 401)
    assert client.get(PAGE).status_code == (403 if name else 302)
    assert status(arrange) == "A"


def test_the_list_counts_the_states_and_narrows_to_one(
    admin: FlaskClient, arrange: Arrange, count_selects: CountSelects
) -> None:
    """Forge 4.13: counts, by status, private ones; at most 6 SELECTs a list page."""
    with arrange():
        for name, state in (("one", "P"), ("two", "P"), ("six", "H"), ("ten", "A")):
            make_group(name, status=state, is_public=name != "ten")
    with count_selects() as selects:
        page = admin.get("/admin/groups/").text
    assert len(selects) <= 6, "\n".join(selects)
    assert 'href="/admin/groups/?f.status.eq=P"' in page
    assert 'href="/admin/groups/six/"' in page
    waiting = admin.get("/admin/groups/?f.status.eq=P").text
    assert ">one</a>" in waiting
    assert ">six</a>" not in waiting
    private = admin.get("/admin/groups/?f.is_public.eq=0").text
    assert ">ten</a>" in private
    assert ">one</a>" not in private


def test_a_group_that_is_not_there_is_not_found(admin: FlaskClient) -> None:
    """For pages and buttons alike."""
    assert admin.get("/admin/groups/nobody/").status_code == 404
    for path in ("hold", "activate", "restore", "delete", "approval-mail"):
        assert admin.post(f"/admin/groups/nobody/{path}", data=BOXES).status_code == 404
