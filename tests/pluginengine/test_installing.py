"""Installing and updating plugins from archives and folders (E-36 to E-43, 2.2.3, 2.3.3)."""

import logging
import shutil

import pytest
from sqlalchemy import select, text, update

from portal.core.database import db
from portal.groups.models import GroupPlugin
from portal.pluginengine import store
from portal.pluginengine.digest import folder_digest
from portal.pluginengine.errors import Refused
from portal.pluginengine.models import HandlerRow, PluginRow
from tests.factories import make_group
from tests.fixtures.plugins import THING_MIGRATION, upload, write_plugin

CALLBACKS = """
    def install(self, config, app):
        self._note("install", config)

    def enable(self, config, app):
        self._note("enable", config)

    def disable(self, config, app):
        self._note("disable", config)

    def update(self, config, app):
        self._note("update from " + config["previous_version"] + " to", config)

    def uninstall(self, config, app):
        self._note("uninstall", config)

    def _note(self, what, config):
        self.logger.info("%s %s", what, config["version"])

    def tab(self):
        return None

    def other(self):
        return None
"""

VIEWS = """
    from flask import Blueprint

    bp = Blueprint("probe", __name__)


    @bp.get("/")
    def index():
        return "page of 1.0"
"""


@pytest.fixture
def place(tmp_path):
    """Where plugins are written that are packed, not found in a folder."""
    folder = tmp_path / "authors"
    folder.mkdir()
    return folder


@pytest.fixture
def probe(place):
    """Write a version of the probe and return it as an upload: ``probe("1.1", methods=...)``."""

    def make(version="1.0", code="probe", methods=CALLBACKS, files=(), **config):
        shutil.rmtree(place / version, ignore_errors=True)
        events = {"groupmenu": ["tab"], "userisactivecheckbox": ["other"]}
        folder = write_plugin(
            place / version,
            code,
            config={"version": version, "scope": ["site", "group"], **config},
            events=events if methods == CALLBACKS else None,
            methods=methods,
            files={
                "migrations/0001_thing.py": THING_MIGRATION,
                "views.py": VIEWS.replace("1.0", version),
                **dict(files),
            },
        )
        return upload(folder)

    return make


@pytest.fixture
def calls(caplog):
    """What the probe's callbacks have logged so far."""
    caplog.set_level(logging.INFO, logger="portal.plugin.probe")
    return lambda: [each.message for each in caplog.records if each.name == "portal.plugin.probe"]


def the_row(site) -> PluginRow:
    with site.arrange("read"):
        row = db.session.scalars(select(PluginRow)).one()
        db.session.expunge(row)
        return row


def failing(callback: str, how: str = "raise ValueError('no luck')") -> str:
    return f"def {callback}(self, config, app):\n    {how}\n"


# -- install -------------------------------------------------------------------------------------


def test_installing_calls_install_then_enable(site, probe, calls):
    """E-40, E-41; a successful installation ends enabled."""
    outcome = site.operate("install", probe())
    assert outcome.message == "Plugin Probe installed and enabled."
    assert outcome.warnings == ()
    assert calls() == ["install 1.0", "enable 1.0"]
    row = the_row(site)
    assert (row.enable, row.initialized, row.delete_flg, row.version) == (1, 1, 0, "1.0")
    assert "plugin_probe_thing" in site.tables()


def test_an_installed_archive_answers_from_the_store(site, probe):
    source = probe()
    site.operate("install", source)
    folder = site.settings.var / "store" / source.archive.sha256
    plugin = site.engine.plugins["probe"]
    assert plugin.folder == folder
    assert plugin.digest == folder_digest(folder)
    assert site.client().get("/plugins/probe/").text == "page of 1.0"
    assert not site.runtime.store.verify(source.archive.sha256, _reads(site))


def test_another_host_unpacks_what_it_lacks(site, probe):
    source = probe()
    site.operate("install", source)
    site.runtime.store.discard(source.archive.sha256)
    site.refresh()
    assert site.client().get("/plugins/probe/").text == "page of 1.0"


def test_a_folder_is_installed_by_its_code(site, make_plugin, calls):
    make_plugin("probe", methods=CALLBACKS)
    assert site.operate("install", "PROBE").changed
    assert calls() == ["install 1.0", "enable 1.0"]
    assert the_row(site).archive is None


