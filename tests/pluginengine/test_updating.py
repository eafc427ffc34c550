"""Updating plugins from archives and folders, and putting the version before back (E-40, 2.2.3, 2.3.3)."""

import pytest
from sqlalchemy import select, text, update

from portal.core.database import db
from portal.groups.models import GroupPlugin
from portal.pluginengine.errors import Refused
from portal.pluginengine.models import HandlerRow, PluginRow
from portal.pluginengine.overview import plugin_status
from tests.factories import make_group
from tests.fixtures.plugins import THING_MIGRATION
from tests.pluginengine.probes import CALLBACKS, calls, failing, place, probe, the_row

__all__ = ["calls", "place", "probe"]


def test_updating_calls_update_alone_with_the_version_before(site, probe, calls):
    """E-40; neither enable nor disable."""
    site.operate("install", probe())
    outcome = site.operate("update", probe("1.1"))
    assert outcome.message == "Plugin Probe updated from 1.0 to 1.1."
    assert calls()[2:] == ["update from 1.0 to 1.1"]
    assert site.client().get("/plugins/probe/").text == "page of 1.1"


def test_an_update_keeps_activation_choices_numbers_and_switches(site, probe):
    site.operate("install", probe())
    with site.arrange():
        assert make_group("apollo").set_plugin_usage("probe", True)
        db.session.execute(
            update(HandlerRow).where(HandlerRow.event == "groupmenu").values(priority=7, enable=0)
        )
        db.session.execute(update(PluginRow).values(user_policy="forbidden"))
    kept = site.rows("engine_handlers"), site.rows("group_plugin")
    plugin_id = the_row(site).plugin_id
    site.operate("update", probe("1.1"))
    assert (site.rows("engine_handlers"), site.rows("group_plugin")) == kept
    row = the_row(site)
    assert (row.plugin_id, row.enable, row.user_policy) == (plugin_id, 1, "forbidden")


@pytest.mark.parametrize("is_enabled", [True, False])
def test_a_folder_of_the_same_version_with_a_later_schema_waits_for_its_update(
    site, make_plugin, is_enabled
):
    """Design 4, Code identity: the version or the schema differs."""
    methods = "def update(self, config, app):\n    self.files.write('x', b'updated')"
    make_plugin("probe", config={"schema_version": "1"}, methods=methods)
    site.enable("probe")
    if not is_enabled:
        site.operate("disable", "probe")
    make_plugin("probe", config={"schema_version": "2"}, methods=methods)
    site.refresh()
    with site.arrange("read"):
        status = plugin_status("probe")
    assert status is not None
    assert (status.state, status.waits_for_update) == (
        "update" if is_enabled else "installed",
        True,
    )
    assert "probe" not in site.engine.plugins
    assert site.operate("update", "probe").changed
    assert site.files()["plugin-data/probe/x"] == b"updated"
    assert the_row(site).schema_version == "2"
    assert ("probe" in site.engine.plugins) is is_enabled
    assert not site.operate("update", "probe").changed


def test_an_update_of_a_disabled_plugin_leaves_it_disabled(site, probe, calls):
    site.operate("install", probe(), enable=False)
    site.operate("update", probe("1.1"))
    assert calls() == ["install 1.0", "update from 1.0 to 1.1"]
    assert the_row(site).enable == 0
    assert not site.engine.plugins


@pytest.mark.parametrize("version", ["1.0", "1.00", "0.9"])
def test_what_is_not_newer_is_refused_unless_it_is_wanted(site, probe, version, calls):
    site.operate("install", probe())
    before = site.snapshot(), site.files()
    source = probe(version, release="another")
    with pytest.raises(Refused, match=f"Version {version} is not newer than 1.0"):
        site.operate("update", source)
    assert (site.snapshot(), site.files()) == before
    assert site.operate("update", source, allow_older=True).changed
    assert calls()[2:] == [f"update from 1.0 to {version}"]


def test_the_same_archive_again_changes_nothing(site, probe):
    source = probe()
    site.operate("install", source)
    before = site.snapshot(), site.files()
    outcome = site.operate("update", source)
    assert (outcome.changed, outcome.message) == (False, "Plugin probe has this version already.")
    assert (site.snapshot(), site.files()) == before


def test_an_update_carries_the_same_handle(site, probe):
    site.operate("install", probe())
    with pytest.raises(Refused, match="with the handle prober") as refusal:
        site.operate("update", probe("1.1", handle="prober"))
    assert "same handle" in refusal.value.remedy


def test_an_update_of_another_plugin_is_refused(site, probe):
    site.operate("install", probe())
    with pytest.raises(Refused, match="The plugin other is not registered"):
        site.operate("update", probe("1.1", code="other"))


