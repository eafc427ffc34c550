"""What an operation did to a plugin's files is taken back when it comes to nothing (design 6, Journal)."""

import errno
import os

import pytest

from portal.core.database import db
from portal.pluginengine.errors import Refused
from portal.pluginengine.files import FILES, PluginFiles
from portal.pluginengine.fileundo import UNDO, FileUndo, left_behind, part_of_operation
from portal.pluginengine.journal import repair
from portal.pluginengine.models import OperationRow
from portal.pluginengine.operations import locked
from tests.fixtures.plugins import upload, write_plugin


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Files are no matter of the database."""
    return sqlite_url


@pytest.fixture
def files(tmp_path):
    """The files of a plugin: a.txt, and b/c.txt."""
    made = PluginFiles(tmp_path, "probe")
    made.write("a.txt", b"a")
    made.write("b/c.txt", b"c")
    return made


def held(files):
    return {each.name: files.read(each.name) for each in files.list()}


BEFORE = {"a.txt": b"a", "b/c.txt": b"c"}
CHANGES = {
    "a file is written over, twice": lambda files: (
        files.write("a.txt", b"x"), files.write("a.txt", b"y")
    ),
    "a new file is written": lambda files: files.write("new/er/file.txt", b"x"),
    "a file is deleted": lambda files: files.delete("b/c.txt"),
    "a file is deleted and written anew": lambda files: (
        files.delete("a.txt"), files.write("a.txt", b"x")
    ),
    "a folder takes the place of a file": lambda files: (
        files.delete("a.txt"), files.write("a.txt/deep.txt", b"x")
    ),
    "a file takes the place of a folder": lambda files: (
        files.delete("b/c.txt"), files.write("b", b"x")
    ),
    "all are deleted": lambda files: files.delete_all(),
    "nothing is changed": lambda files: files.delete("ghost.txt"),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_every_change_is_taken_back(tmp_path, files, change):
    times = {name: (files.folder / name).stat().st_mtime_ns for name in BEFORE}
    with pytest.raises(ValueError), FileUndo(tmp_path, "7").part():
        change(files)
        raise ValueError
    assert held(files) == BEFORE
    assert {name: (files.folder / name).stat().st_mtime_ns for name in BEFORE} == times
    assert sorted(path.name for path in files.folder.iterdir()) == ["a.txt", "b"]
    assert left_behind(tmp_path) == []


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_process_that_died_is_taken_back_from_its_notes(tmp_path, files, change):
    undo = FileUndo(tmp_path, "7")
    with undo.part():
        change(files)
        with undo.part():
            files.write("a.txt" if (files.folder / "a.txt").is_file() else "z.txt", b"later")
    assert left_behind(tmp_path) == ["7"]
    FileUndo(tmp_path, "7").put_back()
    assert held(files) == BEFORE
    assert left_behind(tmp_path) == []


def test_a_note_that_was_cut_short_is_no_note(tmp_path, files):
    with FileUndo(tmp_path, "7").part():
        files.write("a.txt", b"x")
    with (tmp_path / UNDO / "7" / "0" / "notes").open("a") as notes:
        notes.write('{"handle": "pro')
    FileUndo(tmp_path, "7").put_back()
    assert held(files) == BEFORE


def test_putting_back_can_be_done_again(tmp_path, files):
    undo = FileUndo(tmp_path, "7")
    with undo.part():
        files.write("a.txt", b"x")
        files.write("b/c.txt", b"x")
    os.replace(tmp_path / UNDO / "7" / "0" / "2", files.folder / "b" / "c.txt")
    FileUndo(tmp_path, "7").put_back()
    assert held(files) == BEFORE


def test_a_part_that_fails_is_taken_back_alone(tmp_path, files):
    undo = FileUndo(tmp_path, "7")
    with undo.part():
        files.write("a.txt", b"first")
        with pytest.raises(ValueError), part_of_operation():
            files.write("a.txt", b"second")
            files.write("d.txt", b"d")
            raise ValueError
        assert held(files) == {"a.txt": b"first", "b/c.txt": b"c"}
    undo.forget()
    assert held(files) == {"a.txt": b"first", "b/c.txt": b"c"}


def test_a_part_that_succeeded_goes_back_with_the_whole(tmp_path, files):
    with pytest.raises(ValueError), FileUndo(tmp_path, "7").part():
        files.write("a.txt", b"first")
        with part_of_operation():
            files.write("a.txt", b"second")
        raise ValueError
    assert held(files) == BEFORE


def test_outside_of_operations_nothing_is_noted(tmp_path, files):
    files.write("a.txt", b"x")
    with part_of_operation():
        files.delete("b/c.txt")
    assert held(files) == {"a.txt": b"x"}
    assert left_behind(tmp_path) == []


def test_a_full_disk_costs_the_change_that_did_not_fit_and_no_other(tmp_path, files, monkeypatch):
    """A callback may go on after it; what it did before and after is taken back."""
    real = os.fsync

    def full(handle):
        if os.readlink(f"/proc/self/fd/{handle}").endswith("notes"):
            os.ftruncate(handle, os.fstat(handle).st_size - 9)
            raise OSError(errno.ENOSPC, "No space left on device")
        real(handle)

    undo = FileUndo(tmp_path, "7")
    with undo.part():
        files.write("new.txt", b"x")
        monkeypatch.setattr("os.fsync", full)
        with pytest.raises(OSError, match="No space"):
            files.delete("a.txt")
        monkeypatch.setattr("os.fsync", real)
        assert held(files) == {**BEFORE, "new.txt": b"x"}
        files.write("b/c.txt", b"x")
        files.write("a.txt", b"x")
    FileUndo(tmp_path, "7").put_back()
    assert held(files) == BEFORE
    assert left_behind(tmp_path) == []


# -- operations -----------------------------------------------------------------------------------

METHODS = """
def install(self, config, app):
    self._write("install")

