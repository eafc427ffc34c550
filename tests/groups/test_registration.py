"""Registering a group: who may, what is asked, what follows; the mails through a real server (forge 4.6)."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.access.sitegrants import grant_system
from portal.accounts.models import User
from portal.core.audit.models import AuditEntry
from portal.core.database import db
from portal.core.unit_of_work import Unit
from portal.groups.approvers import approvers
from portal.groups.models import Group
from portal.groups.queries import named_group
from tests.factories import make_group, make_user, sign_in
from tests.fixtures.mail import Deliver, html_of
from tests.groups.approving import FIELDS, lines_of, set_settings

Arrange = Callable[[], AbstractContextManager[Unit]]
People = dict[str, User]


@pytest.fixture
def people(arrange: Arrange) -> People:
    """Alice registers groups, eve approves them, and admin administers the site."""
    with arrange():
        people = {name: make_user(name) for name in ("alice", "eve")}
        people["admin"] = make_user("admin", is_site_admin=True)
        grant_system(people["eve"], "system.approve_groups")
        gone = make_user("sam", status="S")
        grant_system(gone, "system.approve_groups")
    return people


def stored(arrange: Arrange, name: str = "apollo") -> Group | None:
    """Return the group's row as it is now."""
    with arrange():
        return named_group(name)


def test_a_registered_group_awaits_approval_and_remembers_who_asked(
    client: FlaskClient, people: People, arrange: Arrange
) -> None:
    """Forge 4.6, On submit: status P, submitter remembered; told on My page."""
    sign_in(client, people["alice"])
    answer = client.post("/groups/new", data=FIELDS)
    assert (answer.status_code, answer.location) == (303, "/my/")
    group = stored(arrange)
    assert group is not None
    assert (group.status, group.registered_by) == ("P", people["alice"].user_id)
    assert group.purpose == "We want to fly there and back.\n\nAll of us."
    page = client.get("/my/").text
    assert "Apollo Guidance" in page
    assert "Awaiting approval" in page
    assert client.get("/groups/apollo/").status_code == 404
    with arrange():
        entry = db.session.query(AuditEntry).filter_by(action="group.create").one()
        assert entry.new_values["full_name"] == "Apollo Guidance"


def test_those_who_approve_and_the_founder_get_mails(
    client: FlaskClient, people: People, arrange: Arrange, deliver: Deliver
) -> None:
    """Forge 4.6: to all approvers and to the submitter; nobody whose account is not active."""
    with arrange():
        assert [each.user_name for each in approvers()] == ["admin", "eve"]
    sign_in(client, people["alice"]).post("/groups/new", data=FIELDS)
    mails = {str(mail["To"]): mail for mail in deliver()}
    assert set(mails) == {"admin@example.org", "eve@example.org", "alice@example.org"}
    to_eve, to_alice = mails["eve@example.org"], mails["alice@example.org"]
    assert to_eve["Subject"] == "A new group awaits approval at Portal: apollo"
    text = lines_of(to_eve)
    assert "Hello Eve," in text
    assert "Alice (alice) has registered the group Apollo Guidance" in text
    assert "We want to fly there and back." in text
    assert "\n\nAll of us.\n" in text
    link = "http://127.0.0.1:8000/admin/groups/pending/"
    assert link in text
    assert to_eve["Content-Language"] == "en"
    assert 'lang="en"' in html_of(to_eve)
    assert f'href="{link}"' in html_of(to_eve)
    assert sign_in(client, people["eve"]).get("/admin/groups/pending/").status_code == 200
    assert to_alice["Subject"] == "Your group apollo awaits approval at Portal"
    assert "fly there" not in lines_of(to_alice)
    assert "http://127.0.0.1:8000/my/" in lines_of(to_alice)


