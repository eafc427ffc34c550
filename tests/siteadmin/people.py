"""A site with a site admin and people in every state, for the tests of site admin's pages about them."""

from collections.abc import Mapping

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.accounts.loading import find_user
from portal.accounts.models import User
from portal.core.audit.models import AuditEntry
from portal.core.database import db
from portal.core.unit_of_work import unit_of_work
from tests.factories import make_group, make_member, make_user
from tests.fixtures.apps import Arrange

PASSWORD = "portal-demo"

ACTS: Mapping[str, Mapping[str, object]] = {
    "": {"real_name": "X", "email": "x@example.org"},
    "activate": {},
    "suspend": {},
    "delete": {"sure": "y"},
    "password": {"new_password": "Abcdef-1", "repetition": "Abcdef-1"},
    "reset-link": {},
    "confirmation": {},
    "memberships": {"group": "mercury", "role": "Developer"},
    "memberships/remove": {"group": "apollo"},
    "sessions/end": {},
}


def make_people(arrange: Arrange) -> dict[str, User]:
    """Make Ada and Eve (site admins), Alice in apollo, Pat (pending), Sam (suspended), Dan (deleted)."""
    with arrange():
        people = {
            name: make_user(name, password=PASSWORD, is_site_admin=name in ("ada", "eve"))
            for name in ("ada", "eve", "alice", "bob")
        }
        for name, status in (("pat", "P"), ("sam", "S"), ("dan", "D")):
            people[name] = make_user(name, password=PASSWORD, status=status)
        people["pat"].email_ci = "pat@example.org pat"
        apollo = make_group("apollo")
        make_member(apollo, people["alice"], "Admin")
        make_member(apollo, people["bob"])
        make_group("mercury", is_public=False)
    return people


def log_in(app: Flask, name: str, password: str = PASSWORD) -> FlaskClient:
    """Return a browser in which the person has tried to log in."""
    client = app.test_client()
    client.post("/login", data={"user_name": name, "password": password})
    return client


def is_logged_in(client: FlaskClient) -> bool:
    """Tell whether a page for people opens."""
    return client.get("/my/").status_code == 200


def the_person(app: Flask, name: str) -> User:
    """Return the account's row as it is now."""
    with app.app_context(), unit_of_work():
        found = find_user(name)
        assert found is not None
        return found


def log_of(app: Flask, name: str) -> list[str]:
    """Return what the audit log says of an account: actor and action, the oldest first."""
    with app.app_context(), unit_of_work("read"):
        query = select(AuditEntry).where(AuditEntry.object_name == name)
        found = db.session.scalars(query.order_by(AuditEntry.audit_id)).all()
        return [f"{each.actor_name} {each.action}" for each in found if each.actor_name]


def act(client: FlaskClient, name: str, deed: str, **data: object) -> str:
    """Send a form of a person's page; return the page that follows."""
    form = {**ACTS[deed], "sent": "yes", **data}
    return client.post(f"/admin/users/{name}/{deed}", data=form, follow_redirects=True).text
