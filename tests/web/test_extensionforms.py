"""Form extensions on the core's forms (E-21): drawn, judged, stored, and at nobody's cost but their own."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import pytest
from sqlalchemy import select

from portal.accounts.models import User
from portal.core.database import db
from portal.core.unit_of_work import unit_of_work
from portal.jobs.registry import jobs_of
from portal.pluginengine.gathering import Gathering
from portal.pluginengine.health.places import FORM
from portal.pluginengine.lifecycle.quarantining import Rule
from tests.factories import make_group, make_user
from tests.fixtures.plugins import MakePlugin, PluginSite

TYPES = {
    "user": {
        "badge": {"type": "string(8)", "label": "Badge", "min": "3"},
        "floor": {"type": "string(8)", "choices": ["ground", "first"]},
        "starts_at": {"type": "datetime"},
        "desk": {"type": "integer", "edit": True},
        "is_remote": "boolean",
    },
    "group": {"motto": "string(40)"},
}
FORMS = """
    from wtforms import StringField, TextAreaField
    from wtforms.validators import Length

    from portal.pluginapi import FormExtension, Invalid, Veto, lazy_gettext as _l


    class Badge(FormExtension):
        extends = "profile"
        fields = {
            "badge": {"required": True, "description": "It stands on your card."},
            "floor": {}, "starts_at": {}, "is_remote": {},
        }

        def check(self, values, owner):
            if values["badge"] == "wrong":
                raise Veto("Nobody has that badge.", field="badge")
            if values["badge"] == "odd":
                raise Veto("Badges are odd today.")
            if values["badge"] == "both":
                raise Invalid({"floor": ["Not on that floor."], "elsewhere": ["Not anywhere."]})
            if values["badge"] == owner.user_name:
                raise ValueError("a crash")


    class Motto(FormExtension):
        extends = ("group_information", "group_registration")
        motto = StringField(_l("Our motto"), [Length(max=12)], description="Short")
"""
SETTINGS = {"real_name": "Bob", "timezone": "", "language": "", "theme": "auto", "page_size": ""}
GROUP = {"full_name": "Apollo Guidance", "description": "What apollo is about, in short"}


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """What is stored is compared on both databases by the registration's tests."""
    return sqlite_url


@pytest.fixture
def extended(site: PluginSite, make_plugin: MakePlugin) -> PluginSite:
    """A site whose people are asked for their badge among their settings."""
    config = {"object_types": TYPES, "form": ["Badge", "Motto"], "scope": ["site"]}
    make_plugin("probe", config=config, files={"forms.py": FORMS})
    site.operate("install", "probe")
    with site.arrange():
        make_user("ada", is_site_admin=True)
        make_user("bob")
        make_group("apollo")
    return site


def user(site: PluginSite, name: str = "bob") -> User:
    with site.arrange("read"):
        found = db.session.scalars(select(User).where(User.user_name == name)).one()
        db.session.expunge(found)
    return found


def save(site: PluginSite, **sent: str) -> Any:
    return site.client(user(site)).post("/my/settings", data={**SETTINGS, **sent})


def badge_of(site: PluginSite) -> list[tuple[Any, ...]]:
    return site.rows("plugin_probe_x_user")


def test_fields_stand_at_the_end_with_label_description_and_value(extended: PluginSite) -> None:
    page = extended.client(user(extended)).get("/my/settings").text

    assert page.index('name="page_size"') < page.index('name="field_desk"')
    assert page.index('name="field_desk"') < page.index('name="field_badge"')
    assert '<label class="form-label" for="field_badge">Badge' in page
    assert "It stands on your card." in page
    assert 'type="datetime-local"' in page


def test_what_is_sent_is_stored_with_the_form_and_its_history_tells(extended: PluginSite) -> None:
    sent = {
        "field_badge": "b-17",
        "field_floor": "first",
        "field_starts_at": "2026-03-31T09:00",
        "field_is_remote": "y",
        "field_desk": "4",
    }
    assert save(extended, real_name="Robert", **sent).status_code == 303

    ((_key, badge, floor, _starts_at, desk, is_remote),) = badge_of(extended)
    assert (badge, floor, desk, is_remote) == ("b-17", "first", 4, 1)
    assert user(extended).real_name == "Robert"
    assert any("Badge: b-17" in str(row) for row in extended.rows("audit_log"))
    page = extended.client(user(extended)).get("/my/settings").text
    assert 'value="b-17"' in page
    assert '<option selected value="first">' in page
    assert 'value="2026-03-31T09:00"' in page


