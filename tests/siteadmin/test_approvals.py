"""The approval queue: who reaches it, what it shows, and what its buttons do (forge 4.6)."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from portal.access.decisions import can
from portal.access.roles import create_role
from portal.access.sitegrants import give_site_role
from portal.accounts.loading import find_user
from portal.accounts.models import User
from portal.core.audit.models import AuditEntry
from portal.core.database import db
from portal.core.unit_of_work import Unit
from portal.groups.models import Group
from portal.groups.queries import named_group
from portal.groups.reasons import save_reason, saved_reasons
from portal.groups.services import GroupInformation, create_group
from portal.groups.states import set_status
from tests.factories import make_group, make_user, sign_in
from tests.fixtures.mail import Deliver, html_of
from tests.groups.approving import lines_of

Arrange = Callable[[], AbstractContextManager[Unit]]
CountSelects = Callable[[], AbstractContextManager[list[str]]]
QUEUE = "/admin/groups/pending/"
NAMES = ("apollo", "vega", "lunar")


@pytest.fixture
def people(arrange: Arrange) -> dict[str, User]:
    """Alice has registered three groups, eve approves groups by a role of the site."""
    with arrange():
        people = {name: make_user(name) for name in ("alice", "eve")}
        people["admin"] = make_user("admin", is_site_admin=True)
        give_site_role(create_role(None, "Approvers", ["system.approve_groups"]), people["eve"])
        for name in NAMES:
            told = GroupInformation(
                full_name=f"The {name} group", description=f"What {name} will do"
            )
            create_group(people["alice"], name, told, f"We need {name}.\n\nBadly <b>.")
    return people


@pytest.fixture
def eve(client: FlaskClient, people: dict[str, User]) -> FlaskClient:
    """The browser of somebody who approves groups and may do nothing else on the site."""
    return sign_in(client, people["eve"])


@pytest.fixture
def keys(arrange: Arrange, people: dict[str, User]) -> dict[str, int]:
    """The groups' keys."""
    with arrange():
        return dict(map(tuple, db.session.execute(select(Group.name, Group.group_id))))


def states(arrange: Arrange) -> dict[str, str]:
    """Return the state of each group."""
    with arrange():
        return dict(map(tuple, db.session.execute(select(Group.name, Group.status))))


def seen_after(client: FlaskClient, answer: TestResponse) -> str:
    """Return the queue as it is shown after a button was pressed."""
    assert (answer.status_code, answer.location) == (303, QUEUE)
    return client.get(QUEUE).text


@pytest.mark.parametrize(
    ("name", "status"), [("", 302), ("alice", 403), ("eve", 200), ("admin", 200)]
)
def test_who_reaches_the_queue(
    client: FlaskClient, people: dict[str, User], name: str, status: int
) -> None:
    """Forge 4.13: approval pages need their own permission."""
    if name:
        sign_in(client, people[name])
    assert client.get(QUEUE).status_code == status


@pytest.mark.parametrize("path", ["approve", "1/approve", "1/reject", "reasons/1/remove"])
def test_nobody_else_presses_a_button(
    client: FlaskClient, people: dict[str, User], arrange: Arrange, path: str
) -> None:
    """Every write is authorised."""
    assert client.post(QUEUE + path).status_code == 401
    sign_in(client, people["alice"])
    assert client.post(QUEUE + path, data={"group_id": "1", "reason": "No."}).status_code == 403
    assert set(states(arrange).values()) == {"P"}


def test_an_approver_reaches_nothing_else_of_site_admin(eve: FlaskClient) -> None:
    """The permission opens the queue alone; no page offers what would be refused."""
    for path in ("", "users/", "groups/", "groups/apollo/", "audit/", "plugins/"):
        assert eve.get(f"/admin/{path}").status_code == 403
    page = eve.get(QUEUE).text
    assert re.findall(r'href="(/admin/[^"#]*)"', page) == [QUEUE] * len(
        re.findall(rf'href="{QUEUE}"', page)
    )
    assert QUEUE in eve.get("/").text
    assert "3 groups await your approval." in eve.get("/my/").text


