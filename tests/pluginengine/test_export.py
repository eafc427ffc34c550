"""The export: all that a plugin holds in one zip, read back (design 6, Files; purge)."""

import base64
import io
import json
import os
import shutil
from decimal import Decimal
from typing import Any
from zipfile import ZipFile

import pytest
from sqlalchemy import text

from portal import __version__
from portal.core.audit.models import AuditEntry
from portal.core.database import db
from portal.pluginengine.errors import Refused
from portal.pluginengine.export import export_plugin
from portal.pluginengine.export.tables import BATCH
from portal.pluginengine.export.values import as_json
from portal.pluginengine.files import FILES, PluginFiles
from portal.pluginengine.holders import leftovers
from tests.factories import make_group, make_user
from tests.fixtures.plugins import PluginSite, upload, write_plugin

MIGRATION = """
    import sqlalchemy as sa
    from alembic import op

    revision = "probe_1"
    down_revision = None


    def upgrade():
        op.create_table(
            "plugin_probe_thing",
            sa.Column("thing_id", sa.Integer, primary_key=True),
            sa.Column("title", sa.String(40), nullable=False),
            sa.Column("price", sa.Numeric(12, 3)),
            sa.Column("weight", sa.Float),
            sa.Column("is_new", sa.Boolean),
            sa.Column("made_at", sa.DateTime(timezone=True)),
            sa.Column("day", sa.Date),
            sa.Column("raw", sa.LargeBinary),
            sa.Column("order", sa.JSON),
        )
        op.create_index("plugin_probe_by_day", "plugin_probe_thing", ["day"])
        op.create_table("plugin_probe_empty", sa.Column("a", sa.Integer))
        op.execute("CREATE VIEW plugin_probe_titles AS SELECT title FROM plugin_probe_thing")
"""
BYTES = bytes(range(256))
INSERT = """
    INSERT INTO plugin_probe_thing VALUES
    (:id, :title, :price, :weight, :is_new, :made_at, :day, :raw, '{"b": [1, null]}')
"""


@pytest.fixture
def held(site: PluginSite, tmp_path) -> PluginSite:
    """A site where the probe holds rows of many types, two files and two choices."""
    folder = write_plugin(
        tmp_path / "authors",
        "probe",
        config={"schema_version": "2", "scope": ["group", "user"]},
        events={"groupmenu": ["tab"]},
        methods="def tab(self):\n    return None",
        files={"migrations/1.py": MIGRATION},
    )
    site.operate("install", upload(folder))
    files = PluginFiles(site.settings.var / FILES, "probe")
    files.write("a/one.bin", BYTES * 1000)
    files.write("zwei.txt", "grüß".encode())
    with site.arrange():
        values = {
            "id": 1, "title": "Ünïcode\n\"'", "price": "12.340", "weight": 0.1, "is_new": True,
            "made_at": "2026-03-01 12:30:00.250000+00:00", "day": "2026-03-01", "raw": BYTES,
        }  # fmt: skip
        db.session.execute(text(INSERT), values)
        db.session.execute(
            text("INSERT INTO plugin_probe_thing (thing_id, title) VALUES (:id, 'more')"),
            [{"id": number} for number in range(2, BATCH + 10)],
        )
        group, user = make_group("apollo"), make_user("alice")
        assert group.set_plugin_usage("probe", True)
        assert user.set_plugin_usage("probe", False)
    return site


def exported(site: PluginSite, code: str = "probe") -> ZipFile:
    target = io.BytesIO()
    with site.app.app_context():
        export_plugin(code, target)
    archive = ZipFile(target)
    assert archive.testzip() is None
    return archive


def read(archive: ZipFile, name: str) -> Any:
    return json.loads(archive.read(name))


def lines(archive: ZipFile, name: str) -> list[Any]:
    return [json.loads(line) for line in archive.read(name).decode().splitlines()]


def test_every_value_comes_back_as_it_was_stored(held):
    first, *others = lines(exported(held), "tables/plugin_probe_thing.jsonl")
    assert first["title"] == "Ünïcode\n\"'"
    assert Decimal(first["price"]) == Decimal("12.34")
    assert (first["weight"], first["is_new"], first["day"]) == (0.1, True, "2026-03-01")
    assert first["made_at"] == "2026-03-01T12:30:00.250000+00:00"
    assert base64.b64decode(first["raw"]["base64"]) == BYTES
    assert json.loads(first["order"]) == {"b": [1, None]}
    assert [each["thing_id"] for each in others] == list(range(2, BATCH + 10))
    assert others[0]["raw"] is None


def test_the_manifest_says_what_it_is_and_counts_it(held):
    archive = exported(held)
    said = read(archive, "manifest.json")
    assert said["format"] == 1
    assert (said["code"], said["handle"], said["installed"]) == ("probe", "probe", True)
    assert (said["version"], said["schema_version"], said["portal"]) == ("1.0", "2", __version__)
    counted = {each["name"]: each["rows"] for each in said["tables"]}
    assert counted.pop("plugin_probe_migrations") == 1
    assert counted.pop("plugin_probe_meta_data") == 2
    assert counted == {"plugin_probe_empty": 0, "plugin_probe_thing": BATCH + 9}
    kinds = {
        column["name"]: column["kind"]
        for each in said["tables"]
        if each["name"] == "plugin_probe_thing"
        for column in each["columns"]
    }
    assert (kinds["made_at"], kinds["price"], kinds["raw"]) == ("datetime", "decimal", "bytes")
    assert (said["files"], said["file_bytes"]) == (2, 256_000 + len("grüß".encode()))


