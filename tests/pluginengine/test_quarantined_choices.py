"""A form that is saved while a plugin is quarantined keeps what is stored for that plugin (peers 4.13)."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from portal.accounts.models import User
from portal.core.database import db
from portal.groups.queries import named_group
from portal.pluginengine.models import PluginRow
from portal.pluginengine.operations import raise_generation
from tests.factories import make_group, make_member, make_user
from tests.fixtures.plugins import MakePlugin, PluginSite

BOTH = {"scope": ["group", "user"]}
FIELDS = """
from markupsafe import Markup
from portal.pluginapi import Plugin


class Probe(Plugin):
    def fields(self, **given):
        return Markup('<input name="probe_depth" value="3">')

    def store(self, **given):
        raise RuntimeError("not while it is quarantined")
"""
FORMS = {"user": "/my/settings/plugins", "group": "/groups/apollo/admin/plugins"}


@pytest.fixture
def alice(site: PluginSite, make_plugin: MakePlugin) -> User:
    """Alice and her group use the probe, which has just been quarantined, and not the other plugin."""
    events = {f"{scope}isactivecheckbox": ["fields"] for scope in ("group", "user")}
    posts = {f"{scope}isactivecheckboxpost": ["store"] for scope in ("group", "user")}
    make_plugin("probe", config=BOTH, events={**events, **posts}, files={"plugin.py": FIELDS})
    make_plugin("other", config=BOTH, methods="pass")
    site.enable("probe", "other")
    with site.arrange():
        user, group = make_user("alice"), make_group("apollo")
        make_member(group, user, "Admin")
        assert user.set_plugin_usage("probe", True)
        assert group.set_plugin_usage("probe", True)
    with site.arrange():
        row = update(PluginRow).where(PluginRow.code == "probe")
        db.session.execute(row.values(load_state="quarantined", last_error="It failed."))
        raise_generation()
    site.refresh()
    return user


def send(client: FlaskClient, scope: str, *on: str, shown: tuple[str, ...]) -> int:
    """Save the form with these plugins switched on; returns the status."""
    switches = {f"use_{handle}": "1" for handle in on}
    form = {"shown": list(shown), "probe_depth": "7", **switches}
    return client.post(FORMS[scope], data=form).status_code


@pytest.mark.parametrize("scope", FORMS)
@pytest.mark.parametrize("shown", [("other",), ("other", "probe")])
def test_what_is_stored_for_a_quarantined_plugin_outlasts_a_save(
    site: PluginSite, alice: User, scope: str, shown: tuple[str, ...]
) -> None:
    """The page of today does not show it; one that was open before still does, switched on."""
    before = site.rows(f"{scope}_plugin")
    on = ("other", "probe") if "probe" in shown else ("other",)
    assert send(site.client(alice), scope, *on, shown=shown) == 303
    after = site.rows(f"{scope}_plugin")
    assert set(before) < set(after)
    assert len(after) == len(before) + 1
    site.operate("retry", "probe")
    with site.arrange("read"):
        group = named_group("apollo")
        owner = group if scope == "group" else db.session.get(User, alice.user_id)
        assert owner is not None
        assert owner.uses_plugin("probe")


@pytest.mark.parametrize("scope", FORMS)
def test_a_choice_that_differs_is_refused_and_nothing_is_stored(
    site: PluginSite, alice: User, scope: str
) -> None:
    """Switched off on a page that was open before: it cannot be done now, and that is said."""
    before = site.rows(f"{scope}_plugin")
    assert send(site.client(alice), scope, "other", shown=("other", "probe")) == 422
    assert site.rows(f"{scope}_plugin") == before
