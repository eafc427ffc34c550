"""Code identity: what counts for a folder's digest, and that it is read again only when it changes."""

import hashlib
import os

import pytest

from portal.pluginengine.digest import Digests, folder_digest


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "probe"
    (place / "templates").mkdir(parents=True)
    (place / "plugin.py").write_text("one")
    (place / "templates" / "page.html").write_text("two")
    return place


def test_a_digest_is_a_sha256_in_hexadecimal(folder):
    assert len(folder_digest(folder)) == hashlib.sha256().digest_size * 2
    assert int(folder_digest(folder), 16)


def test_equal_folders_have_equal_digests_wherever_they_lie(folder, tmp_path):
    twin = tmp_path / "elsewhere"
    (twin / "templates").mkdir(parents=True)
    (twin / "templates" / "page.html").write_text("two")
    (twin / "plugin.py").write_text("one")
    assert folder_digest(twin) == folder_digest(folder)


CHANGES = {
    "a content": lambda folder: (folder / "plugin.py").write_text("One"),
    "a new file": lambda folder: (folder / "more.txt").write_text(""),
    "a removed file": lambda folder: (folder / "plugin.py").unlink(),
    "a renamed file": lambda folder: (folder / "plugin.py").rename(folder / "plugins.py"),
    "a moved file": lambda folder: (folder / "plugin.py").rename(
        folder / "templates" / "plugin.py"
    ),
    "a file in a new folder": lambda folder: (
        (folder / "static").mkdir(),
        (folder / "static" / "a.css").write_text("a"),
    ),
    "a border between name and content": lambda folder: (
        (folder / "plugin.py").rename(folder / "plugin.pyo"),
        (folder / "plugin.pyo").write_text("ne"),
    ),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_every_change_of_a_file_counts(folder, change):
    before = folder_digest(folder)
    change(folder)
    assert folder_digest(folder) != before


@pytest.mark.parametrize(
    "name",
    [
        "__pycache__/plugin.cpython-311.pyc",
        "plugin.pyc",
        "tests/test_plugin.py",
        ".git/HEAD",
        ".pytest_cache/x",
        "templates/__pycache__/x",
    ],
)
def test_compiled_files_caches_and_tests_do_not_count(folder, name):
    before = folder_digest(folder)
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("something")
    assert folder_digest(folder) == before


def test_a_changed_file_is_noticed(folder):
    digests = Digests()
    before = digests.of(folder)
    (folder / "plugin.py").write_text("other text")
    assert digests.of(folder) == folder_digest(folder) != before


def test_a_file_is_read_again_only_when_its_time_or_size_has_changed(folder):
    digests = Digests()
    path = folder / "plugin.py"
    before, stat = digests.of(folder), path.stat()
    path.write_text("eno")
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert digests.of(folder) == before
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns + 1))
    assert digests.of(folder) != before
