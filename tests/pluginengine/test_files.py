"""A plugin's own files: safe names, atomic writing, listing with sizes, deleting (design 6, Files)."""

import os
import threading
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core.clock import now
from portal.pluginengine.errors import BadValue
from portal.pluginengine.files import DRAFTS, PluginFiles, sweep_drafts

HOUR = timedelta(hours=1)


@pytest.fixture
def files(tmp_path):
    return PluginFiles(tmp_path, "probe")


def test_a_file_comes_back_as_it_was_written(files):
    before = now() - timedelta(seconds=2)
    written = files.write("avatars/7.png", b"png")
    assert (written.name, written.size) == ("avatars/7.png", 3)
    assert before <= written.written_at <= now() + timedelta(seconds=2)
    assert files.read("avatars/7.png") == b"png"
    assert files.find("avatars/7.png") == written
    with files.open("avatars/7.png") as file:
        assert file.read(2) == b"pn"


def test_a_file_may_be_written_in_chunks(files):
    files.write("export.csv", (b"%d\n" % number for number in range(3)))
    assert files.read("export.csv") == b"0\n1\n2\n"


def test_writing_again_replaces(files):
    files.write("a", b"old and long")
    files.write("a", b"new")
    assert files.read("a") == b"new"


def test_a_writing_that_breaks_off_leaves_the_old_file_and_nothing_else(files, tmp_path):
    def breaking():
        yield b"half"
        raise ConnectionError("the upload broke off")

    files.write("a", b"old")
    with pytest.raises(ConnectionError):
        files.write("a", breaking())
    assert files.read("a") == b"old"
    assert list((tmp_path / DRAFTS).iterdir()) == []


def test_readers_see_the_old_or_the_new_file_and_never_a_half(files):
    size = 400_000
    files.write("a", b"0" * size)
    seen = set()
    stop = threading.Event()

    def read():
        while not stop.is_set():
            content = files.read("a")
            seen.add((len(content), len(set(content))))

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(20):
        files.write("a", b"%d" % (number % 10) * size)
    stop.set()
    reader.join()
    assert seen == {(size, 1)}


def test_what_a_dead_process_left_is_swept_once_it_is_old(files, tmp_path):
    files.write("a", b"x")
    for name in ("old", "young"):
        (tmp_path / DRAFTS / name).write_bytes(b"half")
    os.utime(tmp_path / DRAFTS / "old", (1, 1))
    assert sweep_drafts(tmp_path, grace=HOUR) == 1
    assert [path.name for path in (tmp_path / DRAFTS).iterdir()] == ["young"]
    assert sweep_drafts(tmp_path / "nowhere", grace=HOUR) == 0


@pytest.mark.parametrize(
    "name",
    ["../other/a", "/etc/passwd", "a/../../b", "", ".", "a//b", "a\\b", "C:x", "a\0b", "nul", "a "],
)
def test_a_name_that_could_lead_out_is_refused_by_every_method(files, tmp_path, name):
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "a").write_bytes(b"of another plugin")
    for method in (files.read, files.open, files.find, files.delete):
        with pytest.raises(BadValue):
            method(name)
    with pytest.raises(BadValue):
        files.write(name, b"x")
    if name:
        with pytest.raises(BadValue):
            files.list(name)
    assert not files.folder.exists()


@given(st.text(max_size=30))
def test_whatever_a_name_is_it_is_refused_or_lies_in_the_folder(tmp_path_factory, name):
    files = PluginFiles(tmp_path_factory.getbasetemp(), "probe")
    try:
        path = files._path(name)
    except BadValue:
        return
    assert files.folder in path.parents
    assert os.path.normpath(path) == str(path)


def test_a_link_is_not_followed(files, tmp_path):
    files.write("a", b"x")
    (files.folder / "link").symlink_to(tmp_path)
    with pytest.raises(BadValue, match="link"):
        files.read("link/secret")
    with pytest.raises(BadValue, match="link"):
        files.write("link", b"x")
    assert [each.name for each in files.list()] == ["a"]


def test_a_handle_that_is_none_gets_no_files(tmp_path):
    with pytest.raises(BadValue):
        PluginFiles(tmp_path, "../probe")


def test_files_are_listed_by_name_with_their_sizes(files):
    assert files.list() == ()
    assert files.size() == 0
    for name, size in (("b", 2), ("a/c", 3), ("a/b/d", 4)):
        files.write(name, b"x" * size)
    assert [(each.name, each.size) for each in files.list()] == [("a/b/d", 4), ("a/c", 3), ("b", 2)]
    assert [each.name for each in files.list("a")] == ["a/b/d", "a/c"]
    assert files.size() == 9


def test_a_file_that_goes_while_they_are_listed_is_left_out(files, monkeypatch):
    for name in ("a.txt", "b.txt"):
        files.write(name, b"x")
    real = os.walk

    def walk(folder):
        found = list(real(folder))
        (files.folder / "a.txt").unlink()
        return found

    monkeypatch.setattr(os, "walk", walk)
    monkeypatch.setattr("pathlib.Path.is_file", lambda path: True)
    assert [each.name for each in files.list()] == ["b.txt"]
    files.write("a.txt", b"x")
    assert files.size() == 1


def test_plugins_do_not_see_each_others_files(files, tmp_path):
    PluginFiles(tmp_path, "other").write("a", b"x")
    assert files.list() == ()
    assert files.find("a") is None


def test_deleting_takes_the_empty_folders_along(files):
    files.write("a/b/c", b"x")
    files.write("a/d", b"x")
    assert files.delete("a/b/c") is True
    assert files.delete("a/b/c") is False
    assert files.delete("a/d/e") is False
    assert [path.name for path in files.folder.rglob("*")] == ["a", "d"]


def test_writing_and_deleting_at_once_never_fails(files):
    def toggle(name):
        for _round in range(25):
            files.write(f"a/b/{name}", b"x")
            files.delete(f"a/b/{name}")

    failed = []
    threading.excepthook, hook = failed.append, threading.excepthook
    both = [threading.Thread(target=toggle, args=(name,)) for name in "xy"]
    for each in both:
        each.start()
    for each in both:
        each.join()
    threading.excepthook = hook
    assert failed == []
    assert files.list() == ()


@pytest.mark.parametrize("name", ["a", "b/c"])
def test_a_file_and_a_folder_of_one_name_do_not_replace_each_other(files, name):
    files.write("a/x", b"x")
    files.write("b", b"x")
    with pytest.raises(OSError):
        files.write(name, b"y")
    assert [each.name for each in files.list()] == ["a/x", "b"]


def test_purge_deletes_all_of_one_plugin_and_nothing_of_another(files, tmp_path):
    other = PluginFiles(tmp_path, "other")
    other.write("a", b"x")
    files.write("a/b", b"x")
    files.write("c", b"x")
    assert files.delete_all() == 2
    assert files.delete_all() == 0
    assert not files.folder.exists()
    assert other.read("a") == b"x"


def test_files_are_not_for_everybody_on_the_machine(files):
    files.write("a", b"x")
    assert (files.folder / "a").stat().st_mode & 0o777 == 0o640


def test_a_plugin_is_handed_its_own_files(site, make_plugin, settings):
    make_plugin("probe", methods="def enable(self, config, app):\n    self.files.write('a', b'x')")
    site.operate("register", "probe")
    site.operate("enable", "probe")
    assert (settings.var / "plugin-data" / "probe" / "a").read_bytes() == b"x"
    files = site.engine.plugins["probe"].instance.files
    assert [each.name for each in files.list()] == ["a"]