def test_the_queue_shows_what_there_is_to_judge_by(
    eve: FlaskClient, count_selects: CountSelects
) -> None:
    """Forge 4.6: name, description, purpose, submitter, date; texts are escaped, lines kept."""
    with count_selects() as selects:
        page = eve.get(QUEUE).text
    assert [page.index(f"The {name} group") for name in NAMES] == sorted(
        page.index(f"The {name} group") for name in NAMES
    )
    assert "What vega will do" in page
    assert "<p>We need vega.</p>" in page
    assert "Badly &lt;b&gt;." in page
    assert 'href="/users/alice/"' in page
    assert len(selects) <= 4, "\n".join(selects)


def test_approving_opens_the_group_and_writes_to_its_founder(
    eve: FlaskClient, keys: dict[str, int], arrange: Arrange, deliver: Deliver
) -> None:
    """Forge 4.6, Approve does: status A, roles, submitter becomes admin, mail, history entry."""
    page = seen_after(eve, eve.post(f"{QUEUE}{keys['vega']}/approve"))
    assert "Approved: The vega group." in page
    assert page.count('id="group-') == 2
    assert states(arrange) == {"apollo": "P", "vega": "A", "lunar": "P"}
    with arrange():
        assert can(find_user("alice"), "group.administer", named_group("vega"))
        entry = db.session.query(AuditEntry).filter_by(action="group.approve").one()
        assert (entry.actor_name, entry.group_name) == ("eve", "vega")
    (mail,) = deliver()
    assert (mail["To"], mail["Subject"]) == (
        "alice@example.org",
        "Your group vega is open at Portal",
    )
    for link in ("http://127.0.0.1:8000/groups/vega/", "http://127.0.0.1:8000/groups/vega/admin/"):
        assert link in lines_of(mail)
        assert link in html_of(mail)


def test_rejecting_deletes_the_group_and_mails_the_reason(
    eve: FlaskClient, keys: dict[str, int], arrange: Arrange, deliver: Deliver
) -> None:
    """Forge 4.6, Reject does: status D, history, mail with reason."""
    reason = "There is one already.\n\nJoin it, please."
    page = seen_after(eve, eve.post(f"{QUEUE}{keys['vega']}/reject", data={"reason": reason}))
    assert "The group The vega group was rejected." in page
    assert states(arrange)["vega"] == "D"
    with arrange():
        entry = db.session.query(AuditEntry).filter_by(action="group.reject").one()
        assert entry.new_values == {"status": "D", "reason": reason}
    (mail,) = deliver()
    assert mail["Subject"] == "Your group vega was not approved at Portal"
    assert "There is one already.\n\nJoin it, please.\n" in lines_of(mail)
    assert "\n\nIts name can be registered again after 30 days.\n\n-- " in lines_of(mail)


def test_a_reason_is_demanded_and_shown_where_it_is_missing(
    eve: FlaskClient, keys: dict[str, int], arrange: Arrange
) -> None:
    """The other groups' forms stay as they were; ids on the page are unique."""
    answer = eve.post(f"{QUEUE}{keys['vega']}/reject", data={"reason": " "})
    assert answer.status_code == 422
    assert f'href="#reject-{keys["vega"]}-reason"' in answer.text
    assert answer.text.count("Say why") == 2  # in the summary and at the field
    assert answer.text.count("<details open>") == 1
    ids = re.findall(r' id="([^"]+)"', answer.text)
    assert sorted(ids) == sorted(set(ids))
    assert states(arrange)["vega"] == "P"


def test_a_reason_can_be_kept_and_chosen_the_next_time(
    eve: FlaskClient, keys: dict[str, int], arrange: Arrange, deliver: Deliver
) -> None:
    """Forge 4.6: canned or custom text, optionally saved as canned; both add up."""
    data = {"reason": "Too small.", "is_kept": "y", "title": "Size"}
    eve.post(f"{QUEUE}{keys['vega']}/reject", data=data)
    with arrange():
        (kept,) = saved_reasons()
        assert (kept.title, kept.text) == ("Size", "Too small.")
    assert ">Size</option>" in eve.get(QUEUE).text
    data = {"canned": str(kept.reason_id), "reason": "Try mailing lists."}
    eve.post(f"{QUEUE}{keys['lunar']}/reject", data=data)
    assert "Too small.\n\nTry mailing lists.\n" in lines_of(deliver()[-1])
    eve.post(f"{QUEUE}reasons/{kept.reason_id}/remove")
    with arrange():
        assert list(saved_reasons()) == []
    assert eve.post(f"{QUEUE}reasons/{kept.reason_id}/remove").status_code == 404


