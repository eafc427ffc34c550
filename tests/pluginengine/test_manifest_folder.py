"""Reading a plugin's folder (E-17 to E-24, E-43)."""

from __future__ import annotations

from pathlib import Path

import pytest

from portal.pluginengine.errors import ManifestError
from portal.pluginengine.manifest import Manifest, read_manifest
from tests.pluginengine.manifests import config


def folder(root: Path, name: str = "Foo", /, **files: str) -> Path:
    """A plugin's folder; `config_yml` stands for `config.yml`."""
    made = root / name
    made.mkdir()
    for file, text in files.items():
        (made / file.replace("_", ".")).write_text(text, encoding="utf-8")
    return made


def faults_of(path: Path, **options: bool) -> list[str]:
    with pytest.raises(ManifestError) as refused:
        read_manifest(path, **options)
    assert str(refused.value)
    return [f"{fault.file} {fault.key}".strip() for fault in refused.value.faults]


def test_both_files_become_one_manifest(tmp_path: Path) -> None:
    """0.4."""
    made = folder(tmp_path, config_yml=config(), event_yml="groupmenu: [[tab, NORMAL]]")
    manifest = read_manifest(made)
    assert isinstance(manifest, Manifest)
    assert [handler.handler for handler in manifest.handlers] == ["tab"]


def test_folder_without_config_is_refused_and_its_events_are_judged(tmp_path: Path) -> None:
    """Acceptance check 13: config.yml absent."""
    assert faults_of(folder(tmp_path)) == ["config.yml"]
    assert faults_of(folder(tmp_path, "Bar", event_yml="a: b")) == ["config.yml", "event.yml a"]


def test_faults_of_both_files_arrive_together(tmp_path: Path) -> None:
    """All at once."""
    made = folder(tmp_path, config_yml="code: Foo\nversion: 1", event_yml="a: b")
    assert faults_of(made) == ["config.yml name", "event.yml a"]


def test_file_that_is_no_text_is_one_fault(tmp_path: Path) -> None:
    """A binary file under the name."""
    made = folder(tmp_path, event_yml="a: b")
    (made / "config.yml").write_bytes(b"\xff\xfe\x00name")
    assert faults_of(made) == ["config.yml", "event.yml a"]


def test_byte_order_mark_is_no_part_of_the_text(tmp_path: Path) -> None:
    """Some editors write one."""
    assert read_manifest(folder(tmp_path, config_yml="\ufeff" + config())).name == "Foo"


def test_huge_file_is_refused_without_being_read_whole(tmp_path: Path) -> None:
    """Bounded by the size limit."""
    assert faults_of(folder(tmp_path, config_yml="#" * 2_000_000)) == ["config.yml"]


def test_folder_in_place_is_named_after_the_code(tmp_path: Path) -> None:
    """The code names the folder; an unpacked archive lies under its digest."""
    made = folder(tmp_path, "elsewhere", config_yml=config())
    assert faults_of(made) == ["config.yml code"]
    assert read_manifest(made, in_place=False).code == "Foo"


def test_bundled_plugin_may_have_an_allocated_name(tmp_path: Path) -> None:
    """Allocated names belong to their owner."""
    made = folder(tmp_path, "helloworld", config_yml=config(code="helloworld"))
    assert faults_of(made) == ["config.yml handle"]
    assert read_manifest(made, bundled=True).handle == "helloworld"


def test_paths_must_be_there(tmp_path: Path) -> None:
    """E-43: a path to table definitions that leads nowhere."""
    made = folder(tmp_path, config_yml=config(orm__path=["tables.yml", "more"]), tables_yml="")
    assert faults_of(made) == ["config.yml orm.path"]


def test_migrations_folder_is_found_by_itself(tmp_path: Path) -> None:
    """E-22: `migrations/` when it exists."""
    made = folder(tmp_path, config_yml=config())
    assert read_manifest(made).migration_paths == ()
    (made / "migrations").mkdir()
    assert read_manifest(made).migration_paths == ("migrations",)
