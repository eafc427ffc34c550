"""Site admin: who may enter, the links of plugins, the plugin list, the hook explorer, the notices."""

from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.accounts.loading import find_user
from portal.app import create_app
from portal.core.unit_of_work import unit_of_work
from portal.pluginengine.overview import plugin_overview
from tests.factories import make_group, make_member, make_user, sign_in
from tests.fixtures.databases import postgresql_slowly
from tests.sampleplugins import PluginSite

pytestmark = postgresql_slowly

PAGES = ("", "plugins/", "plugins/sample/", "plugins/sample/unregister", "hooks/")
BUTTONS = ("register", "enable", "disable", "unregister")
LINK = 'return Link(title="Sample at work", url="/plugins/sample/", description="What it does")'


@pytest.fixture
def app(site: PluginSite) -> Flask:
    """A site where the plugin sample runs and the plugin other lies in the folder."""
    site.write("sample", {"site_admin_option_hook": LINK}, author="Ann Author")
    site.write("other", {"groupmenu": "return None"}, description="Waits to be installed")
    app = site.run("sample")
    with app.app_context(), unit_of_work():
        make_user("admin", is_site_admin=True)
        alice, apollo = make_user("alice"), make_group("apollo")
        make_member(apollo, alice, "Admin")
    return app


def client_of(app: Flask, name: str) -> FlaskClient:
    """Return a browser in which that person is signed in; "" is an anonymous visitor."""
    if not name:
        return app.test_client()
    with app.app_context(), unit_of_work("read"):
        user = find_user(name)
        assert user is not None
        return sign_in(app.test_client(), user)


def states(site: PluginSite) -> dict[str, str]:
    """Return the state of each plugin as a fresh app sees it."""
    app = create_app(site.settings)
    with app.app_context(), unit_of_work("read"):
        return {plugin.code: plugin.state for plugin in plugin_overview()}


@pytest.mark.parametrize(("viewer", "status"), [("", 302), ("alice", 403), ("admin", 200)])
@pytest.mark.parametrize("page", PAGES)
def test_only_site_admins_enter(app: Flask, page: str, viewer: str, status: int) -> None:
    """Forge 4.13: system.administer; anonymous visitors are asked to log in."""
    answer = client_of(app, viewer).get(f"/admin/{page}")
    assert answer.status_code == status
    if status == 302:
        assert answer.headers["Location"].startswith("/login?next=")


@pytest.mark.parametrize(("viewer", "status"), [("", 401), ("alice", 403)])
@pytest.mark.parametrize("button", BUTTONS)
def test_nobody_else_presses_a_button(
    app: Flask, site: PluginSite, button: str, viewer: str, status: int
) -> None:
    """Forge 3.4: state changes are POSTs of a site admin."""
    answer = client_of(app, viewer).post(f"/admin/plugins/sample/{button}")
    assert answer.status_code == status
    assert states(site) == {"sample": "enabled", "other": "available"}


@pytest.mark.parametrize("button", BUTTONS)
def test_a_button_needs_the_forms_token(app: Flask, site: PluginSite, button: str) -> None:
    """Forge 4.0: CSRF everywhere; and no operation by GET."""
    app.config["WTF_CSRF_ENABLED"] = True
    admin = client_of(app, "admin")
    assert admin.post(f"/admin/plugins/sample/{button}").status_code == 400
    assert admin.get(f"/admin/plugins/sample/{button}").status_code in (200, 405)
    assert states(site) == {"sample": "enabled", "other": "available"}


def test_admin_route_moves_all_of_it(site: PluginSite) -> None:
    """Issue 2: ADMIN_ROUTE moves site admin."""
    site.settings = replace(site.settings, admin_route="backstage")
    app = site.run()
    with app.app_context(), unit_of_work():
        admin = make_user("admin", is_site_admin=True)
    client = sign_in(app.test_client(), admin)
    assert client.get("/backstage/plugins/").status_code == 200
    assert client.get("/admin/plugins/").status_code == 404
    assert 'href="/backstage/"' in client.get("/").text


def test_a_plugins_link_stands_in_its_section(app: Flask) -> None:
    """Issue 2: a site admin follows a plugin's link from the site admin page."""
    page = client_of(app, "admin").get("/admin/").text
    assert page.index(">Utilities<") < page.index('href="/plugins/sample/"')
    assert "What it does" in page
    assert page.index('href="/groups/"') > 0


