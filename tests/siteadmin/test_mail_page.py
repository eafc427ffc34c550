"""The outbox in site admin: who may look, what is shown, what the buttons do."""

import re
from collections.abc import Callable
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.accounts.models import User
from portal.core.audit.models import AuditEntry
from portal.core.clock import now
from portal.core.database import db
from portal.core.mail import outbox
from portal.core.mail.messages import Mail
from portal.core.mail.models import DISCARDED, FAILED, QUEUED, SENT, OutboxMail
from portal.core.unit_of_work import unit_of_work
from portal.siteadmin.maillists import ROWS
from tests.factories import make_user, sign_in
from tests.fixtures.apps import Arrange, CountSelects
from tests.fixtures.mail import Deliver, text_of

TOKEN = "kP3_" + "x" * 39
BUTTONS = ("1/retry", "1/discard", "retry-failed", "test")


@pytest.fixture
def admin(client: FlaskClient, arrange: Arrange) -> FlaskClient:
    """A browser of a site admin."""
    with arrange():
        person = make_user("admin", is_site_admin=True)
    return sign_in(client, person)


@pytest.fixture
def queue(arrange: Arrange) -> Callable[..., int]:
    """Puts a mail into the outbox, in the state that the test wants; returns its key."""

    def put(subject: str = "Hello", **fields: object) -> int:
        with arrange():
            mail = Mail(
                recipient="ann@portal.example",
                subject=subject,
                text=f"https://portal.example/password/{TOKEN}",
                kind="accounts/password",
            )
            row = outbox.queue_mail(mail, domain="portal.example")
            for name, value in fields.items():
                setattr(row, name, value)
            return row.mail_id

    return put


def state_of(app: Flask, mail_id: int) -> str:
    with app.app_context(), unit_of_work("read"):
        return db.session.get_one(OutboxMail, mail_id).state


@pytest.mark.parametrize(("viewer", "status"), [("", 302), ("alice", 403), ("admin", 200)])
def test_only_site_admins_look_at_mail(
    client: FlaskClient, arrange: Arrange, queue: Callable[..., int], viewer: str, status: int
) -> None:
    """Issue 4, Site admin: system.administer."""
    mail_id = queue()
    people: dict[str, User] = {}
    with arrange():
        people["alice"] = make_user("alice")
        people["admin"] = make_user("admin", is_site_admin=True)
    if viewer:
        sign_in(client, people[viewer])
    for page in ("", f"{mail_id}/"):
        assert client.get(f"/admin/mail/{page}").status_code == status


@pytest.mark.parametrize("button", BUTTONS)
def test_nobody_else_presses_a_button(client: FlaskClient, arrange: Arrange, button: str) -> None:
    assert client.post(f"/admin/mail/{button}").status_code == 401
    with arrange():
        alice = make_user("alice")
    assert sign_in(client, alice).post(f"/admin/mail/{button}").status_code == 403


@pytest.mark.parametrize("button", BUTTONS)
def test_a_button_needs_the_forms_token(app: Flask, admin: FlaskClient, button: str) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    assert admin.post(f"/admin/mail/{button}").status_code == 400


def test_the_list_shows_states_and_causes_and_narrows(
    admin: FlaskClient, queue: Callable[..., int]
) -> None:
    queue("Waiting one")
    queue("Failed one", state=FAILED, last_error="550 no such <person>")
    queue("Sent one", state=SENT, sent_at=now())
    everything = admin.get("/admin/mail/").text
    assert [word in everything for word in ("Waiting one", "Failed one", "Sent one")] == [True] * 3
    assert "550 no such &lt;person&gt;" in everything
    assert "/admin/mail/?f.state.eq=failed" in everything
    narrowed = admin.get("/admin/mail/?f.state.eq=failed").text
    assert "Failed one" in narrowed
    assert "Waiting one" not in narrowed
    assert "Sent one" in admin.get("/admin/mail/?f.state.eq=nonsense").text
    found = admin.get("/admin/mail/?q=waiting+ann@").text
    assert "Waiting one" in found
    assert "Failed one" not in found


def test_the_list_is_read_as_csv_without_the_texts(
    admin: FlaskClient, queue: Callable[..., int]
) -> None:
    queue("Waiting one")
    lines = admin.get("/admin/mail/?format=csv").text.splitlines()
    assert lines[0] == "subject,recipient,kind,state,last_error,created_at"
    assert lines[1].startswith("Waiting one,ann@portal.example,accounts/password,queued,")
    assert TOKEN not in "".join(lines)


