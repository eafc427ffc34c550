"""The configuration in site admin, and the banner that tells of unsafe settings."""

from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.accounts.loading import find_user
from portal.accounts.services import set_password, set_status
from portal.config import Settings
from tests.factories import make_user, sign_in
from tests.fixtures.apps import Arrange, CountSelects

BANNER = "This site is not safe as it is set up."


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One database is enough for what pages say; the services' queries are tried on both elsewhere."""
    return sqlite_url


@pytest.fixture
def ada(client: FlaskClient, arrange: Arrange) -> FlaskClient:
    """The browser of a site admin."""
    with arrange():
        ada = make_user("ada", is_site_admin=True)
    return sign_in(client, ada)


def use(app: Flask, settings: Settings, **values: object) -> None:
    """Let the app run with other settings."""
    app.extensions["portal.settings"] = replace(settings, **values)  # type: ignore[arg-type]


def test_every_setting_is_shown_with_its_source_and_no_secret(
    ada: FlaskClient, settings: Settings
) -> None:
    """Issue 4: secrets masked, source of each value."""
    page = ada.get("/admin/configuration").text
    for row in settings.describe():
        assert f'id="{row.name}"' in page
    assert settings.secret_key not in page
    assert "environment" in page
    assert "signs sessions" in page


def test_passwords_in_addresses_are_masked(
    app: Flask, ada: FlaskClient, settings: Settings
) -> None:
    use(app, settings, smtp_url="smtp://portal:hush-hush@mail.example.org:587")
    page = ada.get("/admin/configuration").text
    assert "hush-hush" not in page
    assert "PORTAL_SMTP_URL" in page


@pytest.mark.parametrize(("viewer", "status"), [("", 302), ("alice", 403)])
def test_nobody_but_site_admins_reads_it(
    client: FlaskClient, arrange: Arrange, viewer: str, status: int
) -> None:
    if viewer:
        with arrange():
            alice = make_user(viewer)
        sign_in(client, alice)
    assert client.get("/admin/configuration").status_code == status


def test_a_safe_site_has_no_banner(ada: FlaskClient) -> None:
    assert BANNER not in ada.get("/admin/").text
    assert "Nothing unsafe is known." in ada.get("/admin/configuration").text


@pytest.mark.parametrize(
    ("values", "setting"),
    [
        ({"development": True}, "PORTAL_DEVELOPMENT"),
        ({"secret_key": "short"}, "PORTAL_SECRET_KEY"),
        ({"public_url": "https://portal.example.org"}, "PORTAL_SECURE_COOKIES"),
        ({"public_url": "http://portal.example.org"}, "PORTAL_URL"),
        ({"host": "0.0.0.0"}, "PORTAL_URL"),
        ({"safe_mode": True}, "PORTAL_SAFE_MODE"),
    ],
)
def test_what_is_unsafe_stands_on_every_page_of_site_admin(
    app: Flask, ada: FlaskClient, settings: Settings, values: dict[str, object], setting: str
) -> None:
    """Forge 4.13: insecure settings shown as a banner on all admin pages."""
    use(app, settings, **values)
    for path in ("/admin/", "/admin/users/", "/admin/audit/", "/admin/plugins/"):
        assert ada.get(path).text.count(BANNER) == 1, path
    page = ada.get("/admin/configuration").text
    assert f'href="#{setting}"' in page
    assert BANNER not in page
    assert BANNER not in ada.get("/").text


def test_a_demo_password_in_force_is_told_until_it_is_gone(
    ada: FlaskClient, arrange: Arrange, count_selects: CountSelects
) -> None:
    """Whoever reads the manual could log in."""
    with arrange():
        make_user("alice", password="portal-demo")
        make_user("bob", password="portal-demo")
        make_user("carol", password="something-else")
    page = ada.get("/admin/").text
    assert "opens the accounts: alice, bob." in page
    with count_selects() as selects:
        ada.get("/admin/audit/")
    assert len(selects) <= 6
    with arrange():
        alice, bob = find_user("alice"), find_user("bob")
        assert alice is not None
        assert bob is not None
        set_password(alice, "Abcdef-1")
        set_status(bob, "S")
    assert BANNER not in ada.get("/admin/").text
