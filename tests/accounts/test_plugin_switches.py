"""Plugins on the pages of people: switches in My settings, the menu, links on profiles."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from portal.accounts.loading import find_user
from portal.accounts.models import User
from portal.core.database import db
from portal.pluginengine.models import PluginRow
from tests.factories import make_user
from tests.fixtures.plugins import PluginSite

MakePlugin = Callable[..., Path]

PROBE: dict[str, Any] = {
    "config": {"scope": ["user"], "description": "Probes people."},
    "events": {
        "usermenu": ["tab"],
        "user_personal_links": ["link"],
        "userisactivecheckbox": ["fields"],
        "userisactivecheckboxpost": ["store"],
    },
    "files": {
        "plugin.py": '''
            """A plugin for people."""
            from markupsafe import Markup
            from portal.pluginapi import Link, MenuItem, Plugin, Veto


            class Probe(Plugin):
                def tab(self, user):
                    return MenuItem(key="probe", title="Probe of " + user.user_name, url="/probe")

                def link(self, user):
                    return Link(title="Probed " + user.user_name, url="/probed")

                def fields(self, user):
                    return Markup('<input name="probe_depth" value="3">')

                def store(self, form, enabled, was_enabled):
                    if form["probe_depth"] == "999":
                        raise Veto("Too deep.", "probe_depth")
                    if form["probe_depth"] == "3" and enabled == was_enabled:
                        raise Veto("Asked without need.")
        '''
    },
}


@pytest.fixture
def alice(site: PluginSite, make_plugin: MakePlugin) -> User:
    """Alice, at a site with the plugins probe and other, which she does not use yet."""
    make_plugin("probe", **PROBE)
    make_plugin("other", config={"scope": ["user"]}, methods="pass")
    site.enable("probe", "other")
    with site.arrange():
        return make_user("alice")


def send(client: FlaskClient, *on: str, depth: str = "3") -> Any:
    """Send the switches as the page would, with those of ``on`` on."""
    switches = {f"use_{handle}": "1" for handle in on}
    form = {"shown": ["other", "probe"], "probe_depth": depth, **switches}
    return client.post("/my/settings/plugins", data=form)


def choices(site: PluginSite) -> dict[str, bool | None]:
    """Return what Alice has chosen, as stored."""
    with site.arrange("read"):
        alice = find_user("alice")
        assert alice is not None
        return {handle: alice.plugin_choice(handle) for handle in ("probe", "other")}


def test_a_switch_brings_the_plugin_to_ones_own_pages(site: PluginSite, alice: User) -> None:
    """Seed 001: users activate plugins; spec/hooks.md: usermenu asks the viewer's switch."""
    client = site.client(alice)
    assert "Probe of alice" not in client.get("/my/").text
    assert send(client, "probe").status_code == 303
    page = client.get("/my/").text
    assert page.index("My page") < page.index("Settings") < page.index("Probe of alice")
    assert choices(site) == {"probe": True, "other": None}


def test_switching_off_takes_it_away_and_keeps_the_choice(site: PluginSite, alice: User) -> None:
    """Design 6: a row can say No."""
    client = site.client(alice)
    send(client, "probe", "other")
    send(client, "other")
    assert "Probe of alice" not in client.get("/my/").text
    assert choices(site) == {"probe": False, "other": True}


def test_a_profile_shows_the_links_of_what_its_owner_uses(site: PluginSite, alice: User) -> None:
    """Forge 4.5: plugins that the profile owner enabled, whoever looks."""
    with site.arrange():
        make_user("bob")
    send(site.client(alice), "probe")
    assert "Probed alice" in site.client().get("/users/alice/").text
    assert "Probed bob" not in site.client(alice).get("/users/bob/").text


def test_a_veto_undoes_the_whole_submit_and_keeps_what_was_sent(
    site: PluginSite, alice: User
) -> None:
    """Nothing half done: other was accepted before probe refused."""
    answer = send(site.client(alice), "probe", "other", depth="999")
    assert answer.status_code == 422
    assert "Too deep." in answer.text
    assert answer.text.count(" checked") >= 2
    assert choices(site) == {"probe": None, "other": None}


def test_a_plugin_is_asked_only_when_its_switch_or_fields_changed(
    site: PluginSite, alice: User
) -> None:
    """Spec/hooks.md: userisactivecheckboxpost, only for a plugin that changed."""
    client = site.client(alice)
    assert send(client, "other").status_code == 303
    assert send(client, "other", depth="999").status_code == 422
    assert site.engine.health.incidents() == ()


@pytest.mark.parametrize(
    ("policy", "text", "is_used"),
    [("forced", "Always on", True), ("forbidden", "Not available", False)],
)
def test_a_policy_is_shown_as_text_and_beats_what_is_sent(
    site: PluginSite, alice: User, policy: str, text: str, is_used: bool
) -> None:
    """Design 6: policy per plugin for users."""
    with site.arrange():
        rows = update(PluginRow).where(PluginRow.plugin_name == "probe")
        db.session.execute(rows.values(user_policy=policy))
    site.refresh()
    client = site.client(alice)
    assert text in client.get("/my/settings").text
    send(client, *([] if is_used else ["probe"]))
    assert ("Probe of alice" in client.get("/my/").text) is is_used
    assert choices(site)["probe"] is None


def test_a_plugin_that_the_page_did_not_show_is_left_alone(site: PluginSite, alice: User) -> None:
    """It was enabled on the site after the page was drawn."""
    client = site.client(alice)
    send(client, "probe", "other")
    client.post("/my/settings/plugins", data={"shown": ["other"], "use_other": "1"})
    assert choices(site) == {"probe": True, "other": True}
