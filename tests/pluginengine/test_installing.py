"""Installing plugins from archives and folders (E-36 to E-43, 2.2.2, 2.3.3)."""

import pytest

from portal.pluginengine import store
from portal.pluginengine.digest import folder_digest
from portal.pluginengine.errors import Refused
from tests.fixtures.plugins import THING_MIGRATION
from tests.pluginengine.probes import CALLBACKS, calls, failing, place, probe, the_row

__all__ = ["calls", "place", "probe"]


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


def _reads(site):
    return store.OwnReads(site.settings.database_url)
