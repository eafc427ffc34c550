"""What a group's pages offer: its summary, its administration, the switch of a plugin and its fields."""

from __future__ import annotations

from typing import Any

import pytest
from markupsafe import Markup

from portal.groups.queries import named_group
from portal.pluginapi import Link, Veto
from tests.hooks.dom import Element
from tests.hooks.probing import VIEWERS, ProbedSite

pytestmark = pytest.mark.usefixtures("used")

HOOKS = (
    "project_after_description",
    "project_admin_plugins",
    "groupisactivecheckbox",
    "groupisactivecheckboxpost",
    "group_plugin_changing",
    "group_plugin_use",
)
SUMMARY, SWITCHES = "/groups/apollo/", "/groups/apollo/admin/plugins"
ADMIN_PAGES = ("/groups/apollo/admin/", "/groups/apollo/admin/members", SWITCHES)
WORDS = Markup('<p id="probe">Words</p>')
FIELD = Markup('<input id="probe_word" name="probe_word" value="old" aria-label="Word">')


@pytest.fixture(scope="module")
def site(probed: ProbedSite) -> ProbedSite:
    """A site with a plugin that answers the hooks of groups as a test wants."""
    probed.run_open("probe", *HOOKS)
    return probed


@pytest.fixture
def unused(site: ProbedSite) -> ProbedSite:
    """The site while apollo does not use the plugin."""
    site.use("probe", used=False)
    site.calls()
    return site


def about(site: ProbedSite, viewer: str) -> dict[str, Any]:
    """Return what each handler of a group's page is given."""
    return {
        "viewer": f"User {viewer}" if viewer else None,
        "group": "Group apollo",
        "group_id": site.group_id("apollo"),
    }


def save(site: ProbedSite, *, on: bool, **fields: str) -> int:
    """Send the page of switches as alice's browser would; return the status."""
    switch = {"use_probe": "1"} if on else {}
    data = {"shown": "probe", **switch, **fields}
    return site.as_("alice").post(SWITCHES, data=data).status_code


def is_used(site: ProbedSite) -> bool:
    """Return whether apollo uses the plugin."""
    with site.arrange("read"):
        group = named_group("apollo")
        assert group is not None
        return group.uses_plugin("probe")


# -- project_after_description -------------------------------------------------------------------


@pytest.mark.parametrize("viewer", VIEWERS)
def test_words_stand_below_the_description(site: ProbedSite, viewer: str) -> None:
    """Seed 004, project_after_description; the seed's TODO: the group's key is given."""
    site.give("probe", project_after_description=WORDS)
    page = site.page(SUMMARY, viewer)
    words = page.one(id="probe")
    assert words.path == "html body main div div div section div p"
    assert words.within("section")["aria-label"] == "From the plugins of this group"
    order = [each for each in page.inside() if each.tag == "section" or each is words]
    assert "About this group" in order[0].text
    assert order[1] is words.within("section")
    assert site.calls_of("project_after_description") == [about(site, viewer)]


def test_words_are_escaped_when_they_are_plain(site: ProbedSite) -> None:
    """Design 5: plain text is escaped."""
    site.give("probe", project_after_description="<b>")
    assert "&lt;b&gt;" in site.as_("").get(SUMMARY).text


@pytest.mark.parametrize("viewer", VIEWERS)
def test_a_group_that_does_not_use_it_shows_nothing(unused: ProbedSite, viewer: str) -> None:
    """Issue 3: nothing appears when the plugin is off for that group."""
    unused.give("probe", project_after_description=WORDS)
    assert unused.page(SUMMARY, viewer).all(id="probe") == []
    assert unused.calls() == []


# -- project_admin_plugins -----------------------------------------------------------------------


def links(page: Element) -> list[tuple[str, str, str]]:
    """Return title, address and description of each link under Plugin administration."""
    found = page.all("nav", **{"aria-labelledby": "plugin-administration"})
    return [
        (item.one("a").text, item.one("a")["href"], item.text.removeprefix(item.one("a").text))
        for nav in found
        for item in nav.all("li")
    ]


@pytest.mark.parametrize("answer", [
    "link",
    '<p><a href="/probe?x=1">Set it up</a> its words</p>',
    '<a href="/probe?x=1">Set it up</a>',
])  # fmt: skip
@pytest.mark.parametrize("path", ADMIN_PAGES)
def test_the_link_stands_beside_the_groups_administration(
    site: ProbedSite, path: str, answer: str
) -> None:
    """Seed 004, project_admin_plugins: a link to the plugin's admin page; an a or p element, too."""
    value = Link(title="Set it up", url="/probe?x=1", description="its words")
    site.give("probe", project_admin_plugins=value if answer == "link" else answer)
    page = site.page(path, "alice")
    words = "" if answer.startswith("<a") else "its words"
    assert links(page) == [("Set it up", "/probe?x=1", words)]
    heading = page.one(id="plugin-administration")
    assert (heading.path, heading.text) == (
        "html body main div div div nav h2",
        "Plugin administration",
    )
    assert site.calls_of("project_admin_plugins") == [about(site, "alice")]
    assert links(site.page(path, "admin")) == links(page)


