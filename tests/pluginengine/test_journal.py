"""The journal: what each operation leaves in it, and how what dead processes left is put in order."""

import os
from contextvars import Context

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import OperationalError

from portal.core import unit_of_work
from portal.core.database import db
from portal.pluginengine import journal, rows, store
from portal.pluginengine.archive import read_archive
from portal.pluginengine.errors import Refused
from portal.pluginengine.files import FILES, PluginFiles
from portal.pluginengine.models import OperationRow
from portal.pluginengine.operations import locked
from portal.pluginengine.sweeping import put_in_order, sweep, sweep_all
from tests.fixtures.plugins import pack, upload, write_plugin


@pytest.fixture
def database_url(sqlite_url):
    """One database: what differs between the two is tried by operations and their deaths."""
    return sqlite_url


@pytest.fixture
def source(tmp_path):
    return upload(write_plugin(tmp_path / "authors", "Probe"))


def lines(site) -> list[tuple[str, str, str]]:
    with site.arrange("read"):
        rows = db.session.scalars(select(OperationRow).order_by(OperationRow.operation_id))
        return [(each.verb, each.code, each.step) for each in rows]


def leave_open(site, **values):
    """Write the line that a process leaves which dies in an operation."""
    with site.app.app_context():
        entry = journal.begin(site.runtime, "install", "Probe", values.pop("archive", None))
    with site.arrange():
        line = update(OperationRow).where(OperationRow.operation_id == entry)
        db.session.execute(line.values({"code": "Probe", **values}))


def test_every_operation_leaves_a_line_with_its_end(site, source, make_plugin):
    site.operate("install", source)
    with pytest.raises(Refused):
        site.operate("install", source)
    site.operate("update", source)  # nothing to do
    site.operate("uninstall", "probe", dry_run=True)
    site.operate("uninstall", "PROBE", purge=True)
    assert lines(site) == [
        ("install", "Probe", "done"),
        ("install", "Probe", "refused"),
        ("uninstall", "PROBE", "done"),
    ]
    with site.arrange("read"):
        last, refused, first = journal.last_operations("probe")
        assert first.message == "Plugin Probe installed and enabled."
        assert first.generation == site.engine.state.generation - 2  # silenced, then gone
        assert first.finished_at >= first.started_at
        assert "installed already" in refused.message
        assert (last.message, refused.generation) == (
            "Plugin Probe uninstalled; nothing of it is left.",
            None,
        )


def test_a_line_without_an_end_is_closed_by_the_next_operation(site, source):
    leave_open(site)
    site.operate("install", source)
    assert [step for _verb, _code, step in lines(site)] == ["interrupted", "done"]


def test_what_an_interrupted_installation_left_outside_the_database_goes(site, source):
    archive = source.archive.sha256
    folder = site.settings.var / "store" / archive
    folder.mkdir(parents=True)
    PluginFiles(site.settings.var / FILES, "probe").write("a.txt", b"a")
    leave_open(site, archive=archive, files_of="probe")
    put_in_order(site.app)
    assert not folder.exists()
    assert not (site.settings.var / FILES / "probe").exists()
    assert lines(site) == [("install", "Probe", "interrupted")]


def test_an_archive_that_was_there_before_stays(site, source):
    site.operate("install", source)
    leave_open(site, archive=source.archive.sha256)
    put_in_order(site.app)
    assert not site.runtime.store.verify(source.archive.sha256, _reads(site))


def test_files_of_a_purged_plugin_go_at_the_next_start(site):
    """The line keeps its handle: the code may be another."""
    PluginFiles(site.settings.var / FILES, "probe").write("a.txt", b"a")
    leave_open(site, code="Probe1", step="files", files_of="probe")
    put_in_order(site.app)
    assert not (site.settings.var / FILES / "probe").exists()
    assert lines(site) == [("install", "Probe1", "done")]


def test_a_start_leaves_a_running_operation_alone(site):
    leave_open(site)
    with site.app.app_context(), locked(site.runtime):
        put_in_order(site.build())
    assert [step for _verb, _code, step in lines(site)] == ["begun"]


def test_a_start_survives_a_journal_that_cannot_be_read(site, caplog):
    with site.arrange():
        db.session.execute(text("ALTER TABLE engine_operations RENAME TO gone"))
    put_in_order(site.app)
    assert "could not be put in order" in caplog.text


