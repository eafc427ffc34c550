"""Writing the export of one plugin: what it is in the zip, and in which order it is read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from shutil import copyfileobj
from typing import IO, Any, BinaryIO, Final
from urllib.parse import quote
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import select

from portal import __version__
from portal.core.audit.recording import Subject, record
from portal.core.clock import now
from portal.core.database import db
from portal.core.snapshots import see_one_moment
from portal.core.unit_of_work import unit_of_work
from portal.pluginengine.actions import PLUGIN_EXPORT
from portal.pluginengine.engine import current_engine
from portal.pluginengine.errors import Refused
from portal.pluginengine.export.schema import schema_of
from portal.pluginengine.export.tables import rows_of, tables_of
from portal.pluginengine.files import FILES, PluginFiles
from portal.pluginengine.holders import Holder, find_holder
from portal.pluginengine.hosting import hosting_of
from portal.pluginengine.models import HandlerRow, PluginRow
from portal.pluginengine.operations import locked

FORMAT: Final = 1
"""Raised when what stands in an export changes its place or its meaning."""

_FIRST_MOMENT: Final = (1980, 1, 1, 0, 0, 0)
"""Before it, a zip cannot say when a file was written."""

_HANDLER = ("event", "priority", "handler", "handler_type", "enable", "delete_flg")


@dataclass(kw_only=True)
class Exported:
    """What went into an export: rows by table, choices by table, files and their size in bytes."""

    handle: str
    exported_at: datetime
    tables: dict[str, int] = field(default_factory=dict)
    choices: dict[str, int] = field(default_factory=dict)
    files: int = 0
    file_bytes: int = 0

    @property
    def name(self) -> str:
        """A name for the file: the handle and when it was made."""
        return f"{self.handle}-{self.exported_at:%Y%m%d-%H%M%S}.zip"


def export_plugin(code: str, target: BinaryIO) -> Exported:
    """Write all that a plugin holds, by code or handle, to ``target`` as a zip, a bit at a time.

    Under the operations' lock, in one transaction that sees the tables as they are at its beginning, also
    when the plugin is uninstalled or its code is gone. Raises ``Refused`` when nobody holds anything
    under this code, and while another operation is running.
    """
    with locked(current_engine().runtime):
        with unit_of_work("read"):
            see_one_moment()
            holder = find_holder(code)
            if holder is None:
                raise Refused(
                    _("No plugin %(code)s holds anything on this site.", code=code),
                    _("See portal plugin list for what is there."),
                )
            exported = Exported(handle=holder.handle, exported_at=now())
            with ZipFile(target, "w", ZIP_DEFLATED) as archive:
                _Writer(archive, exported).write(holder)
            plugin_id = holder.row.plugin_id if holder.row is not None else None
        with unit_of_work("write"):
            record(
                PLUGIN_EXPORT,
                Subject(kind="plugin", id=plugin_id, name=holder.handle),
                new={"tables": sorted(exported.tables), "files": exported.files},
            )
    return exported


class _Writer:
    def __init__(self, archive: ZipFile, exported: Exported) -> None:
        self._archive = archive
        self._exported = exported

    def write(self, holder: Holder) -> None:
        """Write every part; the manifest, which counts them, comes last."""
        connection = db.session.connection()
        statements = [f"{each};\n" for each in schema_of(connection, holder.handle)]
        self._put("schema.sql", ("\n".join(statements),))
        described = []
        for table in tables_of(connection, holder.handle):
            lines = self._put_lines(
                f"tables/{quote(table.name, safe='')}.jsonl", rows_of(connection, table)
            )
            self._exported.tables[table.name] = lines
            described.append({**asdict(table), "rows": lines})
        if holder.row is not None:
            self._write_row(holder.row)
        self._write_files(holder.handle)
        self._put_json("manifest.json", self._manifest(holder, described))

    def _write_row(self, row: PluginRow) -> None:
        """Write what the engine knows of the plugin: its row, its handlers, the choices made for it."""
        columns = PluginRow.__table__.columns.keys()
        self._put_json("plugin.json", {name: getattr(row, name) for name in columns})
        query = select(HandlerRow).where(HandlerRow.plugin_id == row.plugin_id)
        handlers = db.session.scalars(query.order_by(HandlerRow.handler_id))
        self._put_lines(
            "handlers.jsonl",
            ({name: getattr(each, name) for name in _HANDLER} for each in handlers),
        )
        for table, choices in hosting_of(current_app).choices.items():
            lines = self._put_lines(f"choices/{table}.jsonl", choices(row.plugin_id))
            self._exported.choices[table] = lines

    def _write_files(self, handle: str) -> None:
        """Copy the plugin's files; one that was deleted a moment ago is left out."""
        files = PluginFiles(current_engine().runtime.var / FILES, handle)
        for each in files.list():
            try:
                source = files.open(each.name)
            except FileNotFoundError:
                continue
            with source, self._member(f"files/{each.name}", each.written_at) as member:
                copyfileobj(source, member)
                self._exported.file_bytes += source.tell()
            self._exported.files += 1

    def _manifest(self, holder: Holder, described: list[dict[str, Any]]) -> dict[str, Any]:
        row, exported = holder.row, self._exported
        return {
            "format": FORMAT,
            "code": holder.code,
            "handle": holder.handle,
            "name": holder.name,
            "version": row.version if row is not None else None,
            "schema_version": row.schema_version if row is not None else None,
            "installed": holder.is_installed,
            "portal": __version__,
            "database": db.session.connection().dialect.name,
            "exported_at": exported.exported_at,
            "tables": described,
            "choices": exported.choices,
            "files": exported.files,
            "file_bytes": exported.file_bytes,
        }

    def _put_lines(self, name: str, values: Iterable[Mapping[str, object]]) -> int:
        """Write one JSON object a line; return how many there were."""
        count = 0

        def lines() -> Iterator[str]:
            nonlocal count
            for each in values:
                count += 1
                yield _json(each) + "\n"

        self._put(name, lines())
        return count

    def _put_json(self, name: str, value: object) -> None:
        self._put(name, (_json(value, indent=2) + "\n",))

    def _put(self, name: str, texts: Iterable[str]) -> None:
        with self._member(name, self._exported.exported_at) as member:
            for each in texts:
                member.write(each.encode("utf-8"))

    @contextmanager
    def _member(self, name: str, moment: datetime) -> Iterator[IO[bytes]]:
        info = ZipInfo(name, max(moment.timetuple()[:6], _FIRST_MOMENT))
        info.compress_type = ZIP_DEFLATED
        info.external_attr = 0o600 << 16
        with self._archive.open(info, "w", force_zip64=True) as member:
            yield member


def _json(value: object, indent: int | None = None) -> str:
    return json.dumps(value, ensure_ascii=False, indent=indent, default=_moment)


def _moment(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} cannot stand in an export.")