def test_installing_may_stop_before_enabling(site, probe, calls):
    outcome = site.operate("install", probe(), enable=False)
    assert outcome.message == "Plugin Probe installed; it is disabled."
    assert calls() == ["install 1.0"]
    assert (the_row(site).enable, the_row(site).initialized) == (0, 1)
    assert not site.engine.plugins
    site.operate("enable", "probe")
    assert calls() == ["install 1.0", "enable 1.0"]


FAULTS = {
    "an exception": {"methods": failing("install")},
    "a way out": {"methods": failing("install", "raise SystemExit(3)")},
    "a commit": {
        "methods": failing("install", "from portal.pluginapi import db; db.session.commit()")
    },
    "an import": {"files": {"plugin.py": "import no_such_module"}},
    "a migration": {"files": {"migrations/0002.py": THING_MIGRATION.replace("probe_1", "probe_2")}},
    "files written before": {
        "methods": failing("install", "self.files.write('a.txt', b'a'); raise ValueError")
    },
    "a requirement": {"requires": {"plugins": {"ghost": "1.0"}}},
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_failing_installation_leaves_nothing(site, probe, fault):
    before = site.snapshot(), site.files()
    with pytest.raises(Refused):
        site.operate("install", probe(**fault))
    assert (site.snapshot(), site.files()) == before
    assert not list((site.settings.var / "store").glob("[!.]*"))
    assert not (site.settings.var / "plugin-data" / "probe").exists()
    assert site.operate("install", probe()).changed


@pytest.mark.parametrize(
    "how",
    [
        "raise ValueError('no luck')",
        "db.session.execute(text('INSERT INTO plugin_probe_thing VALUES (7)')); raise ValueError",
        "db.session.execute(text('SELECT * FROM no_such_table'))",
    ],
)
def test_a_plugin_whose_enable_fails_stays_installed_and_disabled(site, probe, how):
    """2.3.3, step 7: with the cause as a warning."""
    body = f"from sqlalchemy import text\n    from portal.pluginapi import db\n    {how}"
    outcome = site.operate("install", probe(methods=failing("enable", body)))
    assert outcome.message == "Plugin Probe installed; it is disabled."
    assert len(outcome.warnings) == 1
    assert "enable of the plugin Probe failed" in outcome.warnings[0]
    row = the_row(site)
    assert (row.enable, row.initialized, row.last_error) == (0, 1, outcome.warnings[0])
    assert site.rows("plugin_probe_thing") == []
    assert not site.engine.plugins


def test_installing_twice_is_refused(site, probe):
    site.operate("install", probe())
    before = site.snapshot(), site.files()
    with pytest.raises(Refused, match="Plugin Probe is installed already") as refusal:
        site.operate("install", probe("1.1"))
    assert "Update it" in refusal.value.remedy
    assert (site.snapshot(), site.files()) == before


def test_a_folder_with_the_same_code_is_left_alone(site, probe, make_plugin):
    """2.2.2: the data-loss bug of the original."""
    folder = make_plugin("Probe")
    kept = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    with pytest.raises(Refused, match="A plugin with the code probe lies in"):
        site.operate("install", probe())
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == kept


def test_a_taken_handle_is_refused(site, probe):
    site.operate("install", probe())
    with pytest.raises(Refused, match="The handle probe belongs to the plugin Probe"):
        site.operate("install", probe(code="Other", handle="probe"))


@pytest.mark.parametrize("enable", [True, False])
def test_rehearsing_an_installation_changes_nothing(site, probe, enable, calls):
    before = site.snapshot(), site.files()
    outcome = site.operate("install", probe(), enable=enable, dry_run=True)
    assert "Rehearsed only, nothing was changed: Plugin Probe installed" in outcome.message
    assert not outcome.changed
    assert calls() == ["install 1.0", "enable 1.0"][: 1 + enable]
    assert (site.snapshot(), site.files()) == before
    assert not list((site.settings.var / "store").glob("[!.]*"))


def test_a_rehearsal_tells_that_enabling_would_fail(site, probe):
    outcome = site.operate("install", probe(methods=failing("enable")), dry_run=True)
    assert "ValueError: no luck" in outcome.warnings[0]


# -- update --------------------------------------------------------------------------------------


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


def _reads(site):
    return store.OwnReads(site.settings.database_url)
