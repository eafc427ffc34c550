"""Downloading all that the site knows about oneself: what stands in it, and who gets it."""

import io
import json
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.access.joining import request_to_join
from portal.access.roles import create_role
from portal.access.sitegrants import give_site_role, grant_system
from portal.accounts.exporting import export_person, on_export
from portal.accounts.exportsections import WITHHELD
from portal.accounts.models import User
from portal.core.audit.models import AuditEntry
from portal.core.database import db
from portal.core.unit_of_work import unit_of_work
from tests.factories import make_group, make_member, make_user, sign_in
from tests.fixtures.apps import Arrange

PASSWORD = "portal-demo"
PAGE = "/my/settings/export"
SETTINGS = {"real_name": "Robert", "timezone": "", "language": "", "theme": "auto", "page_size": ""}


@pytest.fixture
def bob(arrange: Arrange) -> User:
    """Bob, who works in apollo and asks to join zeus."""
    with arrange():
        bob = make_user("bob", password=PASSWORD, timezone="Europe/Rome")
        make_member(make_group("apollo"), bob)
        request_to_join(make_group("zeus"), bob, "Please.")
        grant_system(bob, "system.approve_groups")
        return bob


def confirmed(client: FlaskClient, user: User) -> FlaskClient:
    sign_in(client, user)
    client.post("/my/confirm-password", data={"password": PASSWORD})
    return client


def exported(app: Flask, user_id: int) -> Any:
    target = io.BytesIO()
    with app.app_context():
        export_person(user_id, target)
    return json.loads(target.getvalue())


def test_it_holds_what_the_site_knows(app: Flask, client: FlaskClient, bob: User) -> None:
    """Every column of the account but the hash of the password and the epoch of the sessions."""
    sign_in(client, bob)
    document = exported(app, bob.user_id)
    assert list(document) == [
        "format",
        "site",
        "exported_at",
        "account",
        "sessions",
        "audit_log",
        "plugin_choices",
        "settings",
        "plugins",
        "site_grants",
        "groups",
        "join_requests",
        "groups_registered",
    ]
    account = document["account"]
    assert set(account) == {*User.__table__.columns.keys()} - WITHHELD
    assert (account["user_name"], account["timezone"]) == ("bob", "Europe/Rome")
    assert account["created_at"].endswith("+00:00")
    assert "$argon2" not in json.dumps(document)
    (group,) = document["groups"]
    assert (group["group"], group["roles"][0]["role"]) == ("apollo", "Developer")
    assert document["join_requests"][0]["comment"] == "Please."
    assert document["site_grants"]["permissions"] == ["system.approve_groups"]
    assert [each["user_agent"] for each in document["sessions"]] == ["tests"]


def test_what_the_person_did_stands_in_it(app: Flask, client: FlaskClient, bob: User) -> None:
    """As the audit log has it, without values that may be about others."""
    sign_in(client, bob)
    assert client.post("/my/settings", data=SETTINGS).status_code == 303
    (deed,) = exported(app, bob.user_id)["audit_log"]
    assert deed.pop("happened_at").endswith("+00:00")
    assert deed == {
        "action": "user.update",
        "object_kind": "user",
        "object_name": "bob",
        "group_name": "",
        "address": "127.0.0.1",
    }


def test_a_role_of_the_site_stands_in_it(app: Flask, arrange: Arrange, bob: User) -> None:
    with arrange():
        role = create_role(None, "Greeter", ["system.approve_groups"])
        give_site_role(role, bob)
    roles = exported(app, bob.user_id)["site_grants"]["roles"]
    assert [each["role"] for each in roles] == ["Greeter"]


def test_a_section_that_fails_leaves_a_note(app: Flask, bob: User) -> None:
    on_export(app, "broken", lambda user: 1 / 0)
    on_export(app, "more", lambda user: [user.user_name])
    document = exported(app, bob.user_id)
    assert document["broken"] == {"note": "This part could not be read; the site's log says why."}
    assert document["more"] == ["bob"]


def test_two_sections_of_one_name_are_refused(app: Flask) -> None:
    with pytest.raises(ValueError, match="'account'"):
        on_export(app, "account", lambda user: {})


def test_the_file_comes_as_an_attachment_and_is_kept_nowhere(
    client: FlaskClient, bob: User
) -> None:
    confirmed(client, bob)
    assert "Download my data" in client.get(PAGE).text
    answer = client.post(PAGE)
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=bob-")
    assert "no-store" in answer.headers["Cache-Control"]
    assert answer.headers["Content-Length"] == str(len(answer.data))
    assert json.loads(answer.data)["account"]["user_name"] == "bob"
    answer.close()


def test_the_audit_log_tells_of_it(app: Flask, client: FlaskClient, bob: User) -> None:
    client = confirmed(client, bob)
    client.post(PAGE).close()
    with app.app_context(), unit_of_work("read"):
        (entry,) = db.session.query(AuditEntry).filter_by(action="user.export")
        assert (entry.object_name, entry.actor_name) == ("bob", "bob")


def test_the_password_is_asked_for_first(client: FlaskClient, bob: User) -> None:
    sign_in(client, bob)
    for method in (client.get, client.post):
        answer = method(PAGE)
        assert (answer.status_code, answer.location) == (303, f"/my/confirm-password?next={PAGE}")


def test_it_takes_a_log_in_and_the_token(app: Flask, client: FlaskClient, bob: User) -> None:
    """Forge 4.0."""
    assert client.get(PAGE).status_code == 302
    assert client.post(PAGE).status_code == 401
    confirmed(client, bob)
    app.config["WTF_CSRF_ENABLED"] = True
    assert client.post(PAGE).status_code == 400


@pytest.mark.parametrize(("viewer", "status"), [("bob", 403), ("ada", 303)])
def test_anothers_export_is_for_site_admins_only(
    client: FlaskClient, arrange: Arrange, bob: User, viewer: str, status: int
) -> None:
    with arrange():
        people = {"bob": bob, "ada": make_user("ada", password=PASSWORD, is_site_admin=True)}
        make_user("carol")
    sign_in(client, people[viewer])
    for method in (client.get, client.post):
        assert method("/admin/users/carol/export").status_code == status
    client.post("/my/confirm-password", data={"password": PASSWORD})
    answer = client.post("/admin/users/carol/export")
    assert answer.status_code == (200 if viewer == "ada" else 403)
    assert viewer != "ada" or json.loads(answer.data)["account"]["user_name"] == "carol"
    answer.close()
    missing = client.post("/admin/users/nobody-of-that-name/export")
    assert missing.status_code == (404 if viewer == "ada" else 403)
