"""Looking at the site without plugins, in one browser: safe mode, hiding one, and who may not."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from portal.access.permissions import SYSTEM_ADMINISTER
from portal.access.sitegrants import set_system_permissions
from portal.accounts.loading import find_user
from portal.app import create_app
from portal.core.clock import frozen, now
from portal.siteadmin.viewcookie import COOKIE
from tests.siteadmin.masked import MaskedSite, banner, seen, signed_in
from tests.walks import masked

ALL = {"anna", "bert", "carl", "dora", "emil", "fred", "gina", "hans", "sloth"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> MaskedSite:
    """A site with ten plugins."""
    return MaskedSite(tmp_path_factory.mktemp("masked"), sqlite_template)


@pytest.fixture
def ada(site: MaskedSite) -> FlaskClient:
    """A new browser of a site admin."""
    return site.browser()


def cookie_of(client: FlaskClient) -> str:
    """What the browser keeps about its view."""
    found = client.get_cookie(COOKIE)
    return found.value if found is not None else ""


def test_safe_mode_shows_one_browser_the_site_without_plugins(
    site: MaskedSite, ada: FlaskClient
) -> None:
    """Issue 6: a banner with a way out on every page; everybody else sees identical bytes meanwhile."""
    others, eve = [site.browser(""), site.browser("alice")], site.browser("eve")
    pages = ("/", "/groups/apollo/")
    before = [masked(each.get(path).data) for each in others for path in pages]
    assert seen(ada.get("/").text) == ALL
    answer = ada.post("/admin/safe-mode", data={"next": "/groups/apollo/"})
    assert (answer.status_code, answer.location) == (303, "/groups/apollo/")
    for path in (*pages, "/my/", "/admin/plugins/", "/no-such-page"):
        page = ada.get(path).text
        assert seen(page) == set(), path
        assert "Safe mode: this browser sees the site without plugins." in banner(page), path
        assert "Leave safe mode" in page
    assert [masked(each.get(path).data) for each in others for path in pages] == before
    assert seen(eve.get("/").text) == ALL
    assert ada.post("/admin/safe-mode/leave", data={"next": "/"}).location == "/"
    page = ada.get("/").text
    assert (seen(page), banner(page)) == (ALL, "")
    assert cookie_of(ada) == ""


def test_the_page_of_safe_mode_itself_is_always_without_plugins(ada: FlaskClient) -> None:
    """Whatever a plugin does to every page, there is a way to safe mode."""
    page = ada.get("/admin/safe-mode").text
    assert seen(page) == set()
    assert "See the site without plugins" in page
    assert "failed at" not in page


def test_one_plugin_can_be_hidden_and_shown_again(ada: FlaskClient) -> None:
    """From the page's foot, from an incident and from the plugin's page, each coming back."""
    page = ada.get("/groups/apollo/?x=1").text
    assert "View this page without Flake" in page
    assert '<input type="hidden" name="next" value="/groups/apollo/?x=1">' in page
    assert 'action="/admin/plugins/flake/hide"' in page
    header = (
        ada.get("/admin/plugins/anna/").text.partition("page-actions")[2].partition("page-tabs")[0]
    )
    assert 'action="/admin/plugins/anna/hide"' in header
    assert ada.post("/admin/plugins/anna/hide", data={"next": "/groups/"}).location == "/groups/"
    ada.post("/admin/plugins/bert/hide")
    page = ada.get("/").text
    assert seen(page) == ALL - {"anna", "bert"}
    assert "Hidden from this browser: Anna, Bert" in banner(page)
    ada.post("/admin/plugins/anna/show")
    assert seen(ada.get("/").text) == ALL - {"bert"}
    ada.post("/admin/plugins/bert/show")
    assert (seen(ada.get("/").text), cookie_of(ada)) == (ALL, "")


def test_the_foot_of_a_page_tells_who_took_part_and_how_long_it_took(
    site: MaskedSite, ada: FlaskClient
) -> None:
    """The slowest first, each with a button; nobody but site admins sees it."""
    foot = ada.get("/groups/apollo/").text.partition('class="plugins-here"')[2]
    assert foot.index(">Sloth</a>") < min(foot.index(f">{each}</a>") for each in ("Anna", "Flake"))
    assert "1 answer, <span" in foot
    for name in ("", "alice"):
        page = site.browser(name).get("/").text
        assert "plugins-here" not in page
        assert "own-view" not in page


def test_a_foreign_address_is_not_gone_to(ada: FlaskClient) -> None:
    """``next`` is a path of this site, or the plugin's page."""
    answer = ada.post("/admin/plugins/anna/hide", data={"next": "//evil.example/"})
    assert answer.location == "/admin/plugins/anna/"


