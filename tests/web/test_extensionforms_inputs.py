"""Inputs of WTForms that a form extension brings itself: what they hold becomes values of its fields (E-21)."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from portal.accounts.models import User
from portal.core.database import db
from tests.factories import make_user
from tests.fixtures.plugins import MakePlugin, PluginSite

TYPES = {
    "user": {
        "floor": "string(8)",
        "starts_at": "datetime",
        "desk": "integer",
        "ratio": "double",
        "is_remote": "boolean",
        "notes": "text",
    }
}
FORMS = """
    from wtforms import (
        BooleanField, DateTimeLocalField, DecimalField, IntegerField, RadioField, TextAreaField,
    )
    from wtforms.fields.choices import SelectChoice
    from wtforms.validators import Optional, ValidationError

    from portal.pluginapi import FormExtension


    FLOORS = [SelectChoice("ground", "Ground"), SelectChoice("first", "First")]


    def even(form, field):
        if field.data and field.data % 2 and form.floor.data == "first":
            raise ValidationError("Desks on the first floor are even.")


    class Work(FormExtension):
        extends = "profile"
        floor = RadioField("Floor", choices=FLOORS, default="first")
        starts_at = DateTimeLocalField("Begins", format="%Y-%m-%dT%H:%M")
        desk = IntegerField("Desk", [even])
        ratio = DecimalField("Share", [Optional()])
        is_remote = BooleanField("Remote")
        notes = TextAreaField("Notes", render_kw={"rows": 3})
"""
SETTINGS = {
    "real_name": "Bob",
    "timezone": "Europe/Berlin",
    "language": "",
    "theme": "auto",
    "page_size": "",
}
SENT = {
    "field_floor": "first",
    "field_starts_at": "2026-07-01T09:30",
    "field_desk": "12",
    "field_ratio": "0.5",
    "field_is_remote": "y",
    "field_notes": "<script>\r\n",
}


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Inputs do not ask which database it is."""
    return sqlite_url


@pytest.fixture
def working(site: PluginSite, make_plugin: MakePlugin) -> PluginSite:
    """A site that asks bob, in Berlin, by inputs of every kind."""
    config = {"object_types": TYPES, "form": ["Work"], "scope": ["site"], "schema_version": 1}
    make_plugin("probe", config=config, files={"forms.py": FORMS})
    site.operate("install", "probe")
    with site.arrange():
        make_user("bob", timezone="Europe/Berlin")
    return site


def bob(site: PluginSite) -> User:
    with site.arrange("read"):
        found = db.session.scalars(select(User)).one()
        db.session.expunge(found)
    return found


def values(site: PluginSite) -> list[object]:
    with site.arrange("read"):
        found = db.session.scalars(select(User)).one()
        return [getattr(found, name) for name in TYPES["user"]]


def test_what_they_hold_is_stored_and_stands_in_them_again(working: PluginSite) -> None:
    client = working.client(bob(working))
    page = client.get("/my/settings").text
    assert len(re.findall('<input [^>]*name="field_floor" type="radio"', page)) == 2
    assert client.post("/my/settings", data={**SETTINGS, **SENT}).status_code == 303

    floor, starts_at, desk, ratio, is_remote, notes = values(working)
    assert (floor, desk, ratio, is_remote, notes) == ("first", 12, 0.5, True, "<script>\n")
    assert str(starts_at) == "2026-07-01 07:30:00+00:00"
    page = client.get("/my/settings").text
    assert 'value="2026-07-01T09:30"' in page
    assert re.search('<input checked [^>]*value="first"', page)
    assert "&lt;script&gt;" in page
    assert working.runtime.health.incidents() == ()


FAULTS = [
    ({"field_desk": "13"}, "Desks on the first floor are even."),
    ({"field_desk": "many"}, "Not a valid integer value."),
    ({"field_desk": "99999999998"}, "A whole number belongs here."),
    ({"field_floor": "roof"}, "Not a valid choice."),
    ({"field_starts_at": "2026-03-29T02:30"}, "The clocks are put forward"),
]


def test_their_validators_and_the_declaration_judge(working: PluginSite) -> None:
    client = working.client(bob(working))
    for sent, fault in FAULTS:
        answer = client.post("/my/settings", data={**SETTINGS, **SENT, **sent})
        assert answer.status_code == 422, fault
        assert fault.lower() in answer.text.lower()
        assert "&lt;script&gt;" in answer.text
    assert working.rows("plugin_probe_x_user") == []
    assert working.runtime.health.incidents() == ()


def test_a_field_may_be_called_like_a_part_of_a_form(
    site: PluginSite, make_plugin: MakePlugin
) -> None:
    names = ("data", "errors", "meta", "process", "csrf_token")
    forms = f"""
        from portal.pluginapi import FormExtension


        class Odd(FormExtension):
            extends = "profile"
            fields = {names}
    """
    config = {
        "object_types": {"user": dict.fromkeys(names, "string(8)")},
        "form": ["Odd"],
        "scope": ["site"],
    }
    make_plugin("probe", config=config, files={"forms.py": forms})
    site.enable("probe")
    with site.arrange():
        make_user("bob")
    client = site.client(bob(site))
    shown = dict.fromkeys(re.findall('name="(shown_[^"]*)"', client.get("/my/settings").text), "1")
    sent = {**SETTINGS, **shown, **{f"field_{name}": name[:8] for name in names}}
    assert client.post("/my/settings", data=sent).status_code == 303
    (row,) = site.rows("plugin_probe_x_user")
    assert row[1:] == tuple(name[:8] for name in names)
    assert site.runtime.health.incidents() == ()
