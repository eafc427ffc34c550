"""Switching plugins for a group: difference, policies, plugins' own fields, vetoes, all or nothing."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.core.unit_of_work import unit_of_work
from portal.groups.queries import named_group
from tests.factories import make_group, make_member, make_user, sign_in
from tests.sampleplugins import PluginSite

TAB = 'return MenuItem(key=self.handle, title="Tab of " + self.handle, url="/x")'
FIELD = """return Markup(f'<input name="{self.handle}_word" value="old">')"""
LOG = """
form = {name: given["form"].getlist(name) for name in given["form"]}
with open(self.folder.parent / "log", "a") as log:
    log.write(f"{self.handle} {given['was_enabled']} {given['enabled']} {form}\\n")
"""
VETO = 'raise Veto("The moon is closed.")'


def running(site: PluginSite, *handles: str) -> tuple[Flask, FlaskClient]:
    """Return an app that runs the plugins, and alice's client; she administers apollo, bob works there."""
    app = site.run(*handles)
    with app.app_context(), unit_of_work():
        alice, bob, apollo = make_user("alice"), make_user("bob"), make_group("apollo")
        make_member(apollo, alice, "Admin")
        make_member(apollo, bob)
        client = sign_in(app.test_client(), alice)
    return app, client


def choices(app: Flask, *handles: str) -> dict[str, bool | None]:
    """Return apollo's stored choices."""
    with app.app_context(), unit_of_work("read"):
        group = named_group("apollo")
        assert group is not None
        return {handle: group.plugin_choice(handle) for handle in handles}


def send(client: FlaskClient, shown: list[str], on: list[str], **fields: str) -> Any:
    """Send the page as a browser would: ``shown`` are its plugins, ``on`` those switched on."""
    data = {"shown": shown, **{f"use_{handle}": "1" for handle in on}, **fields}
    return client.post("/groups/apollo/admin/plugins", data=data)


def log(site: PluginSite) -> list[str]:
    """Return what the post handlers noted."""
    path = site.folder / "log"
    return path.read_text().splitlines() if path.exists() else []


def test_a_switch_makes_the_tab_come_and_go(site: PluginSite) -> None:
    """Issue 2: alice switches a plugin on, its tab appears; off: gone."""
    site.write("sample", {"groupmenu": TAB})
    app, client = running(site, "sample")
    assert "Tab of sample" not in client.get("/groups/apollo/").text
    assert send(client, ["sample"], ["sample"]).status_code == 303
    assert "Tab of sample" in client.get("/groups/apollo/").text
    assert choices(app, "sample") == {"sample": True}
    send(client, ["sample"], [])
    assert "Tab of sample" not in client.get("/groups/apollo/").text
    assert choices(app, "sample") == {"sample": False}


def test_a_plugin_without_a_switch_for_groups_is_not_on_the_page(site: PluginSite) -> None:
    """Issue 2: a toggle for every enabled plugin that has a group switch."""
    site.write("sample", {"groupmenu": TAB})
    site.write("wide", {"site_admin_option_hook": "return None"})
    _app, client = running(site, "sample", "wide")
    page = client.get("/groups/apollo/admin/plugins").text
    assert 'name="use_sample"' in page
    assert "use_wide" not in page


def test_without_plugins_the_page_says_what_comes(site: PluginSite) -> None:
    """Empty states say what to do next."""
    _app, client = running(site)
    assert "No plugin for groups yet" in client.get("/groups/apollo/admin/plugins").text


def test_a_plugin_that_the_page_did_not_show_is_left_alone(site: PluginSite) -> None:
    """A box that was not drawn is not a box that was cleared."""
    site.write("sample", {"groupmenu": TAB})
    site.write("other", {"groupmenu": TAB}, policy={"group": "default_on"})
    app, client = running(site, "sample", "other")
    send(client, ["sample"], ["sample"])
    assert choices(app, "sample", "other") == {"sample": True, "other": None}