def test_only_those_who_administer_the_group_get_there(site: ProbedSite) -> None:
    """Forge 1.2, 12: on the group's admin pages."""
    site.give("probe", project_admin_plugins=Link(title="Set it up", url="/probe"))
    assert site.as_("bob").get(ADMIN_PAGES[0]).status_code == 403
    assert site.as_("").get(ADMIN_PAGES[0]).status_code == 302
    assert links(site.page(SUMMARY, "alice")) == []
    assert site.calls_of("project_admin_plugins") == []


def test_only_plugins_that_the_group_uses_have_a_link(unused: ProbedSite) -> None:
    """Forge 1.2, 12: only from plugins enabled in the group; without one there is no heading."""
    unused.give("probe", project_admin_plugins=Link(title="Set it up", url="/probe"))
    for path in ADMIN_PAGES:
        assert unused.page(path, "alice").all(id="plugin-administration") == []
    assert unused.calls_of("project_admin_plugins") == []


def test_a_wrong_link_is_left_out_and_named(site: ProbedSite) -> None:
    """Engineering 1C 18: what is not in the seed's form is a fault."""
    site.give("probe", project_admin_plugins="<li><a href='/x'>X</a></li>")
    assert links(site.page(ADMIN_PAGES[0], "alice")) == []
    ((_plugin, hook, error),) = site.incidents()
    assert (hook, "expected one <a" in error) == ("project_admin_plugins", True)


# -- the switch and its fields -------------------------------------------------------------------


@pytest.mark.parametrize("is_on", [True, False])
@pytest.mark.parametrize("viewer", ["alice", "admin"])
def test_fields_stand_beside_the_switch(site: ProbedSite, viewer: str, is_on: bool) -> None:
    """Seed 004, groupisactivecheckbox: asked also while the group does not use the plugin."""
    site.use("probe", used=is_on)
    site.give("probe", groupisactivecheckbox=FIELD)
    site.calls()
    field = site.page(SWITCHES, viewer).one(id="probe_word")
    assert field.path == "html body main div div div form section div ul li div input"
    assert field.within("li").one("input", name="use_probe", type="checkbox")
    assert site.calls_of("groupisactivecheckbox") == [
        {**about(site, viewer), "plugin": "probe", "enabled": is_on}
    ]


def test_a_table_row_of_two_cells_becomes_a_field(site: ProbedSite) -> None:
    """Seed 004: a <tr> line containing two cells."""
    row = '<tr><td>Colour</td><td><input name="probe_colour" value="red"></td></tr>'
    site.give("probe", groupisactivecheckbox=row)
    page = site.page(SWITCHES, "alice")
    field = page.one("input", name="probe_colour")
    assert field.within("label").text == "Colour"
    assert page.all("tr") == []


def test_nobody_else_is_asked_and_a_disabled_plugin_has_no_switch(disabled: ProbedSite) -> None:
    """Design 6."""
    assert disabled.as_("bob").get(SWITCHES).status_code == 403
    assert disabled.page(SWITCHES, "alice").all("input", name="use_probe") == []


def test_switching_asks_checks_stores_and_tells(site: ProbedSite) -> None:
    """Hooks.md: changing, post and use, in this order, with what they are about."""
    site.give("probe", groupisactivecheckbox=FIELD)
    assert save(site, on=False, probe_word="new") == 303
    group = {"group": "Group apollo", "group_id": site.group_id("apollo"), "plugin": "probe"}
    told = [(hook, given) for hook, given in site.calls() if hook != "groupisactivecheckbox"]
    assert told == [
        ("group_plugin_changing", {**group, "enable": False}),
        (
            "groupisactivecheckboxpost",
            {**group, "enabled": False, "was_enabled": True, "form": "a MultiDict"},
        ),
        ("group_plugin_use", {**group, "enabled": False}),
    ]
    assert not is_used(site)


def test_the_form_holds_the_plugins_own_fields_only(site: ProbedSite) -> None:
    """Hooks.md: fields named <handle>_<field>, for a plugin whose switch or fields changed."""
    kept: list[dict[str, list[str]]] = []
    site.give(
        "probe",
        groupisactivecheckbox=FIELD,
        groupisactivecheckboxpost=lambda given: kept.append(given["form"].to_dict(flat=False)),
    )
    assert save(site, on=True, probe_word="old") == 303
    assert kept == []
    assert save(site, on=True, probe_word="new", other_word="x") == 303
    assert kept == [{"probe_word": ["new"]}]
    assert "group_plugin_use" not in [hook for hook, _given in site.calls()]


@pytest.mark.parametrize("hook", ["group_plugin_changing", "groupisactivecheckboxpost"])
def test_a_veto_undoes_the_submit_and_tells_why(site: ProbedSite, hook: str) -> None:
    """Design 5, check: the first veto aborts the write."""

    def refuse(given: dict[str, Any]) -> None:
        raise Veto("The moon is closed.")

    site.give("probe", **{hook: refuse})
    answer = site.as_("alice").post(SWITCHES, data={"shown": "probe"})
    assert answer.status_code == 422
    assert "The moon is closed." in answer.text
    assert is_used(site)
    assert "group_plugin_use" not in [name for name, _given in site.calls()]


def test_a_failing_check_says_nothing(site: ProbedSite) -> None:
    """Design 5, Isolation: only a Veto refuses."""
    site.give("probe", group_plugin_changing=lambda given: 1 / 0)
    assert save(site, on=False) == 303
    assert not is_used(site)
    assert [hook for _plugin, hook, _error in site.incidents()] == ["group_plugin_changing"]