def test_an_empty_outbox_says_so(admin: FlaskClient) -> None:
    page = admin.get("/admin/mail/").text
    assert "No mail here" in page
    assert "var/mail/" in page


def test_the_list_is_paged_by_key_newest_first(
    app: Flask, admin: FlaskClient, queue: Callable[..., int], count_selects: CountSelects
) -> None:
    for number in range(ROWS + 2):
        queue(f"Subject {number:03}")
    with count_selects() as selects:
        first = admin.get("/admin/mail/?f.state.eq=queued").text
    assert len(selects) <= 6
    assert f"Subject {ROWS + 1:03}" in first
    assert "Subject 001" not in first
    following = re.search(r'rel="next" href="([^"]+)"', first)
    assert following is not None
    second = admin.get(unescape(following[1])).text
    assert "Subject 001" in second
    assert "Subject 002" not in second


def test_a_mail_is_shown_with_its_fate_and_without_its_secret(
    admin: FlaskClient, queue: Callable[..., int]
) -> None:
    mail_id = queue(last_error="ConnectionRefusedError: <refused>", attempts=3)
    page = admin.get(f"/admin/mail/{mail_id}/").text
    assert "https://portal.example/password/•••" in page
    assert TOKEN not in page
    assert "&lt;refused&gt;" in page
    assert "accounts/password" in page
    assert admin.get(f"/admin/mail/{mail_id + 1}/").status_code == 404


def test_a_failed_mail_is_tried_again(
    app: Flask, admin: FlaskClient, queue: Callable[..., int], deliver: Deliver
) -> None:
    mail_id = queue(state=FAILED)
    assert admin.post(f"/admin/mail/{mail_id}/retry").status_code == 303
    (message,) = deliver()
    assert TOKEN in text_of(message)
    assert state_of(app, mail_id) == SENT
    assert admin.post(f"/admin/mail/{mail_id}/retry").status_code == 409


def test_every_failed_mail_is_tried_again(
    app: Flask, admin: FlaskClient, queue: Callable[..., int]
) -> None:
    failed = [queue(state=FAILED), queue(state=FAILED)]
    discarded = queue(state=DISCARDED)
    assert "Retry all that failed" in admin.get("/admin/mail/").text
    answer = admin.post("/admin/mail/retry-failed", follow_redirects=True)
    assert "tried again now: 2" in answer.text
    assert [state_of(app, key) for key in failed] == [QUEUED, QUEUED]
    assert state_of(app, discarded) == DISCARDED
    assert "Retry all that failed" not in answer.text


def test_a_waiting_mail_is_discarded(
    app: Flask, admin: FlaskClient, queue: Callable[..., int], deliver: Deliver
) -> None:
    mail_id = queue()
    answer = admin.post(f"/admin/mail/{mail_id}/discard", follow_redirects=True)
    assert "will not be sent" in answer.text
    assert "Retry now" not in answer.text
    assert state_of(app, mail_id) == DISCARDED
    assert deliver() == []


def test_what_a_site_admin_does_with_a_mail_is_written_down(
    app: Flask, admin: FlaskClient, queue: Callable[..., int]
) -> None:
    """Issue 4, Site admin: audit log (who, what, old, new)."""
    admin.post(f"/admin/mail/{queue(state=FAILED)}/retry")
    admin.post(f"/admin/mail/{queue()}/discard")
    with app.app_context(), unit_of_work("read"):
        found = select(AuditEntry).where(AuditEntry.object_kind == "mail")
        entries = db.session.scalars(found.order_by(AuditEntry.audit_id)).all()
        told = [(each.actor_name, each.action, each.old_values["state"]) for each in entries]
    assert told == [("admin", "mail.retry", FAILED), ("admin", "mail.discard", QUEUED)]


def test_a_test_mail_arrives_at_the_admin_who_asked(admin: FlaskClient, deliver: Deliver) -> None:
    answer = admin.post("/admin/mail/test", follow_redirects=True)
    assert "is on its way" in answer.text
    (message,) = deliver()
    assert message["To"] == "admin@example.org"
    assert message["Subject"] == "Test mail from Portal"
    assert "http://127.0.0.1:8000/admin/mail/" in text_of(message)


def test_mail_stands_in_the_navigation_and_among_the_utilities(admin: FlaskClient) -> None:
    page = admin.get("/admin/").text
    assert page.count('href="/admin/mail/"') == 2
