"""What a person's pages offer: links on the profile, the switch of a plugin in the settings and its fields."""

from __future__ import annotations

from typing import Any

import pytest
from markupsafe import Markup

from portal.accounts.loading import find_user
from portal.pluginapi import Link, Veto
from tests.hooks.probing import VIEWERS, ProbedSite

pytestmark = pytest.mark.usefixtures("used")

HOOKS = (
    "user_personal_links",
    "userisactivecheckbox",
    "userisactivecheckboxpost",
    "user_plugin_changing",
    "user_plugin_use",
)
PROFILE, SETTINGS, SWITCHES = "/users/alice/", "/my/settings", "/my/settings/plugins"
FIELD = Markup('<input id="probe_word" name="probe_word" value="old" aria-label="Word">')


@pytest.fixture(scope="module")
def site(probed: ProbedSite) -> ProbedSite:
    """A site with a plugin that answers the hooks of people as a test wants."""
    probed.run_open("probe", *HOOKS)
    return probed


def alice(site: ProbedSite) -> dict[str, Any]:
    """Return what each handler of alice's pages is given about her."""
    return {"user": "User alice", "user_id": site.user_id("alice")}


def save(site: ProbedSite, *, on: bool, **fields: str) -> int:
    """Send the switches as alice's browser would; return the status."""
    switch = {"use_probe": "1"} if on else {}
    data = {"shown": "probe", **switch, **fields}
    return site.as_("alice").post(SWITCHES, data=data).status_code


def is_used(site: ProbedSite) -> bool:
    """Return whether alice uses the plugin."""
    with site.arrange("read"):
        user = find_user("alice")
        assert user is not None
        return user.uses_plugin("probe")


@pytest.mark.parametrize("viewer", VIEWERS)
def test_links_stand_on_the_profile_of_whoever_uses_the_plugin(
    site: ProbedSite, viewer: str
) -> None:
    """Hooks.md, user_personal_links: the profile owner's choice, whoever looks."""
    site.give("probe", user_personal_links=Link(title="My probes", url="/probe"))
    link = site.page(PROFILE, viewer).one("a", href="/probe")
    assert link.path == "html body main div div aside section div ul li a"
    assert link.within("section").one("h2").text == "Links"
    viewed_by = f"User {viewer}" if viewer else None
    assert site.calls_of("user_personal_links") == [{**alice(site), "viewer": viewed_by}]
    assert site.page("/users/bob/", viewer).all("a", href="/probe") == []
    assert site.calls_of("user_personal_links") == []


@pytest.mark.parametrize("viewer", VIEWERS)
def test_without_links_and_without_use_there_is_no_box(site: ProbedSite, viewer: str) -> None:
    """Issue 3: nothing appears when the plugin is off for that user."""
    assert site.page(PROFILE, viewer).all("h2", "Links") == []
    site.use("probe", used=False)
    site.give("probe", user_personal_links=Link(title="My probes", url="/probe"))
    assert site.page(PROFILE, viewer).all("h2", "Links") == []


def test_a_disabled_plugin_has_neither_link_nor_switch(disabled: ProbedSite) -> None:
    """Design 6: off on the site."""
    assert disabled.page(PROFILE, "alice").all("h2", "Links") == []
    assert disabled.page(SETTINGS, "alice").all("input", name="use_probe") == []


@pytest.mark.parametrize("is_on", [True, False])
def test_fields_stand_beside_the_switch(site: ProbedSite, is_on: bool) -> None:
    """Forge 2, userisactivecheckbox: asked also while the person does not use the plugin."""
    site.use("probe", used=is_on)
    site.give("probe", userisactivecheckbox=FIELD)
    site.calls()
    field = site.page(SETTINGS, "alice").one(id="probe_word")
    assert field.within("li").one("input", name="use_probe", type="checkbox")
    assert field.within("form")["action"] == SWITCHES
    assert field.path.startswith("html body main div div section ")
    assert site.calls_of("userisactivecheckbox") == [
        {**alice(site), "viewer": "User alice", "plugin": "probe", "enabled": is_on}
    ]
    assert site.as_("").get(SETTINGS).status_code == 302


def test_a_table_row_of_two_cells_becomes_a_field(site: ProbedSite) -> None:
    """Seed 004, as for groups."""
    row = '<tr><td>Colour</td><td><input name="probe_colour" value="red"></td></tr>'
    site.give("probe", userisactivecheckbox=row)
    field = site.page(SETTINGS, "alice").one("input", name="probe_colour")
    assert field.within("label").text == "Colour"


def test_switching_asks_checks_stores_and_tells(site: ProbedSite) -> None:
    """Hooks.md: changing, post and use, in this order, with what they are about."""
    site.give("probe", userisactivecheckbox=FIELD)
    assert save(site, on=False, probe_word="new") == 303
    about = {**alice(site), "plugin": "probe"}
    told = [(hook, given) for hook, given in site.calls() if hook != "userisactivecheckbox"]
    assert told == [
        ("user_plugin_changing", {**about, "enable": False}),
        (
            "userisactivecheckboxpost",
            {**about, "enabled": False, "was_enabled": True, "form": "a MultiDict"},
        ),
        ("user_plugin_use", {**about, "enabled": False}),
    ]
    assert not is_used(site)


@pytest.mark.parametrize("hook", ["user_plugin_changing", "userisactivecheckboxpost"])
def test_a_veto_undoes_the_submit_and_tells_why(site: ProbedSite, hook: str) -> None:
    """Design 5, check: the first veto aborts the write."""

    def refuse(given: dict[str, Any]) -> None:
        raise Veto("The moon is closed.")

    site.give("probe", **{hook: refuse})
    answer = site.as_("alice").post(SWITCHES, data={"shown": "probe"})
    assert answer.status_code == 422
    assert "The moon is closed." in answer.text
    assert is_used(site)
    assert "user_plugin_use" not in [name for name, _given in site.calls()]
