"""The settings of a plugin on a site: what is in force for whom, what becomes of it (3.3.6, engineering 2)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from portal.accounts.departures import erase
from portal.accounts.loading import find_user
from portal.accounts.models import User
from portal.core.audit.models import AuditEntry
from portal.core.database import db
from portal.core.errors import Invalid
from portal.groups.models import DELETED, Group
from portal.groups.purging import purge_group
from portal.pluginengine.belongings import belongings_of
from portal.pluginengine.engine import current_engine
from portal.pluginengine.errors import SettingError
from portal.pluginengine.settings.declared import declared_settings
from portal.pluginengine.settings.exporting import exported_settings
from portal.pluginengine.settings.models import SettingRow
from portal.pluginengine.settings.reading import Declared, settings_of
from portal.pluginengine.settings.writing import change_settings
from tests.factories import make_group, make_user
from tests.fixtures.apps import CountSelects
from tests.fixtures.databases import postgresql_slowly
from tests.fixtures.plugins import PluginSite, write_plugin

pytestmark = postgresql_slowly

SETTINGS = {
    "greeting": {"default": "Hi", "scope": ["site", "group", "user"]},
    "rows": {"type": "integer", "default": "5", "scope": ["site", "group"], "max": "9"},
    "smtp_password": {"scope": "site"},
    "api": {"secret": "true", "scope": "site"},
}
METHODS = """
    def groupmenu(self, group):
        return None

    def check_settings(self, plugin, settings, group):
        if settings.get("greeting") == "Boo":
            raise Veto("Be nice.", "greeting")
        if settings.get("greeting") == "Bah":
            raise Veto("Not today.")
        if settings.get("greeting") == "Crash":
            raise RuntimeError("no luck")
        assert "api" not in settings

    def disable(self, config, app):
        self.logger.warning("leaves with %s", self.setting("greeting"))
"""
PLUGIN = "from portal.pluginapi import Plugin, Veto\n\n\nclass Hello(Plugin):\n" + METHODS


def write(place: Path, version: str = "1.0", **settings: object) -> None:
    """Write the plugin hello with these settings."""
    write_plugin(
        place,
        "hello",
        config={"version": version, "settings": settings or SETTINGS},
        events={"groupmenu": ["groupmenu"], "plugin_settings_save": ["check_settings"]},
        files={"plugin.py": PLUGIN},
    )


@pytest.fixture
def hello(site: PluginSite, plugin_folder: Path) -> Iterator[PluginSite]:
    """A site with the plugin hello, ada, and the group apollo."""
    write(plugin_folder)
    site.enable("hello")
    with site.arrange():
        make_user("ada")
        make_group("apollo")
    return site


def declared() -> Declared:
    """Return what hello declares."""
    found = declared_settings("hello")
    assert found is not None
    return found


def ada() -> User:
    """Return the person."""
    found = find_user("ada")
    assert found is not None
    return found


def apollo() -> Group:
    """Return the group."""
    return db.session.scalars(select(Group).where(Group.name == "apollo")).one()


def value(name: str, **owners: object) -> object:
    """Ask as the plugin does."""
    return current_engine().plugins["hello"].instance.setting(name, **owners)


def sources(owner: Group | User | None) -> dict[str, str]:
    """Return where each setting of the owner comes from."""
    return {each.declaration.name: each.source for each in settings_of(declared(), owner)}


def test_a_value_falls_through_from_the_person_to_the_default(hello: PluginSite) -> None:
    """Engineering 2 (bb): user, group, site, default; a scope that is not declared holds nothing."""
    with hello.arrange():
        assert value("greeting", group=apollo(), user=ada()) == "Hi"
        assert value("smtp_password") is None
        change_settings(declared(), None, {"greeting": "Site"})
        assert value("greeting", group=apollo(), user=ada()) == "Site"
        change_settings(declared(), apollo(), {"greeting": "Group", "rows": 7})
        assert value("greeting", group=apollo(), user=ada()) == "Group"
        change_settings(declared(), ada(), {"greeting": "Mine"})
        assert value("greeting", group=apollo(), user=ada()) == "Mine"
        assert (value("greeting"), value("rows"), value("rows", group=apollo())) == ("Site", 5, 7)
        with pytest.raises(SettingError, match="declares greeting, rows, smtp_password, api"):
            value("volume")


def test_a_plugin_asks_the_database_once_a_unit_of_work(
    hello: PluginSite, count_selects: CountSelects
) -> None:
    """Site and asked owners come together; a list of other groups costs one SELECT each."""
    with hello.arrange():
        owners = {"group": apollo(), "user": ada()}
        change_settings(declared(), None, {"greeting": "Site"})
    with hello.arrange(), count_selects() as selects:
        for name in ("greeting", "rows", "greeting", "api"):
            value(name, **owners)
            value(name)
    assert len(selects) == 1


def test_what_is_in_force_already_is_not_stored_and_goes_on_following(hello: PluginSite) -> None:
    with hello.arrange():
        assert not change_settings(declared(), apollo(), {"greeting": "Hi", "rows": 5})
        assert change_settings(declared(), None, {"greeting": "Site"})
        assert value("greeting", group=apollo()) == "Site"
        assert sources(apollo()) == {"greeting": "site", "rows": "default"}
        assert change_settings(declared(), apollo(), {"greeting": "Own"})
        assert change_settings(declared(), apollo(), {}, ["greeting"])
        assert not change_settings(declared(), apollo(), {}, ["greeting"])
        assert sources(apollo())["greeting"] == "site"


@pytest.mark.parametrize(
    ("values", "field", "text"),
    [
        ({"rows": 10}, "rows", "At most 9."),
        ({"rows": "x"}, "rows", "type integer"),
        ({"smtp_password": "x"}, "smtp_password", "no such setting"),
        ({"volume": 1}, "volume", "no such setting"),
        ({"greeting": "Boo"}, "greeting", "Be nice."),
        ({"greeting": "Bah"}, "", "Not today."),
    ],
)
def test_what_breaks_a_rule_changes_nothing(
    hello: PluginSite, values: dict[str, object], field: str, text: str
) -> None:
    """Also what another scope's is, and what a plugin objects to (plugin_settings_save)."""
    with hello.arrange():
        with pytest.raises(Invalid) as refusal:
            change_settings(declared(), apollo(), {"rows": 3, **values})
        assert text in refusal.value.errors[field][0]
        assert sources(apollo()) == {"greeting": "default", "rows": "default"}