def test_the_list_tells_state_author_and_who_uses_a_plugin(app: Flask) -> None:
    """Forge 4.13: plugin manager page."""
    page = client_of(app, "admin").get("/admin/plugins/").text
    for text in ("Sample", "Ann Author", "Enabled", "Other", "Available", "Waits to be installed"):
        assert text in page
    assert 'action="/admin/plugins/other/register"' in page
    assert 'action="/admin/plugins/sample/disable"' in page


def test_a_faulty_folder_is_listed_with_all_its_faults(app: Flask, site: PluginSite) -> None:
    """Issue 2: plugin list with causes; each fault names file, key, value and rule."""
    site.write("faulty", version="version 3", name="")
    page = client_of(app, "admin").get("/admin/plugins/").text
    assert "Faulty files" in page
    assert page.count("config.yml, ") >= 2
    assert client_of(app, "admin").get("/admin/plugins/faulty/").status_code == 200


def test_a_plugin_whose_folder_is_gone_can_be_disabled_and_unregistered(
    app: Flask, site: PluginSite
) -> None:
    """Seed 004: unregister leaves no referential error; forge 3.4 stale rows."""
    (site.folder / "sample" / "config.yml").unlink()
    assert states(site)["sample"] == "missing"
    admin = client_of(create_app(site.settings), "admin")
    admin.application.config["WTF_CSRF_ENABLED"] = False
    admin.post("/admin/plugins/sample/disable")
    admin.post("/admin/plugins/sample/unregister")
    assert "sample" not in states(site)


def test_the_way_of_a_plugin_from_available_to_gone(app: Flask, site: PluginSite) -> None:
    """Design 6: available, installed, enabled, and back; each answer announces its generation."""
    admin = client_of(app, "admin")
    for button, state in (
        ("register", "installed"),
        ("enable", "enabled"),
        ("disable", "installed"),
        ("unregister", "available"),
    ):
        answer = admin.post(f"/admin/plugins/other/{button}")
        assert answer.status_code == 303
        assert "portal_generation=" in answer.headers["Set-Cookie"]
        assert states(site)["other"] == state


def test_what_the_engine_refuses_is_told_and_changes_nothing(app: Flask, site: PluginSite) -> None:
    """Design 6: unregister is refused while the plugin is enabled."""
    admin = client_of(app, "admin")
    answer = admin.post("/admin/plugins/sample/unregister", follow_redirects=True)
    assert "Disable it first" in answer.text
    assert states(site)["sample"] == "enabled"
    assert admin.post("/admin/plugins/absent/enable").status_code == 404


def test_before_unregistering_the_page_tells_what_goes_with_it(
    app: Flask, site: PluginSite
) -> None:
    """Design 6: the confirmation; while the plugin is enabled there is no button."""
    admin = client_of(app, "admin")
    button = 'action="/admin/plugins/sample/unregister"'
    assert button not in admin.get("/admin/plugins/sample/unregister").text
    admin.post("/admin/plugins/sample/disable")
    page = client_of(create_app(site.settings), "admin").get("/admin/plugins/sample/unregister")
    assert button in page.text
    assert "0 groups" in page.text
    assert admin.get("/admin/plugins/other/unregister").status_code == 409


def test_a_button_on_the_plugins_page_leads_back_to_it(app: Flask) -> None:
    """Who works on one plugin stays there."""
    admin = client_of(app, "admin")
    answer = admin.post("/admin/plugins/sample/disable", data={"from": "plugin"})
    assert answer.headers["Location"] == "/admin/plugins/sample/"
    answer = admin.post("/admin/plugins/sample/enable")
    assert answer.headers["Location"] == "/admin/plugins/"


def test_a_failing_handler_is_told_to_site_admins_and_nobody_else(site: PluginSite) -> None:
    """Design 5, Isolation: the page goes on; a site admin sees a notice with the incident."""
    site.write("sample", {"project_after_description": 'raise RuntimeError("secret boom")'})
    app = site.run("sample")
    with app.app_context(), unit_of_work():
        admin, alice = make_user("admin", is_site_admin=True), make_user("alice")
        group = make_group("apollo")
        make_member(group, alice, "Admin")
        group.set_plugin_usage("sample", True)
    seen = {}
    for user in (admin, alice):
        page = sign_in(app.test_client(), user).get("/groups/apollo/")
        assert page.status_code == 200
        seen[user.user_name] = "secret boom" in page.text
    assert seen == {"admin": True, "alice": False}
    detail = sign_in(app.test_client(), admin).get("/admin/plugins/sample/log").text
    assert "secret boom" in detail
    assert "project_after_description" in detail