def test_an_archive_does_not_take_the_place_of_a_folder(site, probe, make_plugin):
    make_plugin("probe")
    site.operate("install", "probe")
    before = site.snapshot(), site.files()
    with pytest.raises(Refused, match="A plugin with the code probe lies in"):
        site.operate("update", probe("1.1"))
    assert (site.snapshot(), site.files()) == before


def test_a_folder_does_not_take_the_place_of_an_archive(site, probe, make_plugin):
    site.operate("install", probe())
    make_plugin("probe", config={"version": "1.1"})
    with pytest.raises(Refused, match="was installed from an archive"):
        site.operate("update", "probe")


def test_a_folder_is_held_until_its_update_has_run(site, make_plugin, calls):
    make_plugin("probe", methods=CALLBACKS)
    site.operate("install", "probe")
    make_plugin("probe", config={"version": "2.0"}, methods=CALLBACKS)
    site.refresh()
    assert site.engine.problems["probe"].kind == "update"
    site.operate("update", "probe")
    assert calls()[2:] == ["update from 1.0 to 2.0"]
    assert site.engine.plugins["probe"].record.version == "2.0"


BAD_UPDATES = {
    "an exception": {"methods": failing("update")},
    "an import": {"files": {"plugin.py": "import no_such_module"}},
    "a migration": {
        "files": {
            "migrations/0002.py": THING_MIGRATION.replace('"probe_1"', '"probe_2"').replace(
                "None", '"probe_1"'
            )
        }
    },
}


@pytest.mark.parametrize("fault", BAD_UPDATES.values(), ids=BAD_UPDATES)
def test_a_failing_update_leaves_the_old_version_running(site, probe, fault):
    site.operate("install", probe())
    before = site.snapshot(), site.files()
    with pytest.raises(Refused):
        site.operate("update", probe("1.1", **fault))
    assert (site.snapshot(), site.files()) == before
    site.refresh()
    assert site.client().get("/plugins/probe/").text == "page of 1.0"


def test_rehearsing_an_update_changes_nothing(site, probe, calls):
    site.operate("install", probe())
    before = site.snapshot(), site.files()
    outcome = site.operate("update", probe("1.1"), dry_run=True)
    assert "Plugin Probe updated from 1.0 to 1.1." in outcome.message
    assert calls()[2:] == ["update from 1.0 to 1.1"]
    assert (site.snapshot(), site.files()) == before


@pytest.mark.parametrize(
    ("deed", "is_away"),
    [
        ("UPDATE plugin_probe_thing SET thing_id = 1", True),
        ("INSERT INTO plugin_probe_thing VALUES (1)", False),
    ],
)
def test_what_update_changes_by_itself_is_judged_as_a_migration_is(site, probe, deed, is_away):
    site.operate("install", probe())
    body = f"from sqlalchemy import text; from portal.pluginapi import db; db.session.execute(text({deed!r}))"
    told = site.operate("update", probe("1.1", methods=failing("update", body)), dry_run=True)
    assert ["away for a few seconds" in each for each in told.warnings] == [True] * is_away


def test_an_updated_plugin_goes_back_and_forth(site, probe, calls):
    old, new = probe(), probe("1.1")
    site.operate("install", old)
    site.operate("update", new)
    site.operate("revert", "probe")
    row = the_row(site)
    assert (row.archive, row.previous_archive) == (old.archive.sha256, new.archive.sha256)
    assert site.client().get("/plugins/probe/").text == "page of 1.0"
    site.operate("revert", "probe")
    assert site.client().get("/plugins/probe/").text == "page of 1.1"
    assert calls()[2:] == [
        "update from 1.0 to 1.1",
        "update from 1.1 to 1.0",
        "update from 1.0 to 1.1",
    ]


def test_there_is_nothing_to_go_back_to_before_the_first_update(site, probe):
    site.operate("install", probe())
    with pytest.raises(Refused, match="no earlier version of plugin Probe"):
        site.operate("revert", "probe")


def test_both_versions_outlast_a_sweep_and_older_ones_do_not(site, probe):
    first, second, third = probe(), probe("1.1"), probe("1.2")
    site.operate("install", first)
    site.operate("update", second)
    site.operate("update", third)
    site.sweep()
    kept = {path.name for path in (site.settings.var / "store").glob("[!.]*")}
    assert kept == {second.archive.sha256, third.archive.sha256}
    assert {row[0] for row in site.rows("engine_archives")} == kept
    site.operate("revert", "probe")
    assert site.client().get("/plugins/probe/").text == "page of 1.1"


def test_choices_of_groups_count_in_the_new_version(site, probe):
    site.operate("install", probe())
    with site.arrange():
        make_group("apollo").set_plugin_usage("probe", True)
    site.operate("update", probe("1.1"))
    with site.arrange("read"):
        assert [row.used for row in db.session.scalars(select(GroupPlugin))] == [True]
        assert db.session.execute(text("SELECT count(*) FROM plugin_probe_thing")).scalar() == 0
