"""The hook explorer: the list with its search and filters, and the page of a hook."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.accounts.loading import find_user
from portal.config import Settings
from portal.pluginengine.catalogue import Catalogue
from portal.pluginengine.engine import EXTENSION
from portal.siteadmin.hookexplorer import package_of
from tests.factories import make_group, make_user
from tests.fixtures.plugins import PluginSite, write_plugin

LIST = "/admin/hooks/"
METHODS = """
def tab(self):
    return None

def other(self):
    raise RuntimeError("boom")
"""


@pytest.fixture(scope="module")
def plugin_place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the plugins."""
    return tmp_path_factory.mktemp("plugins")


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """The database has no say in it; the reads of the times are tested with the engine."""
    return sqlite_url


@pytest.fixture
def site(settings: Settings, plugin_place: Path) -> Iterator[PluginSite]:
    """A site with a site admin and a plugin that answers two hooks, one of them badly."""
    write_plugin(
        plugin_place,
        "probe",
        config={"scope": ["site", "group"]},
        events={"groupmenu": ["tab"], "headermenu": ["other", "tab"]},
        methods=METHODS,
    )
    site = PluginSite(replace(settings, plugin_path=(plugin_place,)))
    with site.arrange():
        make_user("ada", is_site_admin=True)
        make_user("alice")
    site.enable("probe")
    yield site
    site.runtime.close()


@pytest.fixture
def ada(site: PluginSite) -> FlaskClient:
    """The browser of the site admin."""
    return browser(site, "ada")


def browser(site: PluginSite, name: str) -> FlaskClient:
    """Return somebody's browser."""
    with site.arrange("read"):
        return site.client(find_user(name))


def catalogue_of(app: Flask) -> Catalogue:
    """Return the hooks that the app knows."""
    catalogue: Catalogue = app.extensions[EXTENSION].catalogue
    return catalogue


def listed(client: FlaskClient, **query: str) -> list[str]:
    """Return the names of the hooks that the list shows."""
    page = client.get(LIST, query_string=query).text
    return re.findall(r'<li class="row-item row-wraps" id="([^"]+)"', page)


def words(page: str) -> str:
    """Return the text of a page without its tags."""
    return " ".join(re.sub(r"<[^>]*>", " ", page.partition("split-main")[2]).split())


def test_the_list_has_every_hook_and_marks_the_planned_ones(ada: FlaskClient) -> None:
    """Forge 4.13: hook browser."""
    specs = list(catalogue_of(ada.application))
    assert sorted(listed(ada)) == sorted(spec.name for spec in specs)
    page = ada.get(LIST).text
    assert page.count("planned for") == len([spec for spec in specs if spec.planned])
    assert "Specified, and fired by nothing yet." in page


def test_the_list_is_narrowed_by_words_and_filters(ada: FlaskClient) -> None:
    """Issue 6: by name, package, kind, scope, and by who answers."""
    specs = list(catalogue_of(ada.application))
    for name in ("kind", "scope"):
        wanted = {"kind": "check", "scope": "user"}[name]
        expected = {spec.name for spec in specs if getattr(spec, name) == wanted}
        assert set(listed(ada, **{name: wanted})) == expected
    of_groups = {spec.name for spec in specs if package_of(spec) == "groups"}
    assert {"groupmenu", "project_after_description"} <= of_groups
    assert set(listed(ada, package="groups")) == of_groups
    assert listed(ada, answered="plugin") == ["groupmenu", "headermenu"]
    assert "groupmenu" not in listed(ada, answered="nobody")
    assert listed(ada, q="HEADER menu") == ["headermenu"]
    assert listed(ada, q="menu", kind="collect", answered="plugin", scope="site") == ["headermenu"]


def test_what_is_no_filter_is_left_out_and_an_empty_list_leads_back(ada: FlaskClient) -> None:
    """Nothing is guessed; the empty state has the way out."""
    assert len(listed(ada, kind="no-such-kind")) == len(listed(ada))
    page = ada.get(LIST, query_string={"q": '<script>"&'}).text
    assert "No hook is like that" in page
    assert "&lt;script&gt;&#34;&amp;" in page


