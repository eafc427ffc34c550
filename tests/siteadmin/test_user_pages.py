"""People in site admin: the list, registering, name and address, states, password, groups."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.accounts.models import User
from portal.config import Settings
from tests.accounts.mailedlinks import link_in
from tests.factories import sign_in
from tests.fixtures.apps import CountSelects
from tests.fixtures.mail import Deliver
from tests.siteadmin.people import (
    ACTS,
    act,
    is_logged_in,
    log_in,
    log_of,
    the_person,
)

NEW = {
    "user_name": "newt",
    "real_name": "Newt",
    "email": "newt@example.org",
    "password": "Abcdef-1",
    "repetition": "Abcdef-1",
    "timezone": "",
    "language": "",
}
AGAINST_ONESELF = ("", "activate", "suspend", "delete", "password", "reset-link", "confirmation")


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One database is enough for what pages say; the services' queries are tried on both elsewhere."""
    return sqlite_url


# -- who may, and tokens -------------------------------------------------------------------------


@pytest.mark.parametrize("deed", ACTS)
def test_nobody_but_site_admins_changes_an_account(
    app: Flask, client: FlaskClient, people: dict[str, User], deed: str
) -> None:
    """Issue 4: system.administer; and the token of the form, always."""
    path = f"/admin/users/bob/{deed}"
    assert client.post(path, data=ACTS[deed]).status_code == 401
    assert sign_in(client, people["alice"]).post(path, data=ACTS[deed]).status_code == 403
    app.config["WTF_CSRF_ENABLED"] = True
    assert sign_in(client, people["ada"]).post(path, data=ACTS[deed]).status_code == 400
    bob = the_person(app, "bob")
    assert (bob.status, bob.session_epoch, bob.real_name) == ("A", 1, "Bob")


@pytest.mark.parametrize("deed", ACTS)
def test_an_account_that_is_not_there_is_404(ada: FlaskClient, deed: str) -> None:
    assert ada.post(f"/admin/users/nobody/{deed}", data=ACTS[deed]).status_code == 404


@pytest.mark.parametrize("deed", AGAINST_ONESELF)
def test_site_admins_do_not_lock_themselves_out(app: Flask, ada: FlaskClient, deed: str) -> None:
    """One's own account is changed in one's settings, where the password is asked for."""
    assert ada.post(f"/admin/users/ada/{deed}", data=ACTS[deed]).status_code == 409
    page = ada.get("/admin/users/ada/").text
    assert "This is your own account." in page
    assert "/admin/users/ada/delete" not in page
    assert the_person(app, "ada").is_active


# -- the list ------------------------------------------------------------------------------------


def test_the_list_counts_states_filters_and_acts(
    ada: FlaskClient, count_selects: CountSelects
) -> None:
    """Forge 4.13: list with status filter, activate, suspend."""
    with count_selects() as selects:
        page = ada.get("/admin/users/").text
    assert len(selects) <= 6, "\n".join(selects)
    assert 'href="/admin/users/alice/"' in page
    assert 'action="/admin/users/alice/suspend"' in page
    assert 'action="/admin/users/pat/activate"' in page
    assert 'action="/admin/users/ada/' not in page
    pending = ada.get("/admin/users/?f.status.eq=P").text
    assert "/admin/users/pat/" in pending
    assert "/admin/users/sam/" not in pending
    assert "1 account is not confirmed yet." in ada.get("/admin/").text
    lines = ada.get("/admin/users/?format=csv").text.splitlines()
    assert lines[0] == "user_name,real_name,email,status,created_at,last_login_at"


def test_the_profile_leads_site_admins_to_the_page(
    ada: FlaskClient, people: dict[str, User], app: Flask
) -> None:
    """Forge 4.5: admin shortcut to edit user."""
    assert 'href="/admin/users/alice/"' in ada.get("/users/alice/").text
    bob = sign_in(app.test_client(), people["bob"])
    assert "/admin/users/" not in bob.get("/users/alice/").text


# -- registering ---------------------------------------------------------------------------------


def test_an_account_that_is_active_at_once_gets_no_mail(
    app: Flask, ada: FlaskClient, deliver: Deliver
) -> None:
    """Forge 4.1, admin option "activate immediately"."""
    page = ada.post("/admin/users/new", data={**NEW, "at_once": "y"}, follow_redirects=True).text
    assert "The account newt is active." in page
    assert deliver() == []
    newt = the_person(app, "newt")
    assert (newt.status, newt.email_ci) == ("A", "newt@example.org")
    assert newt.confirmed_at is not None
    assert is_logged_in(log_in(app, "newt", "Abcdef-1"))
    assert log_of(app, "newt") == ["ada user.create", "ada user.status"]


