"""Sites that demand a log-in: what stays open, and what does not."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from portal.config import Settings
from portal.core.database import db
from tests.factories import make_group, make_user
from tests.fixtures.plugins import PluginSite, write_plugin

LOGIN = """
def way(self):
    return LoginMethod(key="sso", title="Elsewhere", redirect_url="/plugins/sso/")
"""
VIEWS = """
    from flask import Blueprint

    bp = Blueprint("{code}", __name__)


    @bp.get("/")
    def index():
        return "{code}"
"""


@pytest.fixture
def closed(sqlite_template: Path, tmp_path: Path) -> Iterator[PluginSite]:
    """A site that demands a log-in, with a plugin that gives one and a plugin that does not."""
    shutil.copyfile(sqlite_template, tmp_path / "portal.db")
    url = f"sqlite:///{tmp_path / 'portal.db'}"
    for code, methods in (("sso", LOGIN), ("other", "")):
        write_plugin(
            tmp_path / "plugins",
            code,
            config={"scope": ["site"]},
            events={"display_auth_form": ["way"]} if methods else None,
            files={"views.py": VIEWS.format(code=code), "plugin.py": plugin_file(methods)},
        )
    site = PluginSite(
        Settings.load(
            {
                "PORTAL_VAR": str(tmp_path / "var"),
                "DATABASE_URL": url,
                "PORTAL_SECRET_KEY": "a secret of the tests, long enough to be one",
                "PORTAL_PLUGIN_PATH": str(tmp_path / "plugins"),
                "PORTAL_LOGIN_REQUIRED": "1",
            }
        )
    )
    site.enable("sso", "other")
    with site.arrange():
        make_group("apollo")
    yield site
    site.runtime.close()
    db.dispose_engine(url)


def plugin_file(methods: str) -> str:
    """Return a plugin.py with these methods."""
    body = methods.replace("\n", "\n    ").strip() or "pass"
    return (
        f"from portal.pluginapi import LoginMethod, Plugin\n\n\nclass Probe(Plugin):\n    {body}\n"
    )


def test_visitors_see_the_front_page_and_what_leads_to_a_log_in(closed: PluginSite) -> None:
    """Forge 4.2: everything except home, account pages and auth plugins needs log-in."""
    client: FlaskClient = closed.client()
    for path in (
        "/",
        "/login",
        "/register",
        "/register/sent",
        "/register/resend",
        "/password/lost",
        "/healthz",
        "/static/css/tokens.css",
        "/plugins/sso/",
    ):
        with client.get(path) as answer:
            assert answer.status_code == 200, path


def test_the_front_page_tells_visitors_nothing_of_the_groups(closed: PluginSite) -> None:
    """Forge 4.2: what the site is for is no secret, who works in it is."""
    page = closed.client().get("/").text
    assert "apollo" not in page.lower()
    assert "Newest groups" not in page


def test_all_else_leads_to_the_log_in_and_back(closed: PluginSite) -> None:
    """Pages that do not exist, too: a visitor cannot tell them apart."""
    client: FlaskClient = closed.client()
    for path in ("/groups/", "/groups/apollo/", "/users/nobody/", "/nothing", "/plugins/other/"):
        answer = client.get(path)
        assert answer.status_code == 302, path
        assert answer.location.startswith("/login?next="), path


def test_whoever_is_logged_in_sees_everything(closed: PluginSite) -> None:
    """The mode is about visitors only."""
    with closed.arrange():
        alice = make_user("alice")
    client = closed.client(alice)
    for path in ("/groups/apollo/", "/plugins/other/", "/my/"):
        assert client.get(path).status_code == 200, path
    assert client.get("/nothing").status_code == 404
