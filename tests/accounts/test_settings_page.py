"""My settings: three forms on one page, each sent alone."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.accounts.loading import find_user
from portal.accounts.models import User
from portal.core.unit_of_work import Unit
from tests.factories import make_user, sign_in

Arrange = Callable[[], AbstractContextManager[Unit]]

PASSWORD = "portal-demo"
SETTINGS = {
    "real_name": "Alice L.",
    "timezone": "Europe/Rome",
    "language": "",
    "theme": "dark",
    "page_size": "50",
}
NEW_PASSWORD = {
    "old_password": PASSWORD,
    "new_password": "Another-1",
    "repetition": "Another-1",
}


@pytest.fixture
def alice(client: FlaskClient, arrange: Arrange) -> User:
    """Alice, signed in."""
    with arrange():
        alice = make_user("alice", password=PASSWORD)
    sign_in(client, alice)
    return alice


def stored(arrange: Arrange) -> User:
    """Return Alice's row as it is now."""
    with arrange():
        alice = find_user("alice")
    assert alice is not None
    return alice


@pytest.mark.parametrize("path", ["", "/password", "/plugins"])
def test_settings_need_a_log_in(client: FlaskClient, path: str) -> None:
    """A form sent after the session has ended is not repeated by the log-in."""
    assert client.post(f"/my/settings{path}").status_code == 401
    assert client.get("/my/settings").status_code == 302


@pytest.mark.parametrize("path", ["/password", "/plugins"])
def test_what_only_takes_posts_answers_405(client: FlaskClient, alice: User, path: str) -> None:
    """Forge 4.0: no state change by GET."""
    assert client.get(f"/my/settings{path}").status_code == 405


@pytest.mark.parametrize("path", ["", "/password", "/plugins"])
def test_a_form_without_its_token_changes_nothing(
    app: Flask, client: FlaskClient, alice: User, arrange: Arrange, path: str
) -> None:
    """Forge 4.0: CSRF everywhere."""
    app.config["WTF_CSRF_ENABLED"] = True
    answer = client.post(f"/my/settings{path}", data={**SETTINGS, **NEW_PASSWORD})
    assert answer.status_code == 400
    assert stored(arrange).updated_at == alice.updated_at


def test_saved_settings_show_on_the_next_page(
    client: FlaskClient, alice: User, arrange: Arrange
) -> None:
    """The appearance is the page's from the next one on."""
    assert client.post("/my/settings", data=SETTINGS).status_code == 303
    page = client.get("/my/settings").text
    assert "Your settings were saved." in page
    assert 'data-bs-theme="dark"' in page
    assert 'value="Alice L."' in page
    assert (stored(arrange).timezone, stored(arrange).page_size) == ("Europe/Rome", 50)


@pytest.mark.parametrize(
    ("field", "value"), [("real_name", " "), ("timezone", "Mars/Base"), ("theme", "pink")]
)
def test_a_refused_setting_saves_none_and_keeps_what_was_typed(
    client: FlaskClient, alice: User, arrange: Arrange, field: str, value: str
) -> None:
    """422, the fault at its field."""
    answer = client.post("/my/settings", data={**SETTINGS, "real_name": "Typed", field: value})
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert stored(arrange).theme == "auto"


def test_the_address_is_shown_and_cannot_be_changed_here(
    client: FlaskClient, alice: User, arrange: Arrange
) -> None:
    """Forge 4.3: a new address is confirmed by mail before it takes effect."""
    client.post("/my/settings", data={**SETTINGS, "email": "evil@example.org"})
    assert "alice@example.org" in client.get("/my/settings").text
    assert stored(arrange).email == "alice@example.org"


def test_a_new_password_keeps_this_session_and_ends_the_others(
    app: Flask, client: FlaskClient, alice: User
) -> None:
    """Engineering 2p."""
    elsewhere = sign_in(app.test_client(), alice)
    assert elsewhere.get("/my/").status_code == 200
    assert client.post("/my/settings/password", data=NEW_PASSWORD).status_code == 303
    assert "your sessions elsewhere were ended" in client.get("/my/settings").text
    assert elsewhere.get("/my/").status_code == 302


@pytest.mark.parametrize(
    ("field", "value", "text"),
    [
        ("old_password", "wrong", "not your present password"),
        ("new_password", "short", "differ"),
        ("repetition", "something else", "differ"),
    ],
)
def test_a_refused_password_changes_nothing(
    client: FlaskClient, alice: User, arrange: Arrange, field: str, value: str, text: str
) -> None:
    """The other forms of the page stay as they are."""
    answer = client.post("/my/settings/password", data={**NEW_PASSWORD, field: value})
    assert answer.status_code == 422
    assert text in answer.text
    assert 'value="Alice"' in answer.text
    assert stored(arrange).session_epoch == 1


def test_without_plugins_for_people_the_page_says_so(client: FlaskClient, alice: User) -> None:
    """Empty states say what to do next."""
    assert "No plugin for people yet" in client.get("/my/settings").text