def test_a_handler_that_crashes_refuses_nothing(hello: PluginSite) -> None:
    """Design 5: it costs its own word only, and is told to site admins."""
    with hello.arrange():
        assert change_settings(declared(), apollo(), {"greeting": "Crash", "rows": 3})
    with hello.arrange():
        assert (value("greeting", group=apollo()), value("rows", group=apollo())) == ("Crash", 3)
    (incident,) = hello.engine.health.incidents()
    assert (incident.plugin, incident.hook) == ("hello", "plugin_settings_save")


def test_what_the_operator_fixes_is_in_force_everywhere_and_cannot_be_set(
    hello: PluginSite,
) -> None:
    """Engineering 2 (bb): unless locked."""
    with hello.arrange():
        change_settings(declared(), apollo(), {"greeting": "Group"})
    folder = hello.settings.var / "plugin-config"
    folder.mkdir()
    (folder / "hello.ini").write_text("[settings]\ngreeting = Operator\n")
    with hello.arrange():
        assert value("greeting", group=apollo(), user=ada()) == "Operator"
        assert sources(apollo())["greeting"] == "operator"
        for values, resets in (({"greeting": "x"}, ()), ({}, ("greeting",))):
            with pytest.raises(Invalid):
                change_settings(declared(), apollo(), values, resets)