@pytest.mark.parametrize("title", ["", "Size", "x\u202ey"])
def test_a_text_that_cannot_be_kept_rejects_nothing(
    eve: FlaskClient, keys: dict[str, int], arrange: Arrange, title: str
) -> None:
    """A title is missing, taken, or cannot be read."""
    with arrange():
        save_reason("Size", "Too small.")
    data = {"reason": "Too small.", "is_kept": "y", "title": title}
    answer = eve.post(f"{QUEUE}{keys['vega']}/reject", data=data)
    assert answer.status_code == 422
    assert f'href="#reject-{keys["vega"]}-title"' in answer.text
    assert states(arrange)["vega"] == "P"


def test_a_canned_text_that_is_not_there_is_refused(
    eve: FlaskClient, keys: dict[str, int], arrange: Arrange
) -> None:
    """Foreign ids in forms are refused."""
    answer = eve.post(f"{QUEUE}{keys['vega']}/reject", data={"canned": "999", "reason": "No."})
    assert answer.status_code == 422
    assert states(arrange)["vega"] == "P"


def test_all_on_the_page_are_approved_and_no_other(
    eve: FlaskClient, keys: dict[str, int], arrange: Arrange
) -> None:
    """Forge 4.6, Approve all on page: those that it showed; the stale ones are reported."""
    shown = re.findall(r'name="group_id" value="(\d+)"', eve.get(QUEUE).text)
    assert shown == [str(keys[name]) for name in NAMES]
    with arrange():
        told = GroupInformation(full_name="Too late", description="Registered meanwhile")
        create_group(find_user("alice"), "late", told)  # type: ignore[arg-type]
        set_status(named_group("vega"), "D", reason="No.")  # type: ignore[arg-type]
    page = seen_after(eve, eve.post(f"{QUEUE}approve", data={"group_id": shown}))
    assert "Approved: The apollo group, The lunar group." in page
    assert "no longer waiting: The vega group." in page
    assert states(arrange) == {"apollo": "A", "vega": "D", "lunar": "A", "late": "P"}


def test_foreign_keys_in_the_form_do_nothing(eve: FlaskClient, arrange: Arrange) -> None:
    """Active and held groups, keys that nobody has, and what is no key at all."""
    with arrange():
        held = make_group("mercury", status="H").group_id
        active = make_group("gemini").group_id
    sent = [str(held), str(active), "99999", str(2**40), "-1", "x", ""]
    page = seen_after(eve, eve.post(f"{QUEUE}approve", data={"group_id": sent}))
    assert "Approved" not in page
    assert "no longer waiting: Mercury, Gemini." in page
    found = states(arrange)
    assert (found["mercury"], found["gemini"]) == ("H", "A")
    assert {found[name] for name in NAMES} == {"P"}
    for path in (f"{held}/approve", f"{held}/reject", "99999/approve", "99999/reject"):
        assert "Somebody was quicker" in seen_after(
            eve, eve.post(QUEUE + path, data={"reason": "No."})
        )
    assert states(arrange) == found
    assert "Nothing was approved." in seen_after(eve, eve.post(f"{QUEUE}approve"))


def test_more_than_a_page_waits_for_its_turn(eve: FlaskClient, arrange: Arrange) -> None:
    """Forge 4.6: up to 50."""
    with arrange():
        for number in range(48):
            make_group(f"more{number}", status="P")
    page = eve.get(QUEUE).text
    assert page.count('id="group-') == 50
    assert "1 more group waits" in page


def test_an_empty_queue_says_so(app: Flask, arrange: Arrange) -> None:
    """And nobody is told of groups that wait."""
    with arrange():
        admin = make_user("admin", is_site_admin=True)
    client = sign_in(app.test_client(), admin)
    assert "No group awaits approval" in client.get(QUEUE).text
    for path in ("/admin/", "/my/"):
        assert "await" not in client.get(path).text.replace("Groups that await approval;", "")


def test_site_admins_are_told_how_many_groups_wait(
    client: FlaskClient, people: dict[str, User]
) -> None:
    """Forge 4.4 and 4.13: pending administration, for those who may act."""
    sign_in(client, people["admin"])
    assert "3 groups await approval." in client.get("/admin/").text
    assert "3 groups await your approval." in client.get("/my/").text
    sign_in(client, people["alice"])
    assert "await your approval" not in client.get("/my/").text