WRONG: list[tuple[dict[str, str], str]] = [
    ({"field_badge": " "}, "This field is required."),
    ({"field_badge": "b"}, "At least 3"),
    ({"field_badge": "b" * 9}, "At most 8 characters"),
    ({"field_badge": "b-1", "field_floor": "roof"}, "Not a valid choice"),
    ({"field_badge": "b-1", "field_starts_at": "soon"}, "Write a date and a time"),
    ({"field_badge": "wrong"}, "Nobody has that badge."),
    ({"field_badge": "odd"}, "Badges are odd today."),
    ({"field_badge": "both"}, "Not on that floor."),
    ({"field_badge": "both"}, "Not anywhere."),
]


def test_what_is_wrong_is_said_and_nothing_is_saved(extended: PluginSite) -> None:
    bob = user(extended)
    client = extended.client(bob)
    for sent, fault in WRONG:
        wish = {**SETTINGS, "real_name": "Robert", "field_desk": "7", **sent}
        answer = client.post("/my/settings", data=wish)
        assert answer.status_code == 422, fault
        assert fault in answer.text
        assert 'value="Robert"' in answer.text
        assert 'name="field_desk" step="1" type="number" value="7"' in answer.text
    assert save(extended, field_badge="b-1\0").status_code == 400  # whatever the field
    assert user(extended).real_name == "Bob"
    assert badge_of(extended) == []
    assert extended.runtime.health.incidents() == ()


def test_a_fault_stands_at_its_field(extended: PluginSite) -> None:
    page = save(extended, field_badge="wrong").text

    assert 'id="field_badge-errors"' in page
    assert 'aria-describedby="field_badge-help field_badge-errors"' in page


def test_a_check_that_crashes_costs_its_fields_only(extended: PluginSite) -> None:
    answer = save(extended, real_name="Robert", field_badge="bob", field_desk="2")

    assert answer.status_code == 303
    assert user(extended).real_name == "Robert"
    assert [row[1:] for row in badge_of(extended)] == [(None, None, None, 2, None)]
    (incident,) = extended.runtime.health.incidents()
    assert (incident.plugin, incident.hook, incident.handler) == ("probe", FORM, "Badge: profile")
    (failure,) = extended.runtime.health.unwritten().failures
    assert failure.weight == 1


def test_a_field_that_is_not_on_the_form_is_not_taken(extended: PluginSite) -> None:
    sent = {"field_badge": "b-17", "field_motto": "x", "badge": "b-99", "status": "D"}
    assert save(extended, is_site_admin="y", **sent).status_code == 303

    ((_key, badge, *_rest),) = badge_of(extended)
    assert badge == "b-17"
    assert extended.rows("plugin_probe_x_group") == []
    assert user(extended).status == "A"


def test_a_page_from_before_the_plugin_still_saves_and_changes_none_of_its_fields(
    extended: PluginSite,
) -> None:
    save(extended, field_badge="b-17", field_is_remote="y")

    assert save(extended, real_name="Robert").status_code == 303
    assert user(extended).real_name == "Robert"
    ((_key, badge, *_rest, is_remote),) = badge_of(extended)
    assert (badge, is_remote) == ("b-17", 1)


def test_a_box_that_is_taken_away_counts_when_it_stood_on_the_page(extended: PluginSite) -> None:
    save(extended, field_badge="b-17", field_is_remote="y")

    assert save(extended, shown_probe_Badge="1", field_badge="b-17").status_code == 303
    assert badge_of(extended)[0][-1] == 0


@pytest.mark.parametrize("verb", ["disable", "quarantine"])
def test_a_page_from_before_the_plugin_was_stopped_still_saves_and_values_come_back(
    extended: PluginSite, verb: str
) -> None:
    save(extended, field_badge="b-17")
    stop(extended, verb)

    page = extended.client(user(extended)).get("/my/settings").text
    assert "field_badge" not in page
    assert save(extended, real_name="Robert", field_badge="b-18").status_code == 303
    assert user(extended).real_name == "Robert"
    assert badge_of(extended)[0][1] == "b-17"
    extended.operate("enable" if verb == "disable" else "retry", "probe")
    assert 'value="b-17"' in extended.client(user(extended)).get("/my/settings").text


