"""Site admin's lists: the audit log with its filters, CSV and entries; people and groups."""

import csv
import io
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient

from portal.core.audit.actions import Action
from portal.core.audit.models import AuditEntry
from portal.core.audit.origins import Origin, audit_context
from portal.core.audit.recording import Subject, record
from portal.core.clock import frozen
from portal.core.database import db
from portal.core.unit_of_work import Unit
from tests.factories import make_group, make_member, make_user, sign_in

Arrange = Callable[[], AbstractContextManager[Unit]]
POKE = Action(name="thing.poke", label="Thing poked")
PAGES = ("audit/", "audit/?format=csv", "users/", "users/?format=csv", "groups/")


@pytest.fixture
def admin(client: FlaskClient, arrange: Arrange) -> FlaskClient:
    """A site admin's browser, on a site with three pokes: by eve in apollo, by bob, by nobody."""
    with arrange():
        admin = make_user("admin", is_site_admin=True)
        eve, apollo = make_user("eve", real_name="Ève <b>"), make_group("apollo")
        make_member(apollo, eve, "Admin")
        for number, name in enumerate(("eve", "bob", ""), 1):
            with (
                frozen(datetime(2026, 1, number, 12, tzinfo=UTC)),
                audit_context(lambda name=name: Origin(actor_name=name, address="192.0.2.7")),
            ):
                record(
                    POKE,
                    Subject(kind="thing", id=number, name=f"thing {number}"),
                    group=apollo if name == "eve" else None,
                    old={"size": number, "label": "<i>"},
                    new={"size": number + 1, "label": "=1+1"},
                )
    return sign_in(client, admin)


def things(client: FlaskClient, query: str) -> list[str]:
    """Return the numbers of the poked things that the list shows, in order."""
    return re.findall(
        r"thing (\d)", client.get(f"/admin/audit/?f.object_kind.eq=thing&{query}").text
    )


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("", "321"),
        ("sort=happened_at&dir=asc", "123"),
        ("f.actor_name.eq=eve", "1"),
        ("f.action.eq=user.create", ""),
        ("f.group_name.eq=apollo", "1"),
        ("f.object_name.contains=THING+2", "2"),
        ("f.happened_at.ge=2026-01-02&f.happened_at.le=2026-01-02", "2"),
        ("f.address.contains=192", "321"),
    ],
)
def test_the_log_is_filtered_newest_first(admin: FlaskClient, query: str, numbers: str) -> None:
    """Issue 4: by actor, action, group, object and date range."""
    assert things(admin, query) == list(numbers)


def test_csv_has_the_same_filter(admin: FlaskClient) -> None:
    text = admin.get("/admin/audit/?f.object_kind.eq=thing&f.actor_name.eq=bob&format=csv").text
    (row,) = csv.DictReader(io.StringIO(text))
    assert (row["actor_name"], row["object_name"], row["address"]) == (
        "bob",
        "thing 2",
        "192.0.2.7",
    )
    assert row["old_values"] == '{"label": "<i>", "size": 2}'
    assert row["happened_at"] == "2026-01-02T12:00:00+00:00"


def test_an_entry_shows_old_and_new(admin: FlaskClient, arrange: Arrange) -> None:
    with arrange():
        entry = db.session.query(AuditEntry).filter_by(object_id=1, object_kind="thing").one()
    page = admin.get(f"/admin/audit/{entry.audit_id}/").text
    assert "&lt;i&gt;" in page
    assert "=1+1" in page
    assert "thing.poke" in page
    assert admin.get("/admin/audit/99999/").status_code == 404


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["admin", "eve"]),
        ("q=%C3%88VE", ["eve"]),
        ("q=eve%40example", ["eve"]),
        ("f.status.eq=S", []),
        ("f.real_name.contains=%C3%A8ve", ["eve"]),
        ("sort=email&dir=desc", ["eve", "admin"]),
        ("sort=created_at&dir=desc", ["eve", "admin"]),
    ],
)
def test_people_are_found_by_login_name_and_address(
    admin: FlaskClient, query: str, names: list[str]
) -> None:
    """Forge 4.13: search by id, login, name, e-mail; status filter; sort."""
    page = admin.get(f"/admin/users/?{query}").text
    assert re.findall(r'href="/admin/users/(\w+)/">\w+</a>', page) == names
    assert "<b>" not in page


def test_people_are_found_by_their_number(admin: FlaskClient, arrange: Arrange) -> None:
    with arrange():
        number = make_user("zoe").user_id
    assert 'href="/admin/users/zoe/"' in admin.get(f"/admin/users/?q={number}").text
    assert admin.get(f"/admin/users/?q={10**20}").status_code == 200


def test_all_groups_are_listed_with_their_state(admin: FlaskClient, arrange: Arrange) -> None:
    with arrange():
        make_group("vostok", status="P", is_public=False, registered_by=make_user("carl").user_id)
    page = admin.get("/admin/groups/?f.status.eq=P").text
    assert re.findall(r'href="/admin/groups/(\w+)/">\w+</a>', page) == ["vostok"]
    assert "carl" in page
    assert 'href="/admin/groups/apollo/"' in admin.get("/admin/groups/?f.member_count.ge=1").text


@pytest.mark.parametrize("page", PAGES)
def test_the_lists_are_for_site_admins(
    admin: FlaskClient, client: FlaskClient, arrange: Arrange, page: str
) -> None:
    with arrange():
        bob = make_user("bob")
    assert admin.get(f"/admin/{page}").status_code == 200
    assert sign_in(client, bob).get(f"/admin/{page}").status_code == 403
