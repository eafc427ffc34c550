"""What plugins add to a group's administration and summary: menu, notices, public area, in each of the ways."""

from __future__ import annotations

from typing import Any

import pytest
from markupsafe import Markup

from portal.pluginapi import MenuItem, PublicAreaItem
from tests.fixtures.plugins import write_plugin
from tests.hooks.dom import Element
from tests.hooks.probing import EVERYWHERE, VIEWERS, ProbedSite

HOOKS = ("groupadminmenu", "project_before_widgets", "project_public_area")
SUMMARY = "/groups/apollo/"
ADMIN_PAGES = ("/groups/apollo/admin/", "/groups/apollo/admin/members")
CORE_ENTRIES = ["Information", "Members", "Roles", "Plugins", "History"]

GFORGE = """
from markupsafe import Markup
from portal.pluginapi import Plugin, register_plugin

GIVEN = []


class Old(Plugin):
    def get_hooks(self):
        return ["groupadminmenu", "project_before_widgets", "project_public_area"]

    def call_hook(self, name, params):
        GIVEN.append((name, {key: params[key] for key in params}))
        if name == "groupadminmenu":
            params["labels"].append("Old page")
            params["links"].append("/old?group_id=%d" % params["group"])
            params["attr_r"].append({"title": "Old"})
        elif name == "project_public_area":
            params["result"] += '<div><a href="/old">Old tool</a> (<strong>3</strong> open)</div>'
        else:
            return Markup('<p id="old">Old words</p>') if params["group_id"] else None
        return True


register_plugin(Old())
"""


@pytest.fixture(scope="module")
def site(probed: ProbedSite) -> ProbedSite:
    """A site with a plugin that answers these hooks as a test wants."""
    probed.run_open("probe", *HOOKS)
    return probed


@pytest.fixture(autouse=True)
def used(site: ProbedSite) -> None:
    """Apollo uses the plugin, which has nothing to say, when a test begins."""
    site.give("probe")
    site.use("probe")
    site.calls()
    site.incidents()


def about(site: ProbedSite, viewer: str) -> dict[str, Any]:
    """Return what each handler is given."""
    return {
        "viewer": f"User {viewer}" if viewer else None,
        "group": "Group apollo",
        "group_id": site.group_id("apollo"),
    }


def admin_menu(page: Element) -> list[tuple[str, str]]:
    """Return title and address of each entry of the administration's menu."""
    links = page.one("nav", **{"aria-label": "Group administration"}).all("a")
    return [(each.text, each["href"]) for each in links]


def places(page: Element) -> list[tuple[str, str, str]]:
    """Return title, address and what else is told of each entry of the public area."""
    (panel,) = [each for each in page.all("section") if each.text.startswith("Public area")]
    return [
        (link.text, link["href"], item.text.removeprefix(link.text).strip())
        for item in panel.all("li")
        for link in item.all("a")
    ]


# -- groupadminmenu ------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ADMIN_PAGES)
def test_an_entry_stands_in_the_menu_of_every_page_of_the_administration(
    site: ProbedSite, path: str
) -> None:
    """Hooks.md, groupadminmenu: after the core's own entries, or after the one that it names."""
    own = MenuItem(key="probe", title="Mine", url="/mine")
    anchored = MenuItem(key="second", title="After roles", url="/second", after="roles")
    site.give("probe", groupadminmenu=[own, anchored])
    titles = [title for title, _url in admin_menu(site.page(path, "alice"))]
    assert titles == [
        "Information",
        "Members",
        "Roles",
        "After roles",
        "Plugins",
        "History",
        "Mine",
    ]
    assert site.calls_of("groupadminmenu") == [about(site, "alice")]


def test_only_those_who_administer_the_group_are_asked_about(site: ProbedSite) -> None:
    """The summary has no such menu."""
    for viewer in VIEWERS:
        site.page(SUMMARY, viewer)
    assert site.as_("bob").get(ADMIN_PAGES[0]).status_code == 403
    assert site.calls_of("groupadminmenu") == []


def test_of_a_group_that_does_not_use_it_the_menu_is_the_cores(site: ProbedSite) -> None:
    """Design 5, Scope."""
    site.give("probe", groupadminmenu=MenuItem(key="probe", title="Mine", url="/mine"))
    menu = admin_menu(site.page("/groups/mercury/admin/", "alice"))
    assert [title for title, _url in menu] == CORE_ENTRIES
    assert site.calls_of("groupadminmenu") == []


def test_a_faulty_entry_costs_itself_only(site: ProbedSite) -> None:
    """Design 5, Isolation."""
    site.give("probe", groupadminmenu=lambda given: 1 / 0)
    assert len(admin_menu(site.page(ADMIN_PAGES[0], "alice"))) == len(CORE_ENTRIES)
    assert [hook for _plugin, hook, _error in site.incidents()] == ["groupadminmenu"]


# -- project_before_widgets ----------------------------------------------------------------------


