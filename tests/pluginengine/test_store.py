"""The store: archives whole in the database, unpacked by each host, checked and restored (design 6)."""

import logging
import os
import random
import threading
import time
from datetime import timedelta
from multiprocessing import get_context

import pytest
from sqlalchemy import func, select, update

from portal.core.clock import frozen, now
from portal.core.database import db
from portal.core.unit_of_work import unit_of_work
from portal.pluginengine import store
from portal.pluginengine.archive import read_archive
from portal.pluginengine.archive.limits import MIB
from portal.pluginengine.digest import folder_digest
from portal.pluginengine.models import ArchiveChunkRow, ArchiveRow
from portal.pluginengine.modules import PluginModules
from portal.pluginengine.store import Differences, Store, StoreError
from portal.pluginengine.store.archives import read_bytes
from tests.pluginengine.archives import FILES, gzipped, tarred, zipped

ARCHIVE = read_archive(zipped(FILES))
TOPPED = read_archive(gzipped({f"top/{path}": content for path, content in FILES.items()}))
NOISE = random.Random(7).randbytes(5 * MIB // 2)
LARGE = read_archive(zipped({**FILES, "static/noise.bin": NOISE}))
GRACE = timedelta(hours=1)


@pytest.fixture
def host(tmp_path):
    """A host's store with an empty directory."""
    return Store(tmp_path / "store")


@pytest.fixture
def stored(unit, host):
    """A host's store, and the archive in the database."""
    store.put(ARCHIVE, uploaded_by=7)
    return host


def files_below(folder):
    """The files of a folder with their contents."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def age(path, by):
    """Make a file or folder older."""
    moment = path.stat().st_mtime - by.total_seconds()
    os.utime(path, (moment, moment))


def test_an_archive_comes_back_as_it_was(unit):
    moment = now()
    with frozen(moment):
        assert store.put(ARCHIVE, uploaded_by=7) is True
    found = store.find(ARCHIVE.sha256, db.session)
    assert (found.handle, found.code, found.version, found.top) == ("probe", "Probe", "1.0", "")
    assert (found.size, found.uploaded_at, found.uploaded_by) == (len(ARCHIVE.data), moment, 7)
    assert found.files == ARCHIVE.files
    assert read_bytes(ARCHIVE.sha256, db.session) == ARCHIVE.data


def test_a_large_archive_lies_in_chunks_of_a_mebibyte(unit):
    store.put(LARGE)
    sizes = select(func.length(ArchiveChunkRow.content)).order_by(ArchiveChunkRow.position)
    rest = len(LARGE.data) - 2 * MIB
    assert list(db.session.scalars(sizes)) == [MIB, MIB, rest]
    assert read_bytes(LARGE.sha256, db.session) == LARGE.data


def test_the_same_archive_is_kept_once_and_marked_as_uploaded_again(unit):
    store.put(ARCHIVE, uploaded_by=7)
    later = now() + timedelta(days=1)
    with frozen(later):
        assert store.put(ARCHIVE, uploaded_by=8) is False
    found = store.find(ARCHIVE.sha256, db.session)
    assert (found.uploaded_at, found.uploaded_by) == (later, 8)
    assert db.session.scalar(select(func.count()).select_from(ArchiveChunkRow)) == 1


def test_two_uploads_at_once_keep_one_archive(app):
    results = []
    inside = threading.Barrier(2)

    def upload(pause):
        with app.app_context(), unit_of_work("write"):
            if not pause:
                inside.wait(10)
            results.append(store.put(LARGE))
            if pause:
                inside.wait(10)
                time.sleep(0.3)

    both = [threading.Thread(target=upload, args=(pause,)) for pause in (True, False)]
    for each in both:
        each.start()
    for each in both:
        each.join(30)
    assert sorted(results) == [False, True]
    with app.app_context(), unit_of_work("read"):
        assert read_bytes(LARGE.sha256, db.session) == LARGE.data


def test_an_upload_that_is_undone_leaves_nothing(app):
    with app.app_context():
        with pytest.raises(ZeroDivisionError), unit_of_work("write"):
            store.put(LARGE)
            raise ZeroDivisionError
        with unit_of_work("read"):
            assert db.session.scalar(select(func.count()).select_from(ArchiveRow)) == 0
            assert db.session.scalar(select(func.count()).select_from(ArchiveChunkRow)) == 0


def test_an_archive_that_is_not_there_is_told_by_its_name(unit, host):
    with pytest.raises(StoreError, match="holds no archive 0000"):
        host.folder_of("0000", db.session)
    assert not (host.place / "0000").exists()


def test_an_archive_damaged_in_the_database_is_not_unpacked(stored):
    db.session.execute(update(ArchiveChunkRow).values(content=b"PK something else"))
    with pytest.raises(StoreError, match="damaged in the database"):
        stored.folder_of(ARCHIVE.sha256, db.session)
    assert not (stored.place / ARCHIVE.sha256).exists()


def test_a_listing_that_is_not_the_archives_leaves_nothing(stored):
    db.session.execute(update(ArchiveRow).values(listing=[["plugin.py", 1, "0" * 64]]))
    with pytest.raises(StoreError, match="does not hold"):
        stored.folder_of(ARCHIVE.sha256, db.session)
    assert [path for path in stored.place.iterdir() if path.is_dir()] == []


@pytest.mark.parametrize("archive", [ARCHIVE, TOPPED, read_archive(tarred(FILES))])
def test_a_host_unpacks_what_it_lacks_into_a_folder_named_by_content(unit, host, archive):
    store.put(archive)
    folder = host.folder_of(archive.sha256, db.session)
    assert folder == host.place / archive.sha256
    assert files_below(folder) == FILES


def test_unpacked_files_are_read_only_and_never_executable(stored):
    folder = stored.folder_of(ARCHIVE.sha256, db.session)
    modes = {path.stat().st_mode & 0o777 for path in folder.rglob("*") if path.is_file()}
    assert modes == {0o444}
    assert folder.stat().st_mode & 0o777 == 0o755


def test_hosts_unpack_the_same_so_that_modules_have_the_same_names(stored, tmp_path):
    folders = [
        each.folder_of(ARCHIVE.sha256, db.session) for each in (stored, Store(tmp_path / "other"))
    ]
    assert folder_digest(folders[0]) == folder_digest(folders[1])


def test_a_plugin_runs_from_the_store_and_leaves_no_trace_there(stored):
    folder = stored.folder_of(ARCHIVE.sha256, db.session)
    modules = PluginModules()
    try:
        package = modules.package_name("probe", folder, ARCHIVE.sha256)
        assert package == f"portal_plugins.probe_{ARCHIVE.sha256[:12]}"
        loaded = modules.load(package, "plugin", "probe")
        assert loaded is not None
        assert loaded.Probe.__module__.startswith(package)
    finally:
        modules.close()
    assert not stored.verify(ARCHIVE.sha256, db.session)


TAMPERINGS = {
    "a modified file": (
        lambda folder: rewrite(folder / "plugin.py", b"#" * len(FILES["plugin.py"])),
        Differences(modified=("plugin.py",)),
    ),
    "a longer file": (
        lambda folder: rewrite(folder / "plugin.py", b"longer" * 99),
        Differences(modified=("plugin.py",)),
    ),
    "a missing file": (
        lambda folder: (folder / "config.yml").unlink(),
        Differences(missing=("config.yml",)),
    ),
    "a missing folder": (
        lambda folder: ((folder / "static" / "probe.css").unlink(), (folder / "static").rmdir()),
        Differences(missing=("static/probe.css",)),
    ),
    "a file too many": (
        lambda folder: (folder / "static" / "evil.js").write_text("x"),
        Differences(extra=("static/evil.js",)),
    ),
    "compiled Python that would run in place of the source": (
        lambda folder: (
            (folder / "__pycache__").mkdir(),
            (folder / "__pycache__" / "plugin.cpython-311.pyc").write_text("x"),
        ),
        Differences(extra=("__pycache__/",)),
    ),
    "a link in place of a file": (
        lambda folder: (
            (folder / "plugin.py").unlink(),
            (folder / "plugin.py").symlink_to("/etc/hostname"),
        ),
        Differences(modified=("plugin.py",)),
    ),
    "a link in place of a folder": (
        lambda folder: (
            (folder / "static").rename(folder.parent / "aside"),
            (folder / "static").symlink_to(folder.parent / "aside"),
        ),
        Differences(missing=("static/probe.css",), extra=("static",)),
    ),
    "a folder in place of a file": (
        lambda folder: ((folder / "plugin.py").unlink(), (folder / "plugin.py").mkdir()),
        Differences(modified=("plugin.py",)),
    ),
    "a file in place of a folder": (
        lambda folder: (
            (folder / "static").rename(folder.parent / "aside"),
            (folder / "static").write_text("x"),
        ),
        Differences(missing=("static/probe.css",), extra=("static",)),
    ),
}


def rewrite(path, content):
    path.chmod(0o644)
    path.write_bytes(content)


def test_an_untouched_folder_does_not_differ(stored):
    stored.folder_of(ARCHIVE.sha256, db.session)
    assert not stored.verify(ARCHIVE.sha256, db.session)


def test_a_folder_that_is_not_there_differs_by_all_its_files(stored):
    differences = stored.verify(ARCHIVE.sha256, db.session)
    assert differences == Differences(missing=tuple(sorted(FILES)), is_absent=True)


@pytest.mark.parametrize(("tamper", "expected"), TAMPERINGS.values(), ids=TAMPERINGS)
def test_tampering_is_told_and_restored(tmp_path, tamper, expected):
    """Without a database: what a folder differs by, and mending it, are matters of the file system."""
    folder = tmp_path / ARCHIVE.sha256
    store.folders.unpack(folder, ARCHIVE.files, ARCHIVE.contents())
    tamper(folder)
    differences = store.folders.compare(folder, ARCHIVE.files)
    assert differences == expected
    store.folders.mend(folder, ARCHIVE.files, ARCHIVE.contents(), differences)
    assert not store.folders.compare(folder, ARCHIVE.files)
    assert files_below(folder) == FILES
    assert {path.name for path in tmp_path.iterdir()} <= {ARCHIVE.sha256, "aside"}


def test_a_tampered_folder_is_restored_and_logged_when_it_is_asked_for(stored, caplog):
    folder = stored.folder_of(ARCHIVE.sha256, db.session)
    rewrite(folder / "plugin.py", b"evil")
    (folder / "more.py").write_text("evil")
    with caplog.at_level(logging.ERROR):
        assert stored.folder_of(ARCHIVE.sha256, db.session) == folder
    assert files_below(folder) == FILES
    assert "modified ['plugin.py'], missing [], extra ['more.py']" in caplog.text


def test_what_was_right_stays_in_place_while_the_rest_is_restored(stored):
    folder = stored.folder_of(ARCHIVE.sha256, db.session)
    inode = (folder / "config.yml").stat().st_ino
    (folder / "plugin.py").unlink()
    assert stored.restore(ARCHIVE.sha256, db.session) == Differences(missing=("plugin.py",))
    assert (folder / "config.yml").stat().st_ino == inode


def test_a_folder_that_is_a_link_is_replaced_by_a_real_one(stored, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    stored.place.mkdir()
    (stored.place / ARCHIVE.sha256).symlink_to(elsewhere)
    folder = stored.folder_of(ARCHIVE.sha256, db.session)
    assert not folder.is_symlink()
    assert files_below(folder) == FILES
    assert list(elsewhere.iterdir()) == []


def test_an_unchanged_folder_is_read_once_and_its_archive_not_again(stored, count_selects):
    stored.folder_of(ARCHIVE.sha256, db.session)
    with count_selects() as selects:
        stored.folder_of(ARCHIVE.sha256, db.session)
    assert selects == []


def _unpack_at_once(place, barrier, results):
    barrier.wait()
    store.folders.unpack(place / LARGE.sha256, LARGE.files, LARGE.contents())
    results.put(bool(store.folders.compare(place / LARGE.sha256, LARGE.files)))


def test_two_processes_unpack_at_once_and_one_folder_is_left(tmp_path):
    processes = get_context("spawn")
    barrier, results = processes.Barrier(2), processes.Queue()
    both = [
        processes.Process(target=_unpack_at_once, args=(tmp_path, barrier, results))
        for _ in range(2)
    ]
    for each in both:
        each.start()
    for each in both:
        each.join(60)
    assert [each.exitcode for each in both] == [0, 0]
    assert [results.get(timeout=5) for _ in both] == [False, False]
    assert [path.name for path in tmp_path.iterdir()] == [LARGE.sha256]


def test_a_folder_is_swept_only_after_it_was_unused_for_the_time_of_grace(stored):
    folder = stored.folder_of(ARCHIVE.sha256, db.session)
    age(folder, 10 * GRACE)
    assert stored.sweep([ARCHIVE.sha256], grace=GRACE) == ()
    assert stored.sweep([], grace=GRACE) == ()
    assert stored.sweep([], grace=GRACE) == ()
    assert folder.exists()
    age(stored.place / f".unused-{ARCHIVE.sha256}", 2 * GRACE)
    assert stored.sweep([], grace=GRACE) == (ARCHIVE.sha256,)
    assert [path.name for path in stored.place.iterdir()] == [".lock"]


@pytest.mark.parametrize("how", ["asked for", "referred to"])
def test_a_folder_that_is_needed_again_begins_its_grace_anew(stored, how):
    folder = stored.folder_of(ARCHIVE.sha256, db.session)
    stored.sweep([], grace=GRACE)
    age(stored.place / f".unused-{ARCHIVE.sha256}", 2 * GRACE)
    if how == "asked for":
        stored.folder_of(ARCHIVE.sha256, db.session)
    else:
        stored.sweep([ARCHIVE.sha256], grace=GRACE)
    assert stored.sweep([], grace=GRACE) == ()
    assert folder.exists()


def test_a_swept_folder_is_unpacked_again_when_it_is_needed(stored):
    stored.folder_of(ARCHIVE.sha256, db.session)
    stored.sweep([], grace=GRACE)
    age(stored.place / f".unused-{ARCHIVE.sha256}", 2 * GRACE)
    stored.sweep([], grace=GRACE)
    assert files_below(stored.folder_of(ARCHIVE.sha256, db.session)) == FILES


def test_old_drafts_are_swept_and_what_is_not_the_stores_stays(stored):
    stored.place.mkdir()
    for name in (".draft-old", ".draft-young", "notes"):
        (stored.place / name).mkdir()
    age(stored.place / ".draft-old", 2 * GRACE)
    age(stored.place / "notes", 2 * GRACE)
    stored.sweep([], grace=GRACE)
    left = {path.name for path in stored.place.iterdir()}
    assert left == {".draft-young", "notes", ".lock"}


def test_unused_archives_are_deleted_with_their_chunks_after_the_time_of_grace(unit):
    with frozen(now() - 2 * GRACE):
        store.put(ARCHIVE)
        store.put(LARGE)
    store.put(TOPPED)
    assert store.remove_unused([LARGE.sha256], grace=GRACE) == (ARCHIVE.sha256,)
    assert set(db.session.scalars(select(ArchiveRow.sha256))) == {LARGE.sha256, TOPPED.sha256}
    assert set(db.session.scalars(select(ArchiveChunkRow.sha256))) == {LARGE.sha256, TOPPED.sha256}


def test_an_archive_uploaded_again_is_not_swept(unit):
    with frozen(now() - 2 * GRACE):
        store.put(ARCHIVE)
    store.put(ARCHIVE)
    assert store.remove_unused([], grace=GRACE) == ()