def test_else_the_mailed_link_confirms_it(app: Flask, ada: FlaskClient, deliver: Deliver) -> None:
    page = ada.post("/admin/users/new", data=NEW, follow_redirects=True).text
    assert "A mail to newt@example.org is on its way." in page
    assert the_person(app, "newt").status == "P"
    (message,) = deliver()
    form = {"user_name": "newt", "password": "Abcdef-1"}
    assert app.test_client().post(link_in(message), data=form).status_code == 303
    assert the_person(app, "newt").is_active


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("user_name", "alice"),
        ("user_name", "Root"),
        ("email", "alice@example.org"),
        ("email", "none"),
        ("password", "short"),
        ("repetition", "Other-12"),
    ],
)
def test_what_breaks_a_rule_is_said_at_its_field(
    app: Flask, ada: FlaskClient, field: str, value: str
) -> None:
    """Site admins may know that an address is taken; visitors may not."""
    answer = ada.post("/admin/users/new", data={**NEW, "at_once": "y", field: value})
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert ada.get("/admin/users/newt/").status_code == 404


def test_it_works_where_registration_is_closed(
    app: Flask, ada: FlaskClient, settings: Settings
) -> None:
    """Forge 4.1: only forge admin if registration is restricted."""
    object.__setattr__(app.extensions["portal.settings"], "registration", "closed")
    assert app.test_client().post("/register", data=NEW).status_code == 403
    assert ada.post("/admin/users/new", data={**NEW, "at_once": "y"}).status_code == 303


# -- name and address ----------------------------------------------------------------------------


def test_name_and_address_are_changed_and_written_down(app: Flask, ada: FlaskClient) -> None:
    page = act(ada, "alice", "", real_name="Alice  L.", email="New@Example.org")
    assert "The account was saved." in page
    alice = the_person(app, "alice")
    assert (alice.real_name, alice.email, alice.email_ci) == (
        "Alice L.",
        "New@Example.org",
        "new@example.org",
    )
    assert log_of(app, "alice") == ["ada user.update", "ada user.email"]
    assert "Nothing was changed." in act(
        ada, "alice", "", real_name="Alice L.", email="New@Example.org"
    )


@pytest.mark.parametrize("email", ["bob@example.org", "BOB@example.org", "none"])
def test_a_refused_address_changes_nothing(app: Flask, ada: FlaskClient, email: str) -> None:
    """Not the name either."""
    answer = ada.post("/admin/users/alice/", data={"real_name": "Other", "email": email})
    assert answer.status_code == 422
    assert the_person(app, "alice").real_name == "Alice"


def test_ones_own_address_in_other_letters_is_not_taken(app: Flask, ada: FlaskClient) -> None:
    act(ada, "alice", "", real_name="Alice", email="ALICE@example.org")
    assert the_person(app, "alice").email == "ALICE@example.org"


def test_another_address_of_a_pending_account_gets_the_link(
    app: Flask, ada: FlaskClient, deliver: Deliver
) -> None:
    act(ada, "pat", "", real_name="Pat", email="p@example.org")
    (message,) = deliver()
    assert message["To"] == "p@example.org"
    assert the_person(app, "pat").email_ci == "p@example.org pat"


# -- groups --------------------------------------------------------------------------------------


def test_a_person_is_added_to_a_group_and_removed(ada: FlaskClient) -> None:
    """Forge 4.13: memberships, add to project with role; private groups too."""
    page = act(ada, "bob", "memberships", group=" Mercury ", role="Reader")
    assert "The person has the role now." in page
    assert "Mercury" in page
    assert "Mercury is left." in act(ada, "bob", "memberships/remove", group="mercury")


@pytest.mark.parametrize(
    ("group", "role", "text"),
    [
        ("nosuch", "Developer", "no group named nosuch"),
        ("apollo", "Nosuch", "no role Nosuch"),
        ("apollo", "Developer", "has the role Developer already"),
    ],
)
def test_a_membership_that_cannot_be_is_refused_at_its_field(
    ada: FlaskClient, group: str, role: str, text: str
) -> None:
    answer = ada.post("/admin/users/bob/memberships", data={"group": group, "role": role})
    assert answer.status_code == 422
    assert text in answer.text


def test_the_last_administrator_and_strangers_are_not_removed(ada: FlaskClient) -> None:
    assert "last administrator" in act(ada, "alice", "memberships/remove", group="apollo")
    assert "is not a member" in act(ada, "bob", "memberships/remove", group="mercury")
    answer = ada.post("/admin/users/bob/memberships/remove", data={"group": "nosuch"})
    assert answer.status_code == 404


# -- facts ---------------------------------------------------------------------------------------


def test_the_page_knows_the_last_log_in_and_leads_on(app: Flask, ada: FlaskClient) -> None:
    assert "Last log-in" not in ada.get("/admin/users/bob/").text
    log_in(app, "bob")
    page = ada.get("/admin/users/bob/").text
    assert "Last log-in" in page
    for address in (
        "/admin/users/bob/permissions",
        "/admin/sessions/?f.user_name.eq=bob",
        "/admin/audit/?f.actor_name.eq=bob",
    ):
        assert address in page


def test_a_log_in_does_not_change_the_account(app: Flask, people: dict[str, User]) -> None:
    """``updated_at`` tells of changes that somebody made."""
    log_in(app, "bob")
    assert the_person(app, "bob").updated_at == people["bob"].updated_at