@pytest.mark.parametrize("viewer", VIEWERS)
def test_words_stand_above_everything_of_the_summary(site: ProbedSite, viewer: str) -> None:
    """Hooks.md, project_before_widgets."""
    site.give("probe", project_before_widgets=Markup('<p id="probe">Words</p>'))
    page = site.page(SUMMARY, viewer)
    words = page.one(id="probe").within("section")
    assert words["aria-label"] == "Notices from the plugins of this group"
    first = next(
        each for each in page.all("section") if "panel" in each.attributes.get("class", "")
    )
    assert first["aria-label"] == words["aria-label"]
    assert site.calls_of("project_before_widgets") == [about(site, viewer)]


def test_without_words_there_is_no_frame(site: ProbedSite) -> None:
    """Nothing is drawn around nothing."""
    assert "Notices from the plugins" not in site.as_("").get(SUMMARY).text


# -- project_public_area -------------------------------------------------------------------------


@pytest.mark.parametrize("viewer", VIEWERS)
def test_an_entry_of_the_public_area_has_a_link_a_number_and_figures(
    site: ProbedSite, viewer: str
) -> None:
    """Forge 4.7: public tools; the core's own come first."""
    item = PublicAreaItem(
        title="Tracker <1>", url="/tracker", icon="bug", summary="3 open of 12", count=12
    )
    site.give("probe", project_public_area=item)
    assert places(site.page(SUMMARY, viewer)) == [
        ("Members", "/groups/apollo/members", "2"),
        ("Tracker <1>", "/tracker", "12 3 open of 12"),
    ]
    assert site.calls_of("project_public_area") == [about(site, viewer)]


def test_the_home_page_of_the_group_stands_first(site: ProbedSite) -> None:
    """Forge 4.7: home page link."""
    form = {
        "full_name": "Apollo",
        "description": "What apollo is about",
        "homepage": "https://apollo.example/",
        "is_public": "y",
    }
    assert site.as_("alice").post("/groups/apollo/admin/", data=form).status_code == 303
    first = places(site.page(SUMMARY))[0]
    assert first == ("Home page", "https://apollo.example/", "apollo.example")
    site.as_("alice").post("/groups/apollo/admin/", data={**form, "homepage": ""})
    assert places(site.page(SUMMARY))[0][0] == "Members"


def test_a_text_with_a_link_is_an_entry_and_other_text_a_fault(site: ProbedSite) -> None:
    """Engineering 1C 18: markup in the form of the old systems is read, not drawn."""
    site.give("probe", project_public_area='<p><a href="/wiki">Wiki</a>: 4 pages</p>')
    assert places(site.page(SUMMARY))[-1] == ("Wiki", "/wiki", "4 pages")
    site.give("probe", project_public_area="<p>no link</p>")
    assert len(places(site.page(SUMMARY))) == 1
    assert [hook for _plugin, hook, _error in site.incidents()] == ["project_public_area"]


# -- the other ways of writing a plugin ----------------------------------------------------------


def test_call_hook_appends_as_in_gforge(site: ProbedSite) -> None:
    """Forge 2: labels, links and attr_r; result; the seed's group is the number."""
    write_plugin(site.folder, "old", config=EVERYWHERE, files={"plugin.py": GFORGE})
    site.enable("old")
    site.use("old")
    key = site.group_id("apollo")
    assert admin_menu(site.page(ADMIN_PAGES[0], "alice"))[-1] == (
        "Old page",
        f"/old?group_id={key}",
    )
    page = site.page(SUMMARY)
    assert places(page)[-1] == ("Old tool", "/old", "(3 open)")
    assert page.one(id="old").text == "Old words"
    given = dict(site._module("old").GIVEN)
    assert sorted(given["groupadminmenu"]) == ["attr_r", "group", "group_id", "labels", "links"]
    assert (given["groupadminmenu"]["group"], given["groupadminmenu"]["group_id"]) == (key, key)
    assert given["project_public_area"]["group_id"] == key
    assert given["project_before_widgets"] == {"group_id": key}
    assert site.incidents() == []
    site.operate("disable", "old")


def test_links_of_the_manifest_are_completed_by_the_group(site: ProbedSite) -> None:
    """Seed 001, links; engineering 2m: the third way."""
    links = {
        "groupadminmenu": {"title": "Linked page", "url": "/linked"},
        "project_public_area": {"title": "Linked tool", "url": "/linked?x=1"},
    }
    write_plugin(site.folder, "linked", config={**EVERYWHERE, "links": links})
    site.enable("linked")
    site.use("linked")
    key = site.group_id("apollo")
    menu = admin_menu(site.page(ADMIN_PAGES[0], "alice"))
    assert ("Linked page", f"/linked?group_id={key}") in menu
    assert ("Linked tool", f"/linked?x=1&group_id={key}", "") in places(site.page(SUMMARY))
    site.operate("disable", "linked")
