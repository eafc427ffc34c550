"""Form extensions whose code fails or climbs the fence: it costs them their own fields (E-21)."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from portal.accounts.models import User
from portal.core.database import db
from portal.pluginengine.health.places import FORM
from tests.factories import make_user
from tests.fixtures.plugins import MakePlugin, PluginSite

SETTINGS = {
    "real_name": "Robert",
    "timezone": "",
    "language": "",
    "theme": "auto",
    "page_size": "",
}
CRASHING = """
    from sys import exit

    from markupsafe import Markup
    from wtforms import SelectField, StringField

    from portal.pluginapi import FormExtension, Invalid, db


    class Bad:
        def __str__(self):
            raise RuntimeError("no label")


    def refuse():
        raise Invalid({"x": ["no"]})


    class Probing(FormExtension):
        extends = "profile"


    class Made(Probing):
        one = StringField("Badge", wrong=1)


    class Drawn(Probing):
        two = StringField("Badge", widget=lambda field, **kw: 1 / 0)


    class Swallowing(Probing):
        three = StringField("Badge", widget=lambda field, **kw: Markup("<textarea>"))


    class Labelled(Probing):
        four = StringField(Bad())


    class Choosing(Probing):
        five = SelectField("Badge", choices=lambda: 1 / 0)


    class Ending(Probing):
        six = SelectField("Badge", choices=lambda: exit(3))


    class Refusing(Probing):
        seven = SelectField("Badge", choices=refuse)


    class Writing(Probing):
        fields = ["eight"]

        def check(self, values, owner):
            owner.real_name = "Mallory"


    class Committing(Probing):
        fields = ["nine"]

        def check(self, values, owner):
            db.session.commit()


    class Breaking(Probing):
        fields = ["ten"]

        def check(self, values, owner):
            db.session.execute(db.text("SELECT nothing"))


    class Good(Probing):
        fields = ["eleven"]
"""
NUMBERS = "one two three four five six seven eight nine ten eleven"


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """The fence stands on both databases; its own tests see to that."""
    return sqlite_url


def _bob(site: PluginSite) -> User:
    with site.arrange("read"):
        found = db.session.scalars(select(User).where(User.user_name == "bob")).one()
        db.session.expunge(found)
    return found


def test_what_crashes_or_climbs_the_fence_is_left_out_and_the_others_stay(
    site: PluginSite, make_plugin: MakePlugin
) -> None:
    names = re.findall(r"class (\w+)\(Probing\)", CRASHING)
    columns = dict.fromkeys(NUMBERS.split(), "string(8)")
    config = {"object_types": {"user": columns}, "form": names, "scope": ["site"]}
    make_plugin("probe", config=config, files={"forms.py": CRASHING})
    site.operate("install", "probe")
    with site.arrange():
        make_user("bob")

    client = site.client(_bob(site))
    page = client.get("/my/settings")
    assert page.status_code == 200
    shown = re.findall(r'name="field_(\w+)"', page.text)
    assert shown == ["eight", "nine", "ten", "eleven"]

    sent = {f"field_{name}": name for name in columns}
    assert client.post("/my/settings", data={**SETTINGS, **sent}).status_code == 303
    assert _bob(site).real_name == "Robert"
    ((_key, *values),) = site.rows("plugin_probe_x_user")
    assert values == [None] * 10 + ["eleven"]
    incidents = site.runtime.health.incidents()
    assert {each.hook for each in incidents} == {FORM}
    assert {each.handler for each in incidents} == {f"{each}: profile" for each in names[:-1]}