def test_what_does_not_run_cannot_be_hidden(ada: FlaskClient) -> None:
    """There is nothing to hide."""
    assert ada.post("/admin/plugins/nobody/hide").status_code == 404


@pytest.mark.parametrize("name", ["", "alice"])
def test_nobody_else_may_ask_for_it(site: MaskedSite, name: str) -> None:
    """Only site admins, and only by POST."""
    client = site.browser(name)
    for path in ("/admin/safe-mode", "/admin/safe-mode/leave", "/admin/plugins/anna/hide"):
        assert client.post(path).status_code in (401, 403)
    assert cookie_of(client) == ""


def test_a_cookie_counts_only_in_the_session_that_it_was_given_to(
    site: MaskedSite, ada: FlaskClient
) -> None:
    """Not another person's, not in the same person's next session, and not when it was changed."""
    ada.post("/admin/safe-mode")
    good = cookie_of(ada)
    assert seen(ada.get("/").text) == set()
    for name in ("", "alice", "eve", "ada"):
        other = site.browser(name)
        other.set_cookie(COOKIE, good)
        assert seen(other.get("/").text) == ALL, name
    for forged in (good[:-2] + "AA", good.partition(".")[0], "", "x" * 3000, "é"):
        ada.set_cookie(COOKIE, forged)
        assert seen(ada.get("/").text) == ALL, forged


def test_a_cookie_runs_out(ada: FlaskClient) -> None:
    """After some hours the browser sees everything again, though the session lasts."""
    ada.post("/admin/safe-mode")
    with frozen(now() + timedelta(hours=3, minutes=59)):
        assert seen(ada.get("/").text) == set()
    with frozen(now() + timedelta(hours=4, minutes=1)):
        assert seen(ada.get("/").text) == ALL


def test_a_site_admin_who_is_none_any_more_sees_what_everybody_sees(site: MaskedSite) -> None:
    """The right is asked at every request."""
    eve = site.browser("eve")
    eve.post("/admin/safe-mode")
    assert seen(eve.get("/").text) == set()
    with site.arranged():
        person = find_user("eve")
        assert person is not None
        set_system_permissions(person, [])
    page = eve.get("/").text
    assert (seen(page), banner(page)) == (ALL, "")
    with site.arranged():
        person = find_user("eve")
        assert person is not None
        set_system_permissions(person, [SYSTEM_ADMINISTER])


def test_a_site_in_safe_mode_tells_its_admins_on_every_page(site: MaskedSite) -> None:
    """PORTAL_SAFE_MODE=1: no plugin runs for anybody, and visitors are told nothing."""
    app = create_app(replace(site.plugins.settings, safe_mode=True))
    for name, text in (("ada", "Safe mode: this site runs without plugins."), ("alice", "")):
        page = signed_in(app.test_client(), name).get("/groups/apollo/").text
        assert seen(page) == set()
        assert (text in banner(page), bool(banner(page))) == (True, bool(text)), name


def test_a_form_that_is_sent_is_answered_with_every_plugin(ada: FlaskClient) -> None:
    """A mask lies on what is looked at, never on what is done."""
    ada.post("/admin/safe-mode")
    answer = ada.post("/groups/new", data={})
    assert answer.status_code == 422
    assert seen(answer.text) == ALL
    assert "Safe mode" in banner(answer.text)
