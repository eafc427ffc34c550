"""What a mask leaves as it is: stored values, writes, who guards; and what is hidden along with a plugin."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from portal.config import Settings
from portal.groups.queries import named_group
from tests.factories import make_group, make_user
from tests.fixtures.compiled import share_compiled_templates
from tests.fixtures.plugins import PluginSite, write_plugin
from tests.siteadmin.masked import BISECT, answer, copied_database, seen, signed_in

#: A plugin with a page, with a field beside its switch, and with a say in its being switched off.
BASE = """
    def says(self):
        from markupsafe import Markup
        return Markup("<p>from base</p>")

    def field(self, group):
        from markupsafe import Markup
        return Markup('<input type="text" name="base_colour" value="red" aria-label="Colour">')

    def store(self, group, form):
        raise Veto("The fields were touched.")

    def guard(self, group, plugin, enable):
        if plugin == "base" and not enable:
            raise Veto("base guards itself")
"""
VIEWS = """
    from flask import Blueprint
    from portal.pluginapi import render_page

    bp = Blueprint("base", __name__)


    @bp.route("/", methods=["GET", "POST"])
    def index():
        return render_page("page.html")


    class ConfigController:
        def index(self):
            return render_page("page.html")
"""
TEMPLATE = (
    '{% extends "layouts/plugin.html" %}{% block content %}<h1>The page of base</h1>{% endblock %}'
)
SWITCHES = "/groups/apollo/admin/plugins"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[PluginSite]:
    """A site whose group apollo uses base, extra, which needs base, and other."""
    folder = tmp_path_factory.mktemp("plugins")
    place = folder / "plugins"
    scope = {"scope": ["site", "group"]}
    write_plugin(
        place,
        "base",
        config=scope,
        events={
            "message": ["says"],
            "groupisactivecheckbox": ["field"],
            "groupisactivecheckboxpost": ["store"],
            "group_plugin_changing": ["guard"],
        },
        files={
            "plugin.py": f"from portal.pluginapi import Plugin, Veto\n\n\nclass Base(Plugin):{BASE}",
            "views.py": VIEWS,
            "templates/base/page.html": TEMPLATE,
        },
    )
    for code, more in (("extra", {"requires": {"plugins": {"base": "1.0"}}}), ("other", {})):
        says = f'def says(self):\n    from markupsafe import Markup\n    return Markup("<p>from {code}</p>")'
        write_plugin(place, code, config=scope | more, events={"message": ["says"]}, methods=says)
    settings = Settings.load(
        {
            "PORTAL_VAR": str(share_compiled_templates(folder / "var")),
            "DATABASE_URL": copied_database(folder, sqlite_template),
            "PORTAL_SECRET_KEY": "a secret of the tests, long enough to be one",
            "PORTAL_PLUGIN_PATH": str(place),
        }
    )
    site = PluginSite(settings)
    site.enable("base", "extra", "other")
    with site.arrange():
        apollo = make_group("apollo")
        make_user("ada", is_site_admin=True)
        assert all(apollo.set_plugin_usage(code, True) for code in ("base", "extra", "other"))
    yield site
    site.close()


@pytest.fixture
def ada(site: PluginSite) -> FlaskClient:
    """A new browser of a site admin."""
    return signed_in(site.client(), "ada")


def uses(site: PluginSite, handle: str) -> bool:
    """Tell whether apollo uses the plugin, as it is stored."""
    with site.arrange("read"):
        apollo = named_group("apollo")
        assert apollo is not None
        return bool(apollo.plugin_choice(handle))


def test_hiding_a_plugin_hides_those_that_need_it(ada: FlaskClient) -> None:
    """On the site's pages and on a group's; the others stay."""
    ada.post("/admin/plugins/base/hide")
    for path in ("/", "/groups/apollo/"):
        assert seen(ada.get(path).text) == {"other"}
    ada.post("/admin/plugins/base/show")
    ada.post("/admin/plugins/extra/hide")
    assert seen(ada.get("/").text) == {"base", "other"}


def test_a_hidden_plugins_page_says_so_and_offers_to_show_it(ada: FlaskClient) -> None:
    """A 404 with a way back; its POST is answered as ever."""
    address = "/plugins/base/?page=2"
    assert "The page of base" in ada.get(address).text
    ada.post("/admin/plugins/base/hide")
    hidden = ada.get(address)
    assert hidden.status_code == 404
    assert "This page is hidden from your browser" in hidden.text
    assert f'<input type="hidden" name="next" value="{address}">' in hidden.text
    assert "The page of base" in ada.post(address).text
    for settings in ("/admin/plugin/base/config", f"{SWITCHES}/base/", "/my/settings/plugins/base"):
        assert "This page is hidden from your browser" in ada.get(settings).text
    back = ada.post("/admin/plugins/base/show", data={"next": address})
    assert "The page of base" in ada.get(back.location).text


def test_a_form_saved_behind_a_mask_keeps_what_it_did_not_show(
    site: PluginSite, ada: FlaskClient
) -> None:
    """Switches and fields of hidden plugins are not on the page, and nothing of theirs changes."""
    ada.post("/admin/plugins/base/hide")
    page = ada.get(SWITCHES).text
    assert 'name="use_other"' in page
    assert "use_base" not in page
    assert "base_colour" not in page
    assert "use_extra" not in page
    assert ada.post(SWITCHES, data={"shown": "other"}).status_code == 303
    assert [uses(site, handle) for handle in ("base", "extra", "other")] == [True, True, False]
    ada.post(SWITCHES, data={"shown": "other", "use_other": "1"})
    assert uses(site, "other")


def test_a_mask_is_no_way_round_a_plugin_that_guards(site: PluginSite, ada: FlaskClient) -> None:
    """Check hooks are asked on every write, whoever hid the plugin."""
    ada.post("/admin/safe-mode")
    refused = ada.post(SWITCHES, data={"shown": "base", "base_colour": "red"})
    assert refused.status_code == 422
    assert "base guards itself" in refused.text
    assert uses(site, "base")


@pytest.mark.parametrize("path", ["/plugins/base/", "/admin/plugin/base/config"])
def test_the_plugin_whose_page_is_searched_is_not_hidden(ada: FlaskClient, path: str) -> None:
    """Without it there is no page: the others are tried, and then it is named as what is left."""
    ada.post(BISECT, data={"path": path, "fault": "looks"})
    for _turn in range(6):
        page = ada.get(path)
        assert "The page of base" in page.text
        if answer(ada, page.text, "wrong").location == BISECT:
            break
    assert "The page belongs to a plugin and is wrong even when" in ada.get(BISECT).text


def test_suspects_that_need_each_other_are_told_apart(ada: FlaskClient) -> None:
    """extra needs base: either is found when it alone is to blame."""
    for culprit in ("base", "extra", "other"):
        ada.post(BISECT, data={"path": "/groups/apollo/", "fault": "looks"})
        for _turn in range(6):
            page = ada.get("/groups/apollo/").text
            word = "wrong" if culprit in seen(page) else "fine"
            if answer(ada, page, word).location == BISECT:
                break
        assert f"It is the plugin {culprit.capitalize()}." in ada.get(BISECT).text
        ada.post(f"{BISECT}/end")