def test_the_sweep_takes_what_nobody_needs_after_its_time(site, source):
    site.operate("install", source)
    site.operate("uninstall", "probe")
    with site.arrange("read"):
        sweep()
    assert len(site.rows("engine_archives")) == 1, "it was uploaded a moment ago"
    site.sweep()
    assert site.rows("engine_archives") == site.rows("engine_archive_chunks") == []
    assert not list((site.settings.var / "store").glob("[!.]*"))


def test_the_sweep_stands_back_while_an_operation_runs(site, source):
    with site.app.app_context(), locked(site.runtime):
        with pytest.raises(Refused, match="Another operation"):
            sweep_all(site.runtime)
        sweep()


def test_the_same_files_make_the_same_archive(tmp_path):
    folder = write_plugin(tmp_path, "Probe")
    assert read_archive(pack(folder)).sha256 == read_archive(pack(folder)).sha256


def _reads(site):
    return store.OwnReads(site.settings.database_url)


# -- what breaks while an operation runs ----------------------------------------------------------

WRITES = """
def install(self, config, app):
    self.files.write("a.txt", b"a")
"""


@pytest.mark.parametrize(("is_in", "step"), [(True, "done"), (False, "interrupted")])
def test_a_connection_that_breaks_at_the_commit_leaves_what_the_database_says(
    site, tmp_path, monkeypatch, is_in, step
):
    """The answer is lost, and with it whether the transaction is in; the journal's line tells."""
    source = upload(write_plugin(tmp_path / "writers", "Probe", methods=WRITES))
    real, folder = unit_of_work.commit, site.settings.var / "store" / source.archive.sha256

    def breaking():
        ours = select(OperationRow.operation_id).where(OperationRow.step == "done")
        if db.session.registry.has() and db.session.scalar(ours) is not None:
            monkeypatch.setattr(unit_of_work, "commit", real)
            if is_in:
                real()
            raise OperationalError("COMMIT", {}, Exception("gone"), connection_invalidated=True)
        real()

    monkeypatch.setattr(unit_of_work, "commit", breaking)
    with pytest.raises(OperationalError):
        site.operate("install", source)
    site.refresh()
    assert lines(site) == [("install", "Probe", step)]
    assert (site.settings.var / FILES / "probe" / "a.txt").exists() is is_in
    assert ("probe" in site.engine.plugins) is folder.exists() is is_in
    assert not list((site.settings.var / FILES / ".undo").glob("*"))


def test_a_refused_operation_takes_nothing_from_the_plugin_that_is_there(site, source, monkeypatch):
    """Its first file may be written, and its archive unpacked, while another installs it again."""
    site.operate("install", source)
    files = PluginFiles(site.settings.var / FILES, "probe")
    folder = site.settings.var / "store" / source.archive.sha256
    site.runtime.store.discard(source.archive.sha256)
    real = rows.find_row

    def meanwhile(code):
        if not files.list() and journal_is_open(site):
            Context().run(files.write, "a.txt", b"a")  # as a request does, beside the operation
            site.runtime.stored(source.archive.sha256)
        return real(code)

    monkeypatch.setattr(rows, "find_row", meanwhile)
    with pytest.raises(Refused):
        site.operate("install", source)
    assert files.read("a.txt") == b"a"
    assert folder.exists()


def journal_is_open(site) -> bool:
    with unit_of_work.unit_of_work("read"):
        return (
            db.session.scalar(select(OperationRow).where(OperationRow.step == "begun")) is not None
        )


@pytest.mark.parametrize("line", ["\0\0\0\n", '{"no": "note"}\n', '"text"\n'])
def test_notes_that_nobody_can_read_keep_no_operation_from_running(site, source, caplog, line):
    """As a power cut may leave them; they stay for whoever reads the log."""
    notes = site.settings.var / FILES / ".undo" / "7" / "0" / "notes"
    notes.parent.mkdir(parents=True)
    notes.write_text(line)
    assert site.operate("install", source).changed
    assert notes.exists()
    assert "What operation 7 did to plugins' files could not be put back" in caplog.text


def test_what_a_callback_has_forked_does_not_hold_the_operations(site):
    """A process that outlives its operation has the file of the lock open, too."""
    reading, writing = os.pipe()
    with site.app.app_context(), locked(site.runtime):
        child = os.fork()
        if not child:
            os.read(reading, 1)
            os._exit(0)
    try:
        with site.app.app_context(), locked(site.runtime, patience=0):
            pass
    finally:
        os.write(writing, b"x")
        os.waitpid(child, 0)