def test_a_policy_of_the_site_is_words_instead_of_a_choice(site: PluginSite) -> None:
    """Design 6: forced and forbidden; sending the field by hand changes nothing."""
    site.write("always", {"groupmenu": TAB}, policy={"group": "forced"})
    site.write("never", {"groupmenu": TAB}, policy={"group": "forbidden"})
    app, client = running(site, "always", "never")
    page = client.get("/groups/apollo/admin/plugins").text
    assert "Always on" in page
    assert "Not available" in page
    send(client, ["always", "never"], ["never"])
    assert choices(app, "always", "never") == {"always": None, "never": None}
    summary = client.get("/groups/apollo/").text
    assert "Tab of always" in summary
    assert "Tab of never" not in summary


def test_a_handle_that_the_site_does_not_run_is_refused(site: PluginSite) -> None:
    """A plugin may have been switched off on the site while the page was open."""
    site.write("sample", {"groupmenu": TAB})
    app, client = running(site, "sample")
    answer = send(client, ["gone", "sample"], ["gone", "sample"])
    assert answer.status_code == 422
    assert choices(app, "sample") == {"sample": None}


def test_extra_fields_are_drawn_beside_the_switch_also_while_it_is_off(site: PluginSite) -> None:
    """Forge 1.2, 7 and 8: groupisactivecheckbox."""
    site.write("sample", {"groupisactivecheckbox": FIELD, "groupisactivecheckboxpost": LOG})
    _app, client = running(site, "sample")
    page = client.get("/groups/apollo/admin/plugins").text
    assert '<input name="sample_word" value="old" class="form-control">' in page


@pytest.mark.parametrize(
    ("on", "word", "noted"),
    [
        ([], "old", []),
        (["sample"], "old", ["sample False True {'sample_word': ['old']}"]),
        ([], "new", ["sample False False {'sample_word': ['new']}"]),
    ],
)
def test_the_post_hook_asks_only_a_plugin_whose_switch_or_fields_changed(
    site: PluginSite, on: list[str], word: str, noted: list[str]
) -> None:
    """Spec/hooks.md: check, only for a plugin whose toggle or fields changed; with its own fields only."""
    handlers = {"groupisactivecheckbox": FIELD, "groupisactivecheckboxpost": LOG}
    site.write("sample", handlers)
    site.write("other", handlers)
    _app, client = running(site, "sample", "other")
    send(client, ["sample", "other"], on, sample_word=word, other_word="old", free="x")
    assert log(site) == noted


@pytest.mark.parametrize("hook", ["groupisactivecheckboxpost", "group_plugin_changing"])
def test_one_veto_undoes_the_whole_submit(site: PluginSite, hook: str) -> None:
    """Issue 2: shown at that plugin; nothing half done, and nobody is told."""
    note = '(self.folder.parent / "told").write_text("")'
    site.write("first", {"groupmenu": TAB, "group_plugin_use": note})
    site.write("second", {"groupmenu": TAB, hook: VETO})
    app, client = running(site, "first", "second")
    answer = send(client, ["first", "second"], ["first", "second"])
    assert answer.status_code == 422
    row = answer.text[answer.text.index('id="use_second"') :]
    assert "The moon is closed." in row
    assert choices(app, "first", "second") == {"first": None, "second": None}
    assert not (site.folder / "told").exists()
    assert "Tab of first" not in answer.text
    assert 'id="use_first" name="use_first" value="1" checked' in answer.text


def test_after_the_commit_the_plugins_are_told(site: PluginSite) -> None:
    """Spec/hooks.md: group_plugin_use, notify, after commit."""
    text = "f\"{given['plugin']} {given['enabled']}\""
    note = f'(self.folder.parent / "told").write_text({text})'
    site.write("sample", {"groupmenu": TAB, "group_plugin_use": note})
    _app, client = running(site, "sample")
    send(client, ["sample"], ["sample"])
    assert (site.folder / "told").read_text() == "sample True"


def test_a_handler_that_fails_costs_its_fields_only(site: PluginSite) -> None:
    """Design 5, Isolation: the page and the other plugins go on."""
    site.write("broken", {"groupisactivecheckbox": 'raise RuntimeError("boom")'})
    site.write("sample", {"groupmenu": TAB})
    app, client = running(site, "broken", "sample")
    page = client.get("/groups/apollo/admin/plugins")
    assert page.status_code == 200
    assert 'name="use_broken"' in page.text
    send(client, ["broken", "sample"], ["broken", "sample"])
    assert choices(app, "broken", "sample") == {"broken": True, "sample": True}
