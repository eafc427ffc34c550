"""Finding plugins on disk: judged, offered, never imported (R-19, 2.3.1)."""

import sys

import pytest

from portal.pluginengine.digest import Digests
from portal.pluginengine.discovery import Discovery, Place
from tests.fixtures.plugins import write_plugin


@pytest.fixture
def discovery(plugin_folder):
    return Discovery([Place(path=plugin_folder, source="path")], Digests())


def test_a_folder_with_a_config_is_offered(discovery, make_plugin):
    folder = make_plugin("Probe", config={"name": "A probe"})
    found = discovery.found()["probe"]
    assert (found.code, found.folder, found.source, found.faults) == (
        "Probe",
        folder,
        "path",
        (),
    )
    assert found.manifest.name == "A probe"


def test_what_is_offered_is_not_imported(site, make_plugin):
    make_plugin("probe", files={"__init__.py": "raise SystemExit", "plugin.py": "raise SystemExit"})
    before = set(sys.modules)
    site.refresh()
    assert "probe" in site.runtime.discovery.found()
    assert not site.engine.plugins
    assert not site.engine.problems
    assert not [name for name in set(sys.modules) - before if name.startswith("portal_plugins")]
    assert site.client().get("/plugins/probe/static/x").status_code == 404


@pytest.mark.parametrize("name", ["notes", ".hidden", "__pycache__"])
def test_a_folder_without_a_config_is_none(discovery, plugin_folder, name):
    (plugin_folder / name).mkdir()
    (plugin_folder / "config.yml").write_text("a file beside the folders")
    assert not discovery.found()


def test_a_place_that_is_not_there_is_empty(tmp_path):
    assert not Discovery([Place(path=tmp_path / "no", source="path")], Digests()).found()


def test_a_faulty_folder_is_found_with_all_its_faults(discovery, make_plugin):
    make_plugin("probe", config={"version": "1.42.1", "scope": "nowhere"})
    found = discovery.found()["probe"]
    assert found.manifest is None
    assert {fault.key for fault in found.faults} == {"version", "scope"}


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"name: [", b"", b"- a\n- b\n", b"\x00"])
def test_a_config_that_cannot_be_read_is_a_fault_and_no_failure(discovery, make_plugin, content):
    (make_plugin("probe") / "config.yml").write_bytes(content)
    found = discovery.found()["probe"]
    assert found.manifest is None
    assert found.faults


def test_one_faulty_folder_does_not_hide_the_others(discovery, make_plugin):
    make_plugin("bad", config={"version": "x"})
    make_plugin("good")
    found = discovery.found()
    assert found["bad"].faults
    assert found["good"].manifest is not None


def test_of_two_folders_with_one_code_the_first_place_wins(plugin_folder, tmp_path, make_plugin):
    """Ignoring case: on some file systems they would be the same folder."""
    first = write_plugin(tmp_path / "first", "probe", config={"name": "First"})
    second = make_plugin("PROBE", config={"name": "Second"})
    places = [
        Place(path=tmp_path / "first", source="path"),
        Place(path=plugin_folder, source="path"),
    ]
    found = Discovery(places, Digests()).found()
    assert found["probe"].folder == first
    twin = next(each for each in found.values() if each.folder == second)
    assert twin.manifest is None
    assert str(first) in twin.faults[-1].rule


def test_a_manifest_is_read_again_only_when_its_folder_changes(discovery, make_plugin):
    make_plugin("probe")
    first = discovery.found()["probe"]
    assert discovery.found()["probe"] is first
    make_plugin("probe", config={"version": "1.1"})
    assert discovery.found()["probe"].manifest.version == "1.1"


def test_a_removed_folder_is_no_longer_found(discovery, make_plugin):
    folder = make_plugin("probe")
    assert discovery.found()
    (folder / "config.yml").unlink()
    assert not discovery.found()


def test_an_allocated_name_is_for_its_owner(plugin_folder, make_plugin):
    """Seed 004: helloworld belongs to the portal's own."""
    make_plugin("helloworld")
    by_others = Discovery([Place(path=plugin_folder, source="path")], Digests()).found()
    bundled = Discovery([Place(path=plugin_folder, source="bundled")], Digests()).found()
    assert "allocated to portal" in str(by_others["helloworld"].faults[0])
    assert bundled["helloworld"].manifest is not None
