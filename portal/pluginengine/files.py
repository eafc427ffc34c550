"""A plugin's own files: the only place where it may write (design 6, Files).

Below var/plugin-data/<handle>/; export, backup and purge take it as a whole. Writing is atomic but no part
of the database's transaction: write a file before the row that names it, delete it after the commit. What
lifecycle callbacks do here is taken back when their operation comes to nothing (``fileundo``).
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import mkstemp
from typing import BinaryIO, Final

from flask_babel import gettext as _

from portal.core.disk import sync_folder
from portal.pluginengine import fileundo
from portal.pluginengine.archive import ArchiveLimits
from portal.pluginengine.archive.names import name_faults
from portal.pluginengine.errors import BadValue
from portal.pluginengine.naming import check_handle

FILES: Final = "plugin-data"
"""The directory of all plugins' files, below var/."""

DRAFTS: Final = ".drafts"
"""The folder, beside those of the plugins, in which files are written before they get their names."""

_FILE_MODE: Final = 0o640
_NAMES: Final = ArchiveLimits()


@dataclass(frozen=True, kw_only=True)
class StoredFile:
    """A file of a plugin: its name below the plugin's folder, its size in bytes, when it was written."""

    name: str
    size: int
    written_at: datetime


class PluginFiles:
    """The files of one plugin below ``place`` (var/plugin-data). Thread-safe.

    A name is a path with slashes, such as ``avatars/7.png``; the rules for names in archives hold:
    nothing leads out, nothing means another file on another system. Every method raises ``BadValue``
    for a name that breaks them.
    """

    def __init__(self, place: Path, handle: str) -> None:
        self._handle = check_handle(handle)
        self.folder = place / self._handle
        self._drafts = place / DRAFTS

    def write(self, name: str, content: bytes | Iterable[bytes]) -> StoredFile:
        """Write a file whole, replacing one of that name; readers see the old or the new one.

        ``content`` may be an iterable of chunks, such as an upload. When it raises, or the process
        dies, the file of that name stays as it was. Raises ``OSError`` when the disk is full, a folder has
        the name, or a file stands where a folder is needed.
        """
        target = self._path(name)
        chunks = [content] if isinstance(content, bytes) else content
        drafts = fileundo.drafts() or self._drafts
        drafts.mkdir(mode=0o750, parents=True, exist_ok=True)
        handle, draft = mkstemp(dir=drafts)
        try:
            with os.fdopen(handle, "wb") as file:
                file.writelines(chunks)
                file.flush()
                os.fchmod(file.fileno(), _FILE_MODE)
                os.fsync(file.fileno())
            fileundo.changing(self._handle, name)
            _move(Path(draft), target)
        finally:
            Path(draft).unlink(missing_ok=True)
        sync_folder(target.parent)
        return _stored(name, target)

    def open(self, name: str) -> BinaryIO:
        """Open a file for reading. Raises ``FileNotFoundError``."""
        return self._path(name).open("rb")

    def read(self, name: str) -> bytes:
        """Return a file's bytes. Raises ``FileNotFoundError``."""
        return self._path(name).read_bytes()

    def find(self, name: str) -> StoredFile | None:
        """Return what is known of a file, or None when there is none."""
        path = self._path(name)
        return _stored(name, path) if path.is_file() else None

    def list(self, below: str = "") -> tuple[StoredFile, ...]:
        """Return the files, or those below a folder, by name."""
        start = self._path(below) if below else self.folder
        found = (
            _still_there(path.relative_to(self.folder).as_posix(), path) for path in _files(start)
        )
        return tuple(sorted(filter(None, found), key=lambda each: each.name))

    def size(self) -> int:
        """Return the size of all files together, in bytes."""
        return sum(each.size for each in self.list())

    def delete(self, name: str) -> bool:
        """Delete a file, and the folders that it leaves empty; return whether there was one."""
        path = self._path(name)
        if path.is_file():
            fileundo.changing(self._handle, name)
        try:
            path.unlink()
        except (FileNotFoundError, NotADirectoryError):
            return False
        for around in path.relative_to(self.folder).parents:
            try:
                (self.folder / around).rmdir()
            except OSError:
                break
        return True

    def delete_all(self) -> int:
        """Delete every file, for purge; return how many there were."""
        number = 0
        for path in _files(self.folder):
            fileundo.changing(self._handle, path.relative_to(self.folder).as_posix())
            number += 1
        shutil.rmtree(self.folder, ignore_errors=True)
        return number

    def _path(self, name: str) -> Path:
        """Join a name to the folder; no link on the way may lead elsewhere."""
        faults = name_faults(name, _NAMES)
        if faults:
            raise BadValue(name, faults[0])
        path = self.folder / name
        around = path
        while around != self.folder:
            if around.is_symlink():
                raise BadValue(name, _("A link stands there. Files of plugins are files."))
            around = around.parent
        return path


def has_files(place: Path, handle: str) -> bool:
    """Tell whether a plugin has a folder of files below ``place``."""
    return (place / check_handle(handle)).exists()


def sweep_drafts(place: Path, *, grace: timedelta) -> int:
    """Remove what processes that died while writing have left; return how many files there were."""
    swept = 0
    for draft in (place / DRAFTS).glob("*"):
        if time.time() - draft.stat().st_mtime > grace.total_seconds():
            draft.unlink(missing_ok=True)
            swept += 1
    return swept


def _move(draft: Path, target: Path) -> None:
    """Give a draft its name; again when somebody's ``delete`` has just taken the empty folder along."""
    while True:
        try:
            target.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
            os.replace(draft, target)
        except (FileExistsError, FileNotFoundError):
            if not draft.exists() or any(around.is_file() for around in target.parents):
                raise
        else:
            return


def _files(folder: Path) -> Iterator[Path]:
    for path, _folders, names in os.walk(folder):
        for name in names:
            file = Path(path) / name
            if file.is_file() and not file.is_symlink():  # reading a pipe would never end
                yield file


def _still_there(name: str, path: Path) -> StoredFile | None:
    """Return what is known of a file, or None when it was deleted a moment ago."""
    try:
        return _stored(name, path)
    except FileNotFoundError:
        return None


def _stored(name: str, path: Path) -> StoredFile:
    status = path.stat()
    written_at = datetime.fromtimestamp(status.st_mtime, UTC)
    return StoredFile(name=name, size=status.st_size, written_at=written_at)
