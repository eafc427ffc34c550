"""A field that a plugin adds to the registration: required, saved, listed, filtered, exported (E-21)."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from portal.accounts.models import ACTIVE, PENDING, User
from portal.accounts.registration import LIFETIME, purge_unconfirmed
from portal.accounts.services import delete_user
from portal.core.clock import frozen, now
from portal.core.database import db
from tests.factories import make_user
from tests.fixtures.plugins import MakePlugin, PluginSite
from tests.personaldata import quarantine

PASSWORD = "Portal-demo-1"
WISH = {
    "user_name": "dora",
    "real_name": "Dora D.",
    "email": "dora@example.org",
    "password": PASSWORD,
    "repetition": PASSWORD,
    "timezone": "",
    "language": "",
}
TYPES = {"user": {"badge": {"type": "string(8)", "label": "Badge", "min": "3"}}}
FORMS = """
    from portal.pluginapi import FormExtension, Veto


    class Badge(FormExtension):
        extends = "registration"
        fields = {"badge": {"required": True}}

        def check(self, values, owner):
            if owner is None and values["badge"] == "b-13":
                raise Veto("Nobody gets number 13.", field="badge")
"""


@pytest.fixture
def asking(site: PluginSite, make_plugin: MakePlugin) -> PluginSite:
    """A site that asks for a badge when somebody registers."""
    return with_policy(site, make_plugin, scope=["site"])


def with_policy(site: PluginSite, make_plugin: MakePlugin, **config: Any) -> PluginSite:
    config = {"object_types": TYPES, "form": ["Badge"], **config}
    make_plugin("probe", config=config, files={"forms.py": FORMS})
    site.operate("install", "probe")
    with site.arrange():
        site.admin = make_user("ada", is_site_admin=True)  # type: ignore[attr-defined]
    return site


def register(site: PluginSite, **sent: str) -> Any:
    return site.client().post("/register", data={**WISH, **sent})


def listed(site: PluginSite, **query: str) -> dict[str, str]:
    """Return badges by login name, as the list of people gives them."""
    client = site.client(site.admin)  # type: ignore[attr-defined]
    text = client.get("/admin/users/", query_string={**query, "format": "csv"}).text
    rows = csv.DictReader(io.StringIO(text.lstrip("\ufeff")))
    return {row["user_name"]: row["badge"] for row in rows}


def stop(site: PluginSite, verb: str) -> None:
    if verb == "disable":
        site.operate("disable", "probe")
    elif verb == "quarantine":
        quarantine(site)


def test_a_required_field_is_asked_for_judged_saved_listed_filtered_and_exported(
    asking: PluginSite,
) -> None:
    page = asking.client().get("/register").text
    assert 'id="field_badge" maxlength="8" name="field_badge" required' in page
    for sent, fault in (
        ({}, "This field is required."),
        ({"field_badge": "b"}, "At least 3"),
        ({"field_badge": "b-13"}, "Nobody gets number 13."),
    ):
        refused = register(asking, **sent)
        assert refused.status_code == 422
        assert fault in refused.text
        assert 'value="Dora D."' in refused.text
    assert asking.rows("plugin_probe_x_user") == []

    assert register(asking, field_badge="b-17").status_code == 303
    assert (
        register(asking, user_name="emil", email="emil@example.org", field_badge="c-2").status_code
        == 303
    )

    assert listed(asking) == {"ada": "", "dora": "b-17", "emil": "c-2"}
    assert listed(asking, **{"f.badge.contains": "b-"}) == {"dora": "b-17"}
    assert list(listed(asking, sort="badge", dir="desc")) == ["emil", "dora", "ada"]


def test_an_account_goes_with_its_fields_when_nobody_confirms_it(asking: PluginSite) -> None:
    register(asking, field_badge="b-17")
    assert len(asking.rows("plugin_probe_x_user")) == 1

    with frozen(now() + LIFETIME + timedelta(hours=1)), asking.arrange():
        assert purge_unconfirmed() == 1
    assert asking.rows("plugin_probe_x_user") == []


def test_nothing_tells_whether_the_address_is_known(asking: PluginSite) -> None:
    unknown = register(asking, field_badge="b-17")
    known = register(asking, user_name="emil", email="ada@example.org", field_badge="b-18")

    assert (unknown.status_code, unknown.location) == (known.status_code, known.location)
    assert len(asking.rows("plugin_probe_x_user")) == 2
    with asking.arrange("read"):
        pending = db.session.scalars(select(User).where(User.status == PENDING)).all()
        assert {each.badge for each in pending} == {"b-17", "b-18"}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_refusal_of_the_core_keeps_what_was_typed_and_saves_nothing(asking: PluginSite) -> None:
    refused = register(asking, user_name="ada", field_badge="b-17")

    assert refused.status_code == 422
    assert 'value="b-17"' in refused.text
    assert asking.rows("plugin_probe_x_user") == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("policy", "asks"), [("default_on", True), ("forced", True), ("allowed", False)]
)
def test_a_plugin_that_people_switch_is_asked_by_the_sites_policy(
    site: PluginSite, make_plugin: MakePlugin, policy: str, asks: bool
) -> None:
    with_policy(site, make_plugin, scope=["user"], policy={"user": policy})

    assert ("field_badge" in site.client().get("/register").text) is asks
    assert register(site).status_code == (422 if asks else 303)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("verb", ["disable", "quarantine"])
def test_the_form_works_the_moment_the_plugin_is_stopped(asking: PluginSite, verb: str) -> None:
    """The page that was drawn before it as well as the one that is drawn then; what is stored stays."""
    register(asking, user_name="emil", email="emil@example.org", field_badge="c-2")
    stored = asking.rows("plugin_probe_x_user")
    stop(asking, verb)

    assert register(asking, field_badge="b-17").status_code == 303
    assert "field_badge" not in asking.client().get("/register").text
    assert register(asking, user_name="fay", email="fay@example.org").status_code == 303
    assert asking.rows("plugin_probe_x_user") == stored


@pytest.mark.parametrize("verb", ["", "disable", "quarantine"])
def test_an_account_that_is_deleted_takes_its_fields_along(asking: PluginSite, verb: str) -> None:
    """Whether the plugin runs or not."""
    register(asking, field_badge="b-17")
    stop(asking, verb)
    with asking.arrange():
        user = db.session.scalars(select(User).where(User.user_name == "dora")).one()
        user.email_ci, user.status = user.email, ACTIVE
        delete_user(user)
    assert asking.rows("plugin_probe_x_user") == []