@pytest.mark.parametrize(
    ("field", "value", "text"),
    [
        ("full_name", "ab", "3 to 40 characters"),
        ("name", "Apollo 11", "3 to 15 lower case letters"),
        ("name", "admin", "is reserved"),
        ("name", "mercury", "a group named mercury already"),
        ("full_name", "ＭＥＲＣＵＲＹ", "called ＭＥＲＣＵＲＹ already"),
        ("purpose", "no", "in 10 characters or more"),
        ("purpose", "x" * 1501, "at most 1500"),
        ("description", "short", "10 to 255 characters"),
        ("description", "Three people\u202e to the Moon", "U+202E"),
        ("homepage", "https://a:b@example.org/", "without a password"),
    ],
)
def test_what_breaks_a_rule_is_told_at_its_field_and_nothing_is_lost(
    client: FlaskClient, people: People, arrange: Arrange, field: str, value: str, text: str
) -> None:
    """Forge 4.6, Form."""
    with arrange():
        make_group("mercury")
    sign_in(client, people["alice"])
    answer = client.post("/groups/new", data={**FIELDS, field: value})
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert text in answer.text
    assert "We want to fly" in answer.text or field == "purpose"
    assert stored(arrange) is None


def test_visitors_are_sent_to_log_in(client: FlaskClient) -> None:
    """Forge 4.6: a logged-in user."""
    assert client.get("/groups/new").location.startswith("/login")
    assert client.post("/groups/new", data=FIELDS).status_code == 401
    assert "/groups/new" not in client.get("/groups/").text


def test_where_only_approvers_register_others_are_told_so(
    app: Flask, client: FlaskClient, people: People, arrange: Arrange
) -> None:
    """Forge 4.6, Form: only approvers if restricted; no page offers what would be refused."""
    set_settings(app, group_registration="approvers")
    sign_in(client, people["alice"])
    for answer in (client.get("/groups/new"), client.post("/groups/new", data=FIELDS)):
        assert answer.status_code == 403
        assert "groups are registered by those who approve them" in answer.text
    assert stored(arrange) is None
    for page in ("/groups/", "/my/"):
        assert "/groups/new" not in client.get(page).text
    sign_in(client, people["eve"])
    assert "/groups/new" in client.get("/groups/").text
    assert client.post("/groups/new", data=FIELDS).location == "/groups/apollo/"


def test_what_an_approver_registers_is_open_at_once(
    client: FlaskClient, people: People, arrange: Arrange, deliver: Deliver
) -> None:
    """Forge 4.6, Auto-approval: the submitter is an approver; nobody is asked to look at it."""
    sign_in(client, people["eve"])
    assert 'name="purpose"' not in client.get("/groups/new").text
    fields = {name: value for name, value in FIELDS.items() if name != "purpose"}
    assert client.post("/groups/new", data=fields).location == "/groups/apollo/"
    assert client.get("/groups/apollo/admin/").status_code == 200
    assert [(mail["To"], mail["Subject"]) for mail in deliver()] == [
        ("eve@example.org", "Your group apollo is open at Portal")
    ]


def test_where_groups_need_no_approval_everybodys_are_open_at_once(
    app: Flask, client: FlaskClient, people: People, arrange: Arrange, deliver: Deliver
) -> None:
    """Forge 4.6, Auto-approval: site setting; the purpose is hidden and not demanded."""
    set_settings(app, group_auto_approval=True)
    sign_in(client, people["alice"])
    assert 'name="purpose"' not in client.get("/groups/new").text
    client.post("/groups/new", data={**FIELDS, "purpose": ""})
    group = stored(arrange)
    assert group is not None
    assert (group.status, group.member_count) == ("A", 1)
    assert [mail["To"] for mail in deliver()] == ["alice@example.org"]


def test_a_private_group_may_be_registered(
    client: FlaskClient, people: People, arrange: Arrange
) -> None:
    """Issue 2: is_public; a box that is not ticked is not sent."""
    fields = {name: value for name, value in FIELDS.items() if name != "is_public"}
    sign_in(client, people["alice"]).post("/groups/new", data=fields)
    group = stored(arrange)
    assert group is not None
    assert not group.is_public


def test_a_registered_group_takes_requests_to_join_unless_its_founder_says_no(
    client: FlaskClient, people: People, arrange: Arrange
) -> None:
    """The box stands on the page, ticked: a browser sends it, and what is not sent is a no."""
    sign_in(client, people["alice"])
    box = re.search(r'<input[^>]*name="accepts_requests"[^>]*>', client.get("/groups/new").text)
    assert box is not None
    assert "checked" in box[0]
    client.post("/groups/new", data={**FIELDS, "accepts_requests": "y"})
    client.post("/groups/new", data={**FIELDS, "name": "gemini", "full_name": "Gemini"})
    for name, expected in (("apollo", True), ("gemini", False)):
        group = stored(arrange, name)
        assert group is not None
        assert group.accepts_requests is expected
