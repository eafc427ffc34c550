"""The pages on which settings of plugins are set: for the site, a group and oneself."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from portal.access.services import add_member
from portal.accounts.loading import find_user
from portal.groups.queries import find_group
from portal.pluginengine.settings.declared import declared_settings
from portal.pluginengine.settings.writing import change_settings
from tests.factories import make_group, make_user
from tests.fixtures.databases import postgresql_slowly
from tests.fixtures.plugins import PluginSite, write_plugin

pytestmark = postgresql_slowly

SETTINGS = {
    "greeting": {"label": "Greeting", "default": "Hi", "scope": ["site", "group", "user"]},
    "rows": {"type": "integer", "default": "5", "max": "9", "scope": "site"},
    "loud": {"type": "boolean", "default": "true", "scope": "site"},
    "colour": {"choices": {"r": "Red", "g": "Green"}, "scope": "site"},
    "about": {"type": "text", "scope": "site"},
    "api": {"secret": "true", "label": "API key", "scope": "site"},
}
SITE_PAGE, GROUP_PAGE, MY_PAGE = (
    "/admin/plugin/Hello/config",
    "/groups/apollo/admin/plugins/hello/",
    "/my/settings/plugins/hello",
)
OWN = """
    from flask import Blueprint, request
    from portal.pluginapi import current

    bp = Blueprint("own", __name__)


    class ConfigController:
        def index(self):
            if request.method == "POST":
                raise RuntimeError("not today")
            return f"Own page of {current.plugin.handle}"
"""
AS_VIEW = """
    from flask import Blueprint
    from flask.views import MethodView

    bp = Blueprint("viewed", __name__)


    class ConfigController(MethodView):
        def get(self):
            return "A view of Flask's"