def test_changes_are_audited_and_secrets_are_not_told(hello: PluginSite) -> None:
    """A secret, and what sounds like one: that it was set, not what to."""
    with hello.arrange():
        change_settings(declared(), None, {"api": "s3cret", "smtp_password": "s3cret"})
        change_settings(declared(), None, {"api": "other"})
        change_settings(declared(), apollo(), {"rows": 7})
        change_settings(declared(), ada(), {"greeting": "Mine"})
        entries = db.session.scalars(
            select(AuditEntry).where(AuditEntry.action == "plugin.setting")
        ).all()
    told = {each.object_name: (each.old_values, each.new_values) for each in entries}
    histories = {each.object_name: (each.group_name, each.user_name) for each in entries}
    assert told["hello.smtp_password"] == ({"is_set": False}, {"is_set": True, "changed": True})
    assert told["hello.api"] == ({}, {"changed": True})
    assert told["hello.rows"] == ({"value": 5}, {"value": 7})
    assert told["hello.greeting"] == ({"value": "Hi"}, {"value": "Mine"})
    assert histories["hello.greeting"] == ("", "ada")
    assert histories["hello.rows"] == ("apollo", "")
    assert histories["hello.api"] == ("", "")
    assert "s3cret" not in str(told)


def test_an_export_has_what_was_set_and_withholds_secrets(hello: PluginSite) -> None:
    """Also what sounds like a secret, and what nobody declares any more."""
    with hello.arrange():
        change_settings(declared(), None, {"api": "s3cret", "smtp_password": "s3cret"})
        change_settings(declared(), apollo(), {"rows": 7})
        row = {"plugin_id": declared().plugin_id, "scope": "site", "scope_id": 0}
        db.session.add(SettingRow(**row, name="gone", value='"s3cret"'))
        found = list(exported_settings(declared().plugin_id))
        assert found[0] == {"scope": "group", "key": apollo().group_id, "name": "rows", "value": 7}
    withheld = {each["name"] for each in found if each.get("is_withheld")}
    assert withheld == {"api", "smtp_password", "gone"}
    assert "s3cret" not in str(found)


def test_settings_are_kept_until_the_purge_which_counts_them(
    hello: PluginSite, caplog: pytest.LogCaptureFixture
) -> None:
    """Design 6; the callback that takes the plugin away still reads them."""
    with hello.arrange():
        change_settings(declared(), None, {"greeting": "Site"})
        change_settings(declared(), apollo(), {"rows": 7})
        assert belongings_of("hello").holdings == (("Settings that were set", 2),)
    hello.operate("disable", "hello")
    assert "leaves with Site" in caplog.text
    hello.operate("uninstall", "hello")
    hello.operate("register", "hello")
    hello.operate("enable", "hello")
    with hello.arrange():
        assert value("greeting") == "Site"
        assert value("rows", group=apollo()) == 7
    hello.operate("uninstall", "hello", purge=True)
    assert hello.rows("engine_plugin_settings") == []


def test_an_update_keeps_values_and_passes_over_those_that_no_longer_fit(
    hello: PluginSite, plugin_folder: Path
) -> None:
    """Nothing is dropped: what fits again is in force again."""
    with hello.arrange():
        change_settings(declared(), None, {"greeting": "Site", "rows": 7})
    write(plugin_folder, "2.0", greeting={"type": "integer", "default": "1"}, volume={})
    hello.operate("update", "hello")
    with hello.arrange():
        assert value("greeting") == 1
        (greeting, _volume) = settings_of(declared(), None)
        assert (greeting.source, greeting.is_set_here, greeting.misfit) == ("default", True, True)
    write(plugin_folder, "3.0")
    hello.operate("update", "hello")
    with hello.arrange():
        assert (value("greeting"), value("rows")) == ("Site", 7)


def test_a_value_that_no_longer_fits_is_replaced_by_saving_the_default(
    hello: PluginSite,
) -> None:
    with hello.arrange():
        row = {"plugin_id": declared().plugin_id, "scope": "site", "scope_id": 0}
        db.session.add(SettingRow(**row, name="rows", value='"many"'))
        db.session.flush()
        assert change_settings(declared(), None, {"rows": 5})
        assert not next(each for each in settings_of(declared(), None)[1:2]).misfit


def test_what_was_set_for_a_group_or_a_person_goes_with_them(hello: PluginSite) -> None:
    with hello.arrange():
        change_settings(declared(), apollo(), {"rows": 7})
        change_settings(declared(), ada(), {"greeting": "Mine"})
    with hello.arrange():
        apollo().status = DELETED
        db.session.flush()
        purge_group(apollo())
        erase(ada())
        assert db.session.scalar(select(func.count()).select_from(SettingRow)) == 0