def test_the_page_of_a_hook_tells_what_it_is_and_who_answers_in_order(
    site: PluginSite, ada: FlaskClient
) -> None:
    """Host first, then the handler table with what is switched off, marked."""
    with site.arrange("read"):
        row = next(
            each for each in site.engine.state.handlers
            if (each.event, each.handler) == ("headermenu", "other")
        )  # fmt: skip
    ada.post(f"/admin/hooks/headermenu/order/{row.handler_id}/off")
    text = words(ada.get(f"{LIST}headermenu/").text)
    for part in (
        "the top bar of every page", "portal.web.pageparts", "viewer User or None: who looks",
        "MenuItem", "other 400 Not asked switched off here", "tab 399 Asked",
    ):  # fmt: skip
        assert part in text
    text = words(ada.get(f"{LIST}site_admin_option_hook/").text)
    assert "the portal portal.siteadmin.handlers" in text
    assert "Nobody answers" in words(ada.get(f"{LIST}message/").text)
    assert "It hands over nothing" not in text


def test_the_page_of_a_hook_tells_calls_times_and_errors(
    site: PluginSite, ada: FlaskClient
) -> None:
    """Of each plugin; the errors lead to the incidents."""
    assert "No calls yet" in words(ada.get(f"{LIST}groupmenu/").text)
    for _time in range(3):
        site.client().get("/")
    page = ada.get(f"{LIST}headermenu/").text
    calls = re.search(r"probe (\d+) [\d.]+ ms [\d.]+ ms (\d+)", words(page))
    assert calls is not None
    assert int(calls[1]) >= 6
    assert int(calls[2]) >= 3
    assert 'href="/admin/plugins/incidents?plugin=probe"' in page
    entry = ada.get(LIST).text
    entry = entry[entry.index('id="headermenu"') :]
    assert "error" in entry[: entry.index("</li>")]


def test_the_page_leads_to_where_the_hook_shows(site: PluginSite, ada: FlaskClient) -> None:
    """A live link where a page exists: of a group once there is one, of a person the viewer's own."""
    link = "See where it shows"
    assert link not in ada.get(f"{LIST}groupmenu/").text
    with site.arrange():
        make_group("apollo")
    assert 'href="/groups/apollo/"' in ada.get(f"{LIST}groupmenu/").text
    assert 'href="/users/ada/"' in ada.get(f"{LIST}user_personal_links/").text
    assert link not in ada.get(f"{LIST}before_logout_redirect/").text


def test_every_page_that_a_hook_names_opens(site: PluginSite, ada: FlaskClient) -> None:
    """A hook that puts something on pages names one of them; each is an address that answers."""
    with site.arrange():
        make_group("apollo")
    leading = set()
    for spec in catalogue_of(site.app).fired():
        page = ada.get(f"{LIST}{spec.name}/")
        found = re.search(r'class="btn btn-primary" href="([^"]+)"', page.text)
        assert bool(found) == bool(spec.page), spec.name
        assert spec.page or spec.kind not in ("render", "collect"), spec.name
        leading |= {found[1]} if found else set()
    statuses = {page: ada.get(page).status_code for page in leading}
    assert {page: status for page, status in statuses.items() if status >= 400} == {}


def test_planned_hooks_have_a_page_too_and_wrong_names_have_none(ada: FlaskClient) -> None:
    """With the nearest name in the words of the error."""
    planned = catalogue_of(ada.application).planned()[0]
    assert "Planned." in words(ada.get(f"{LIST}{planned.name}/").text)
    answer = ada.get(f"{LIST}groupmenue/")
    assert answer.status_code == 404
    assert "groupmenu" in answer.text


@pytest.mark.parametrize("page", [LIST, f"{LIST}groupmenu/"])
def test_nobody_but_site_admins_looks(site: PluginSite, page: str) -> None:
    """Forge 4.13."""
    assert browser(site, "alice").get(page).status_code == 403
    assert site.client().get(page).status_code == 302