def enable(self, config, app):
    self._write("enable")

def update(self, config, app):
    self._write("update")

def disable(self, config, app):
    self._write("disable")

def uninstall(self, config, app):
    self.files.delete("log.txt")
    self._write("uninstall")

def _write(self, what):
    self.files.write("log.txt", what.encode())
    self.files.write(f"of/{what}.txt", b"x")
    if what == FAILING:
        raise ValueError(what)
"""


def probe(make_plugin, failing="", version="1.0"):
    methods = METHODS.replace("FAILING", repr(failing))
    return make_plugin("probe", config={"version": version}, methods=methods)


@pytest.mark.parametrize("verb", ["install", "update", "enable", "disable", "uninstall"])
def test_files_of_a_callback_that_fails_are_as_before(site, make_plugin, verb):
    """A plugin of a folder, at each step of its life."""
    probe(make_plugin, verb, "0.9" if verb == "update" else "1.0")
    if verb == "install":
        PluginFiles(site.settings.var / FILES, "probe").write("log.txt", b"from before")
    elif verb == "enable":
        site.operate("register", "probe")
    else:
        site.enable("probe")
    if verb == "update":
        probe(make_plugin, verb)
    before = site.files()
    with pytest.raises(Refused, match=f"ValueError: {verb}"):
        site.operate(verb, "probe")
    assert site.files() == before
    assert left_behind(site.settings.var / FILES) == []


def test_a_failing_enable_leaves_what_install_wrote(site, make_plugin):
    """2.3.3, step 7: the plugin stays installed, disabled."""
    probe(make_plugin, "enable")
    outcome = site.operate("install", "probe")
    assert outcome.warnings
    written = {name: text for name, text in site.files().items() if "plugin-data" in name}
    assert written == {
        "plugin-data/probe/log.txt": b"install",
        "plugin-data/probe/of/install.txt": b"x",
    }


def test_a_rehearsal_leaves_no_files(site, tmp_path):
    folder = write_plugin(tmp_path / "x", "probe", methods=METHODS.replace("FAILING", "''"))
    site.operate("install", upload(folder), dry_run=True)
    assert site.files() == {}
    site.operate("install", upload(folder))
    before = site.files()
    assert before["plugin-data/probe/log.txt"] == b"enable"
    site.operate("uninstall", "probe", purge=True, dry_run=True)
    assert site.files() == before


@pytest.mark.parametrize(
    ("step", "kept"), [("begun", False), ("failed", False), (None, False), ("done", True)]
)
def test_notes_of_a_dead_process_are_judged_by_the_journal(site, make_plugin, step, kept):
    """Committed: the files stay as they are; else they go back, whatever the line came to."""
    probe(make_plugin)
    site.enable("probe")
    place = site.settings.var / FILES
    files = PluginFiles(place, "probe")
    entry = "999999"
    if step is not None:
        with site.arrange():
            db.session.add(OperationRow(operation_id=999999, verb="x", code="probe", step=step))
    with FileUndo(place, entry).part():
        files.write("log.txt", b"by the dead")
    with site.app.app_context(), locked(site.runtime):
        repair(site.runtime)
    assert files.read("log.txt") == (b"by the dead" if kept else b"enable")
    assert left_behind(place) == []
