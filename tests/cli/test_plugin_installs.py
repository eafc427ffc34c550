"""`portal plugin install`, update, revert, uninstall, purge and verify: the operations, from the shell."""

import json
from pathlib import Path
from zipfile import ZipFile

import pytest

from portal.app import current_state
from portal.config import Settings
from tests.cli.test_plugin_commands import plugins, run, states
from tests.fixtures.plugins import THING_MIGRATION, pack, write_plugin

__all__ = ["plugins"]


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One database: the commands only call the operations."""
    return sqlite_url


@pytest.fixture
def archive(tmp_path: Path, plugins: Path) -> Path:
    """An archive of version 1.0; one of 1.1 lies beside it as next.zip."""
    for version, name in (("1.0", "probe.zip"), ("1.1", "next.zip")):
        folder = write_plugin(
            tmp_path / version,
            "probe",
            config={"version": version},
            files={"migrations/1.py": THING_MIGRATION},
        )
        (tmp_path / name).write_bytes(pack(folder))
    return tmp_path / "probe.zip"


def test_a_plugin_goes_through_its_life_from_an_archive(archive: Path, settings: Settings) -> None:
    installed = run("plugin", "install", str(archive))
    assert installed.output == "Plugin Probe installed and enabled.\n", installed.output
    assert states(settings) == {"probe": True}
    listed = json.loads(run("plugin", "list", "--json").stdout)
    assert [(row["code"], row["source"]) for row in listed] == [("probe", "archive")]
    updated = run("plugin", "update", str(archive.with_name("next.zip")))
    assert updated.output == "Plugin Probe updated from 1.0 to 1.1.\n"
    assert run("plugin", "revert", "probe").exit_code == 0
    assert [each.version for each in current_state(settings).plugins] == ["1.0"]
    uninstalled = run("plugin", "uninstall", "probe")
    assert "table plugin_probe_thing: 0 rows" in uninstalled.output
    assert "probe holds 3 tables with 2 rows, 0 files with 0 bytes." in uninstalled.output
    assert states(settings) == {}
    purged = run("plugin", "purge", "--yes", "probe")
    assert purged.output.endswith("Nothing of plugin Probe is left.\n")


def test_a_folder_is_installed_by_its_code_and_may_stay_disabled(
    plugins: Path, settings: Settings
) -> None:
    write_plugin(plugins, "good")
    result = run("plugin", "install", "--no-enable", "good")
    assert result.output == "Plugin Good installed; it is disabled.\n"
    assert states(settings) == {"good": False}


def test_what_did_not_go_as_wished_is_a_warning(plugins: Path, settings: Settings) -> None:
    write_plugin(plugins, "good", methods="def enable(self, config, app):\n    raise ValueError")
    result = run("plugin", "install", "good")
    assert result.exit_code == 0
    assert "Warning: enable of the plugin Good failed" in result.stderr
    assert states(settings) == {"good": False}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["install", "{archive}"], "Rehearsed only, nothing was changed: Plugin Probe installed"),
        (["install", "--no-enable", "{archive}"], "Plugin Probe installed; it is disabled."),
    ],
)
def test_a_rehearsal_changes_nothing(
    archive: Path, settings: Settings, words: list[str], told: str
) -> None:
    result = run("plugin", *(word.format(archive=archive) for word in words), "--dry-run")
    assert told in result.output
    assert states(settings) == {}


def test_every_fault_of_an_archive_is_told(archive: Path, tmp_path: Path) -> None:
    folder = write_plugin(tmp_path / "bad", "bad", config={"version": "x"}, methods="def (:")
    archive.write_bytes(pack(folder))
    result = run("plugin", "install", str(archive))
    assert result.exit_code == 1
    assert "config.yml, version" in result.output
    assert "plugin.py" in result.output
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["install", "nowhere.zip"], "There is no file nowhere.zip."),
        (["install", "ghost"], "There is no plugin ghost."),
        (["update", "ghost"], "The plugin ghost is not registered."),
        (["revert", "ghost"], "The plugin ghost is not registered."),
        (["uninstall", "ghost"], "The plugin ghost is not registered."),
        (["verify", "ghost"], "No plugin ghost was installed from an archive."),
    ],
)
def test_a_refusal_ends_with_one_and_says_why(plugins: Path, words: list[str], told: str) -> None:
    result = run("plugin", *words)
    assert result.exit_code == 1
    assert told in result.output
    assert "Traceback" not in result.output


def test_the_operator_sets_how_much_an_archive_may_be(
    archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORTAL_ARCHIVE_ENTRIES", "1")
    refused = run("plugin", "install", str(archive))
    assert "It holds more than 1 files and folders." in refused.output
    monkeypatch.setenv("PORTAL_ARCHIVE_ENTRIES", "3")
    assert run("plugin", "install", str(archive)).exit_code == 0


def test_an_older_version_has_to_be_asked_for(archive: Path) -> None:
    run("plugin", "install", str(archive.with_name("next.zip")))
    refused = run("plugin", "update", str(archive))
    assert refused.exit_code == 1
    assert "Version 1.0 is not newer than 1.1" in refused.output
    assert run("plugin", "update", "--allow-older", str(archive)).exit_code == 0


def test_changed_files_are_told_and_restored(archive: Path, settings: Settings) -> None:
    assert "No plugin was installed from an archive." in run("plugin", "verify").output
    run("plugin", "install", str(archive))
    assert run("plugin", "verify", "probe").output == "probe: as uploaded\n"
    (sha256,) = (each.archive for each in current_state(settings).plugins)
    folder = settings.var / "store" / str(sha256)
    (folder / "config.yml").chmod(0o644)
    (folder / "config.yml").write_text("changed")
    (folder / "migrations" / "1.py").unlink()
    (folder / "evil.txt").write_text("x")
    differs = run("plugin", "verify")
    assert differs.exit_code == 1
    assert differs.output.splitlines() == [
        "probe: differs",
        "  modified: config.yml",
        "  missing: migrations/1.py",
        "  extra: evil.txt",
    ]
    assert run("plugin", "verify").exit_code == 1, "looking changes nothing"
    restored = run("plugin", "verify", "--restore", "probe")
    assert (restored.exit_code, restored.output.splitlines()[0]) == (0, "probe: restored")
    assert run("plugin", "verify").output == "probe: as uploaded\n"


def test_what_misses_something_is_listed_with_it(plugins: Path) -> None:
    write_plugin(plugins, "base")
    write_plugin(plugins, "needy", config={"requires": {"plugins": {"base": "1.0"}}})
    for code in ("base", "needy"):
        assert run("plugin", "install", code).exit_code == 0
    (plugins / "base" / "config.yml").unlink()
    listed = run("plugin", "list").output
    assert "It needs what is not there: plugin base (it does not run)" in listed
    assert "Other plugins need it: Needy" in listed


def test_an_export_is_written_once_and_for_its_owner_only(archive: Path, tmp_path: Path) -> None:
    run("plugin", "install", str(archive))
    file = tmp_path / "out.zip"
    written = run("plugin", "export", "probe", str(file))
    assert written.output == f"Exported 3 tables with 2 rows and 0 files with 0 bytes to {file}.\n"
    assert file.stat().st_mode & 0o777 == 0o600
    assert "manifest.json" in ZipFile(file).namelist()
    again = run("plugin", "export", "probe", str(file))
    assert again.exit_code == 1
    assert f"{file} is there already." in again.output
    ghost = run("plugin", "export", "ghost", str(tmp_path / "ghost.zip"))
    assert (ghost.exit_code, (tmp_path / "ghost.zip").exists()) == (1, False)
    nowhere = run("plugin", "export", "probe", str(tmp_path / "no" / "where.zip"))
    assert "cannot be written: No such file or directory." in nowhere.output


def test_what_an_unregistered_plugin_left_is_listed(archive: Path) -> None:
    """Seed 004: unregistering keeps its tables."""
    run("plugin", "install", str(archive))
    assert "Left behind" not in run("plugin", "list").output
    run("plugin", "unregister", "--disable", "probe")
    told = "Left behind by probe, which is not registered: 3 tables with 2 rows, 0 files."
    assert told in run("plugin", "list").output
    assert run("plugin", "purge", "--yes", "probe").exit_code == 0
    assert "Left behind" not in run("plugin", "list").output


@pytest.mark.parametrize("words", [["uninstall", "--purge"], ["purge"]])
def test_what_is_purged_can_be_exported_first(
    archive: Path, tmp_path: Path, words: list[str]
) -> None:
    run("plugin", "install", str(archive))
    if words == ["purge"]:
        run("plugin", "uninstall", "probe")
    file = tmp_path / "out.zip"
    tried = run("plugin", *words, "--export", str(file), "--dry-run", "probe")
    assert (tried.exit_code, file.exists()) == (0, False)
    purged = run("plugin", *words, "--export", str(file), "probe")
    assert purged.exit_code == 0, purged.output
    assert "tables/plugin_probe_thing.jsonl" in ZipFile(file).namelist()
    refused = run("plugin", "purge", "--export", str(file), "probe")
    assert "is there already" in refused.output
