"""The menus that plugins add to: site menu, top bar, a group's tabs, a person's tabs, site admin."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fixtures.plugins import write_plugin
from tests.hooks.dom import Element
from tests.hooks.probing import VIEWERS, ProbedSite


def item(title: str) -> str:
    """Return the body of a handler that gives a menu item."""
    return f'return MenuItem(key="probe", title="{title}", url="/probe", tooltip="Tip", count=3)'


ANSWERS = {
    "outermenu": item("In the menu"),
    "headermenu": item("In the bar"),
    "groupmenu": item("In the group"),
    "usermenu": item("On my pages"),
    "site_admin_option_hook": 'return Link(title="For the site", url="/probe", description="Why")',
    "site_admin_user_maintenance_hook": 'return Link(title="For people", url="/probe")',
}
EVERYBODY = dict.fromkeys(VIEWERS, 1)

#: hook: title, page, path of the entry, name of its menu, who sees it how often
PLACES: dict[str, tuple[str, str, str, str, dict[str, int]]] = {
    "outermenu": ("In the menu", "/", "html body header div nav ul li a", "Site", EVERYBODY),
    "headermenu": ("In the bar", "/", "html body header div nav ul li a", "Top bar", EVERYBODY),
    "groupmenu": (
        *("In the group", "/groups/apollo/", "html body main header div nav ul li a", "Group"),
        EVERYBODY,
    ),
    "usermenu": (
        *("On my pages", "/my/", "html body main header div nav ul li a", "Your pages"),
        {"alice": 1, "bob": 0, "admin": 0},
    ),
}


@pytest.fixture(scope="module")
def site(probed: ProbedSite) -> ProbedSite:
    """A site with a plugin that adds to all menus."""
    probed.run("probe", ANSWERS)
    return probed


def entries(page: Element, title: str) -> list[Element]:
    """Return the links with that title, whatever number stands beside it."""
    return [each for each in page.all("a") if each.text in (title, f"{title}3")]


@pytest.mark.parametrize("hook", PLACES)
def test_each_viewer_finds_the_entry_in_its_menu(site: ProbedSite, hook: str) -> None:
    """Issue 3: page and place, for anonymous, member and admin."""
    title, path, place, menu, seen_by = PLACES[hook]
    for viewer, times in seen_by.items():
        found = entries(site.page(path, viewer), title)
        assert [each.path for each in found] == [place] * times, viewer
        for each in found:
            assert each.within("nav")["aria-label"] == menu
            assert (each["href"], each["title"]) == ("/probe", "Tip")


def arguments(site: ProbedSite, hook: str, viewer: str) -> dict[str, Any]:
    """Return what the handler of a hook is to be given."""
    who = f"User {viewer}" if viewer else None
    if hook == "groupmenu":
        group = {"group": "Group apollo", "group_id": site.group_id("apollo")}
        return {"viewer": who, **group, "toptab": "summary"}
    if hook == "usermenu":
        return {"viewer": who, "user": who, "user_id": site.user_id(viewer)}
    return {"viewer": who}


@pytest.mark.parametrize("hook", PLACES)
def test_the_handler_gets_its_arguments_once(site: ProbedSite, hook: str) -> None:
    """Issue 3: the exact arguments."""
    for viewer, times in PLACES[hook][4].items():
        site.calls()
        site.page(PLACES[hook][1], viewer)
        assert site.calls_of(hook) == [arguments(site, hook, viewer)] * times


def test_site_admins_find_the_link_in_its_section_and_nobody_else_gets_there(
    site: ProbedSite,
) -> None:
    """Seed 004, site_admin_option_hook; forge 1.2, 21."""
    site.calls()
    link = site.page("/admin/", "admin").one("a", text="For the site")
    assert link.within("section").one("h2").text == "Utilities"
    assert link.within("main")
    assert site.calls_of("site_admin_option_hook") == [{"viewer": "User admin"}]
    assert {site.as_(name).get("/admin/").status_code for name in ("alice", "bob")} == {403}
    assert site.calls_of("site_admin_option_hook") == []


def test_links_about_people_stand_above_the_list_of_people(site: ProbedSite) -> None:
    """Spec/hooks.md, site_admin_user_maintenance_hook; asked for the page alone, not for CSV."""
    site.calls()
    link = site.page("/admin/users/", "admin").one("a", text="For people")
    assert link.within("section").one("h2").text == "From the plugins"
    assert link["href"] == "/probe"
    assert site.calls_of("site_admin_user_maintenance_hook") == [{"viewer": "User admin"}]
    assert site.as_("admin").get("/admin/users/?format=csv").status_code == 200
    assert site.as_("alice").get("/admin/users/").status_code == 403
    assert site.calls_of("site_admin_user_maintenance_hook") == []


def test_menus_of_groups_and_people_ask_their_owner(site: ProbedSite) -> None:
    """Design 5, Scope: mercury does not use it; the menus of the site show there all the same."""
    site.calls()
    page = site.page("/groups/mercury/", "alice")
    assert entries(page, "In the group") == []
    assert len(entries(page, "In the menu")) == len(entries(page, "In the bar")) == 1
    assert [hook for hook, _given in site.calls()] == ["outermenu", "headermenu"]
    assert entries(site.page("/users/alice/", "bob"), "On my pages") == []


@pytest.mark.parametrize("viewer", VIEWERS)
def test_nothing_of_a_disabled_plugin_is_in_any_menu(disabled: ProbedSite, viewer: str) -> None:
    """Design 6: off on the site."""
    paths = {"/", "/groups/apollo/", *(("/my/",) if viewer else ())}
    paths |= {"/admin/"} if viewer == "admin" else set()
    for path in sorted(paths):
        page = disabled.page(path, viewer)
        assert page.all("a", href="/probe") == []
        assert page.all("nav", **{"aria-label": "Top bar"}) == []


def menu(page: Element, name: str) -> list[str]:
    """Return the titles of a menu, the marked one in stars."""
    links = page.one("nav", **{"aria-label": name}).all("a")
    return [
        f"*{each.text}*" if each.attributes.get("aria-current") == "page" else each.text
        for each in links
    ]


def test_the_cores_entries_come_first_and_items_may_stand_after_them(site: ProbedSite) -> None:
    """Design 5, Order: the host's handlers first; a MenuItem may name the one it stands after."""
    body = 'return [MenuItem(key="one", title="One", url="/1", after="groups"), '
    body += 'MenuItem(key="two", title="Two", url="/2")]'
    site.run("anchored", {"outermenu": body})
    titles = menu(site.page("/", "bob"), "Site")
    assert titles[:3] == ["Groups", "One", "My page"]
    assert sorted(titles[3:]) == ["In the menu3", "Two"]


def test_the_entry_of_the_page_is_marked_by_its_key(site: ProbedSite) -> None:
    """Forge 1.2, 9: the core compares the key with the one that the page declares."""
    assert menu(site.page("/groups/", "bob"), "Site")[0] == "*Groups*"
    assert "*My page*" in menu(site.page("/my/", "bob"), "Site")
    assert not any("*" in title for title in menu(site.page("/", "bob"), "Site"))
    site.run(
        "paged",
        {"headermenu": 'return MenuItem(key="paged", title="Paged", url="/plugins/paged/")'},
        scope=["site"],
    )
    views = """
        from flask import Blueprint
        from portal.pluginapi import render_page
        bp = Blueprint("paged", __name__)

        @bp.get("/")
        def index():
            return render_page("index.html", active_menu="paged")
        """
    template = '{% extends "layouts/plugin.html" %}{% block content %}<h1>Paged</h1>{% endblock %}'
    write_plugin(
        site.folder,
        "paged",
        config={"scope": ["site"]},
        files={"views.py": views, "templates/paged/index.html": template},
    )
    site.refresh()
    assert "*Paged*" in menu(site.page("/plugins/paged/"), "Top bar")
    assert "Paged" in menu(site.page("/"), "Top bar")