def stop(site: PluginSite, verb: str) -> None:
    """Disable the plugin, or let its check fail until it is quarantined."""
    if verb == "disable":
        site.operate("disable", "probe")
        return
    for _time in range(5):
        assert save(site, field_badge="bob").status_code == 303
    engine = db.engine_for(site.settings.database_url)
    rule = Rule(failures=5, minutes=10)
    gathering = Gathering(engine, site.runtime.health, site.settings.var, rule)
    gathering.look(lambda: nullcontext(site.app))
    jobs_of(site.app).queue.close()  # which was told of the mails
    site.refresh()
    assert "probe" not in site.engine.plugins


def test_an_input_of_ones_own_is_judged_by_its_validators_and_by_the_declaration(
    extended: PluginSite,
) -> None:
    client = extended.client(user(extended, "ada"))
    page = client.get("/groups/apollo/admin/").text
    assert "Our motto" in page
    refused = client.post("/groups/apollo/admin/", data={**GROUP, "field_motto": "m" * 13})
    assert refused.status_code == 422
    assert "Field cannot be longer than 12 characters." in refused.text
    answer = client.post("/groups/apollo/admin/", data={**GROUP, "field_motto": "To the Moon"})
    assert answer.status_code == 303
    assert extended.rows("plugin_probe_x_group") == [(1, "To the Moon")]


def test_a_group_is_registered_with_its_fields(extended: PluginSite) -> None:
    client = extended.client(user(extended, "ada"))
    assert 'name="field_motto"' in client.get("/groups/new").text
    sent = {**GROUP, "name": "gemini", "purpose": "To fly", "field_motto": "Two by two"}
    assert client.post("/groups/new", data={**sent, "full_name": ""}).status_code == 422
    assert extended.rows("plugin_probe_x_group") == []
    assert client.post("/groups/new", data={**sent, "full_name": "Gemini"}).status_code == 303
    assert extended.rows("plugin_probe_x_group") == [(2, "Two by two")]


def test_site_admins_edit_the_fields_of_people(extended: PluginSite) -> None:
    client = extended.client(user(extended, "ada"))
    page = client.get("/admin/users/bob/").text
    assert 'name="field_desk"' in page
    assert 'name="field_badge"' not in page
    sent = {"real_name": "Bob", "email": "bob@example.org", "field_desk": "12"}
    assert client.post("/admin/users/bob/", data=sent).status_code == 303
    with extended.arrange("read"):
        assert db.session.scalars(select(User).where(User.user_name == "bob")).one().desk == 12
    assert any("Desk: 12" in str(row) for row in extended.rows("audit_log"))


@pytest.mark.parametrize(("choice", "shows"), [(None, False), (True, True)])
def test_a_plugin_with_a_switch_for_people_asks_those_who_use_it(
    site: PluginSite, make_plugin: MakePlugin, choice: bool | None, shows: bool
) -> None:
    config = {"object_types": TYPES, "form": ["Badge", "Motto"], "scope": ["user"]}
    make_plugin("probe", config=config, files={"forms.py": FORMS})
    site.operate("install", "probe")
    with site.app.app_context(), unit_of_work():
        bob = make_user("bob")
        if choice is not None:
            bob.set_plugin_usage("probe", choice)
    page = site.client(user(site)).get("/my/settings").text
    assert ('name="field_badge"' in page) is shows


def test_a_class_that_extends_no_form_breaks_its_plugin_only(
    site: PluginSite, make_plugin: MakePlugin
) -> None:
    make_plugin("good")
    make_plugin(
        "probe",
        config={"form": ["Badge"], "scope": ["site"]},
        files={"forms.py": "class Badge: pass"},
    )
    site.force("probe", "good")
    problem = site.engine.problems["probe"]
    assert problem.kind == "broken"
    assert problem.cause.startswith("forms.py, Badge: ")
    assert "good" in site.engine.plugins


def test_a_page_drawn_behind_a_mask_saves_and_changes_no_field_that_it_did_not_show(
    extended: PluginSite,
) -> None:
    """What is hidden from one browser is required of it no more, and stays stored."""
    client = extended.client(user(extended, "ada"))
    badge = {"field_badge": "b-17", "field_is_remote": "y", "field_desk": "3"}
    assert client.post("/my/settings", data={**SETTINGS, **badge}).status_code == 303
    client.post("/admin/safe-mode", data={"next": "/my/settings"})
    assert "field_badge" not in client.get("/my/settings").text

    answer = client.post("/my/settings", data={**SETTINGS, "real_name": "Ada"})
    assert answer.status_code == 303
    assert user(extended, "ada").real_name == "Ada"
    ((_key, badge_number, _floor, _starts_at, desk, is_remote),) = badge_of(extended)
    assert (badge_number, desk, is_remote) == ("b-17", 3, 1)
