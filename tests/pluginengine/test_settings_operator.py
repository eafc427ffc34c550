"""var/plugin-config/<handle>.ini: what the operator has fixed (design 6)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from portal.pluginengine.settings.operator import Locked, OperatorFiles
from tests.pluginengine.manifests import accepted

SETTINGS = {
    each.name: each
    for each in accepted(
        settings={"greeting": {}, "rows": {"type": "integer", "max": "9"}, "Key": {"secret": "1"}}
    ).settings
}


def locked(folder: Path, text: str | None) -> Locked:
    """Return what a file with this text fixes; None for no file."""
    if text is not None:
        (folder / "hello.ini").write_text(text, encoding="utf-8")
    return OperatorFiles(folder).locked("hello", SETTINGS)


def test_without_a_file_nothing_is_fixed(tmp_path: Path) -> None:
    assert locked(tmp_path / "nowhere", None) == Locked()


def test_values_are_read_with_the_types_of_their_settings(tmp_path: Path) -> None:
    found = locked(tmp_path, "[settings]\ngreeting = Hi %(name)s\nrows = 7\nKey = x=y\n")
    assert found == Locked(values={"greeting": "Hi %(name)s", "rows": 7, "Key": "x=y"})


def test_what_is_wrong_is_told_and_fixes_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    found = locked(tmp_path, "[settings]\nrows = 70\nkey = s3cret\ngreeting = Hi\n")
    assert found.values == {"greeting": "Hi"}
    assert found.faults == (
        "hello.ini, rows: At most 9.",
        "hello.ini: there is no setting key.",
    )
    assert "At most 9." in caplog.text
    assert "s3cret" not in caplog.text


@pytest.mark.parametrize("text", ["greeting = Hi\n", "[settings\n", "[other]\ngreeting = Hi\n"])
def test_a_file_without_the_section_fixes_nothing(tmp_path: Path, text: str) -> None:
    found = locked(tmp_path, text)
    assert not found.values
    assert len(found.faults) == 1
    assert "Hi" not in found.faults[0]


def test_a_file_that_changes_is_read_again(tmp_path: Path) -> None:
    files = OperatorFiles(tmp_path)
    path = tmp_path / "hello.ini"
    path.write_text("[settings]\nrows = 1\n")
    assert files.locked("hello", SETTINGS).values == {"rows": 1}
    path.write_text("[settings]\nrows = 2\n")
    os.utime(path, ns=(1, 1))
    assert files.locked("hello", SETTINGS).values == {"rows": 2}
    path.unlink()
    assert files.locked("hello", SETTINGS) == Locked()