def test_the_schema_can_be_made_anew_from_what_stands_in_it(held):
    made = exported(held).read("schema.sql").decode()
    for what in ("CREATE TABLE plugin_probe_thing", "plugin_probe_by_day", "plugin_probe_titles"):
        assert what in made
    held.operate("uninstall", "probe", purge=True)
    assert not [name for name in held.tables() if name.startswith("plugin_probe")]
    with held.arrange():
        for statement in made.split(";\n"):
            if statement.strip():
                db.session.execute(text(statement.replace(":", r"\:")))
    assert {"plugin_probe_thing", "plugin_probe_empty"} <= held.tables()


def test_its_files_choices_and_handlers_are_in_it(held):
    archive = exported(held)
    assert archive.read("files/a/one.bin") == BYTES * 1000
    assert archive.read("files/zwei.txt").decode() == "grüß"
    assert lines(archive, "choices/group_plugin.jsonl") == [{"group": "apollo", "used": True}]
    assert lines(archive, "choices/user_plugin.jsonl") == [{"user": "alice", "used": False}]
    (handler,) = lines(archive, "handlers.jsonl")
    assert (handler["event"], handler["handler"], handler["priority"]) == ("groupmenu", "tab", 400)
    assert read(archive, "plugin.json")["plugin_name"] == "probe"


def test_no_name_in_it_leads_out_of_the_folder_that_it_is_unpacked_in(held):
    with held.arrange():
        db.session.execute(text('CREATE TABLE "plugin_probe_/../../up" (a INTEGER)'))
    names = exported(held).namelist()
    assert "tables/plugin_probe_%2F..%2F..%2Fup.jsonl" in names
    assert not [name for name in names if ".." in name.split("/")]


def test_files_that_no_zip_can_hold_do_not_keep_it_from_being_written(held):
    """One from before 1980, and a pipe, which would never end."""
    folder = held.settings.var / FILES / "probe"
    os.utime(folder / "zwei.txt", (0, 0))
    os.mkfifo(folder / "pipe")
    archive = exported(held)
    assert archive.getinfo("files/zwei.txt").date_time == (1980, 1, 1, 0, 0, 0)
    assert "files/pipe" not in archive.namelist()


def test_it_is_written_when_the_plugin_is_uninstalled_and_its_code_gone(held):
    held.operate("uninstall", "probe")
    held.sweep()
    shutil.rmtree(held.settings.var / "store", ignore_errors=True)
    archive = exported(held)
    assert read(archive, "manifest.json")["installed"] is False
    assert len(lines(archive, "tables/plugin_probe_thing.jsonl")) == BATCH + 9
    assert lines(archive, "choices/group_plugin.jsonl") == [{"group": "apollo", "used": True}]


def test_it_is_written_for_a_handle_that_no_plugin_has_any_more(held):
    held.operate("unregister", "probe", disable_first=True)
    (left,) = run(held, leftovers)
    assert (left.handle, left.belongings.files) == ("probe", 2)
    archive = exported(held)
    said = read(archive, "manifest.json")
    assert (said["handle"], said["version"]) == ("probe", None)
    assert "plugin.json" not in archive.namelist()
    assert archive.read("files/zwei.txt").decode() == "grüß"


def test_nothing_is_written_for_what_holds_nothing(site):
    with pytest.raises(Refused, match="No plugin ghost holds anything"):
        exported(site, "ghost")


def test_it_changes_nothing_and_stands_in_the_audit_log(held):
    before = held.traces()
    exported(held)
    assert held.traces() == before
    with held.arrange("read"):
        entry = db.session.scalars(
            db.select(AuditEntry).order_by(AuditEntry.audit_id.desc())
        ).first()
        assert entry is not None
        assert (entry.action, entry.object_name) == ("plugin.export", "probe")


def run(site: PluginSite, call: Any) -> Any:
    with site.arrange("read"):
        return call()


@pytest.mark.parametrize(
    ("value", "kind", "said"),
    [
        (None, "text", None),
        (1, "boolean", True),
        (7, "boolean", 7),
        (1.5, "decimal", "1.5"),
        (2, "decimal", "2"),
        (float("inf"), "float", {"float": "inf"}),
        (2**62, "integer", 2**62),
        ("2026-03-01 12:00:00", "datetime", "2026-03-01T12:00:00"),
        ("infinity", "datetime", "infinity"),
        ("12:30", "time", "12:30:00"),
        ("words", "integer", "words"),
        (b"\xff", "text", {"base64": "/w=="}),
        (memoryview(b"a"), "bytes", {"base64": "YQ=="}),
    ],
)
def test_what_a_column_holds_is_said_without_guessing(value, kind, said):
    assert as_json(value, kind) == said