"""


@pytest.fixture
def hello(site: PluginSite, plugin_folder: Path) -> PluginSite:
    """A site whose group apollo, run by alice, and bob use the plugin Hello; root is site admin."""
    config = {"settings": SETTINGS, "scope": ["group", "user"]}
    write_plugin(plugin_folder, "Hello", config=config)
    site.enable("Hello")
    with site.arrange():
        apollo = make_group("apollo")
        add_member(apollo, make_user("alice"), "Admin")
        for owner in (apollo, make_user("bob"), make_user("root", is_site_admin=True)):
            owner.set_plugin_usage("hello", True)
    return site


def browser(site: PluginSite, user_name: str) -> FlaskClient:
    """Return the browser of a person."""
    with site.arrange():
        return site.client(find_user(user_name))


def change(site: PluginSite, **values: object) -> None:
    """Set settings for the site."""
    with site.arrange():
        declared = declared_settings("hello")
        assert declared is not None
        change_settings(declared, None, values)  # type: ignore[arg-type]


def sent(**values: str) -> dict[str, str]:
    """Return what a browser posts: every field, as shown when nothing was set."""
    fields = {"greeting": "Hi", "rows": "5", "loud": "y", "colour": "", "about": "", "api": ""}
    fields |= {name: text for name, text in values.items() if not name.startswith("reset_")}
    resets = {name: text for name, text in values.items() if name.startswith("reset_")}
    posted = {f"setting_{name}": text for name, text in fields.items() if text != "-"}
    return {**posted, **resets, "sent": "yes"}


def test_the_page_stands_where_the_installer_promises_and_a_link_leads_there(
    hello: PluginSite,
) -> None:
    """E-47, E-49: /<admin route>/plugin/<CODE>/config under the name plugin_<CODE>_config."""
    assert "plugin_Hello_config" in hello.app.view_functions
    root = browser(hello, "root")
    assert SITE_PAGE in root.get("/admin/plugins/Hello/").text
    assert SITE_PAGE in root.get("/admin/plugins/").text
    page = root.get(SITE_PAGE).text
    assert "This is the default." in page
    assert 'value="Hi"' in page
    hello.operate("disable", "Hello")
    assert browser(hello, "root").get(SITE_PAGE).status_code == 404


def test_only_site_admins_set_what_holds_for_the_site(hello: PluginSite) -> None:
    assert browser(hello, "alice").get(SITE_PAGE).status_code == 403
    assert browser(hello, "alice").post(SITE_PAGE, data=sent()).status_code == 403
    assert hello.client().get(SITE_PAGE).status_code == 302


def test_settings_are_saved_shown_and_taken_back(hello: PluginSite) -> None:
    """3.3.6: where from, reset to default."""
    root = browser(hello, "root")
    data = sent(greeting="Hello", rows="7", loud="-", colour="g", about="One\r\nTwo")
    assert "The settings were saved." in root.post(SITE_PAGE, data=data, follow_redirects=True).text
    page = root.get(SITE_PAGE).text
    assert 'value="Hello"' in page
    (loud,) = re.findall(r'<input[^>]*name="setting_loud"[^>]*>', page)
    assert "checked" not in loud
    assert '<option selected value="g">Green</option>' in page
    assert "Set for the site." in page
    assert "Back to the default: Hi" in html.unescape(page)
    back = {**data, "reset_greeting": "y", "setting_rows": ""}
    assert root.post(SITE_PAGE, data=back).status_code == 303
    page = root.get(SITE_PAGE).text
    assert 'value="Hi"' in page
    assert 'value="5"' in page
    assert "Nothing was changed." in root.post(
        SITE_PAGE, data={**data, "setting_greeting": "Hi", "setting_rows": "5"}, follow_redirects=True
    ).text  # fmt: skip


def test_what_is_refused_is_told_at_its_field_and_the_rest_is_kept(hello: PluginSite) -> None:
    answer = browser(hello, "root").post(SITE_PAGE, data=sent(greeting="Kept", rows="10"))
    assert answer.status_code == 422
    assert "At most 9." in answer.text
    assert 'value="Kept"' in answer.text
    assert 'value="10"' in answer.text


def test_a_secret_is_never_shown_again(hello: PluginSite) -> None:
    """Write-only: set or not set; an empty field changes nothing, a box clears it."""
    root = browser(hello, "root")
    assert "Not set." in root.get(SITE_PAGE).text
    assert root.post(SITE_PAGE, data=sent(api="s3cret")).status_code == 303
    page = root.get(SITE_PAGE).text
    assert "s3cret" not in page
    assert "A value is set; it is never shown." in page
    refused = root.post(SITE_PAGE, data=sent(api="oth3r", rows="10"))
    assert "oth3r" not in refused.text
    assert "Nothing was changed." in root.post(SITE_PAGE, data=sent(), follow_redirects=True).text
    assert "s3cret" not in root.get("/admin/audit/").text
    page = root.post(SITE_PAGE, data=sent(reset_api="y"), follow_redirects=True).text
    assert "Not set." in page


def test_what_the_operator_fixed_is_shown_and_not_asked(hello: PluginSite) -> None:
    folder = hello.settings.var / "plugin-config"
    folder.mkdir()
    (folder / "hello.ini").write_text("[settings]\ngreeting = Hi there\napi = s3cret\nrows = x\n")
    page = browser(hello, "root").get(SITE_PAGE).text
    assert "Fixed by the operator of the site." in page
    assert "Hi there" in page
    assert "setting_greeting" not in page
    assert "s3cret" not in page
    assert "hello.ini, rows" in page


def test_a_group_that_uses_the_plugin_has_a_page_of_its_own(hello: PluginSite) -> None:
    """3.3.6: under project administration, for plugins that the project uses."""
    change(hello, greeting="Site")
    alice = browser(hello, "alice")
    assert GROUP_PAGE in alice.get("/groups/apollo/admin/plugins").text
    page = alice.get(GROUP_PAGE).text
    assert "Set for the site." in page
    assert "setting_rows" not in page
    alice.post(GROUP_PAGE, data={"setting_greeting": "Ours"})
    page = html.unescape(alice.get(GROUP_PAGE).text)
    assert "Set for this group." in page
    assert "Back to what is set for the site: Site" in page
    assert browser(hello, "bob").get(GROUP_PAGE).status_code == 403
    with hello.arrange():
        find_group("apollo", None).set_plugin_usage("hello", False)
    assert alice.get(GROUP_PAGE).status_code == 404


def test_a_person_who_uses_the_plugin_has_a_page_of_their_own(hello: PluginSite) -> None:
    bob = browser(hello, "bob")
    assert MY_PAGE in bob.get("/my/settings").text
    assert "Your settings were saved." in bob.post(
        MY_PAGE, data={"setting_greeting": "Mine"}, follow_redirects=True
    ).text  # fmt: skip
    assert "Set by you." in bob.get(MY_PAGE).text
    assert browser(hello, "alice").get(MY_PAGE).status_code == 404
    assert hello.client().get(MY_PAGE).status_code == 302
    assert bob.get("/my/settings/plugins/nothing").status_code == 404


@pytest.mark.parametrize(
    ("code", "views", "text"), [("own", OWN, "Own page of own"), ("viewed", AS_VIEW, "Flask's")]
)
def test_a_plugins_own_controller_answers_at_the_same_address(
    hello: PluginSite, plugin_folder: Path, code: str, views: str, text: str
) -> None:
    """E-48, E-50: ConfigController; the portal asks for the right, whatever the plugin does."""
    config = {"settings": {"greeting": {}}}
    write_plugin(plugin_folder, code, config=config, files={"views.py": views})
    hello.enable(code)
    address = f"/admin/plugin/{code}/config"
    root = browser(hello, "root")
    assert text in html.unescape(root.get(address).text)
    assert browser(hello, "alice").get(address).status_code == 403
    if code == "own":
        assert root.post(address).status_code == 500
        assert hello.engine.health.incidents()[0].plugin == "own"
