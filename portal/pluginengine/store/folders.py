"""Unpacked archives in the file system: written aside and moved into place whole, compared, mended.

A folder named by an archive's SHA-256 is either not there or complete: whatever instant a process dies
at leaves at most a draft, which a sweep takes away. Files are read-only and on the disk before the move.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import Final

from flask_babel import gettext as _

from portal.core.disk import sync_folder
from portal.pluginengine.archive import ArchiveFile
from portal.pluginengine.errors import PluginError

DRAFT: Final = ".draft-"
"""What the name of a folder that is being written begins with."""

Contents = Iterable[tuple[str, Iterator[bytes]]]
Signature = tuple[tuple[str, int, int], ...]

_READ_BYTES: Final = 1024 * 1024
_FILE_MODE: Final = 0o444
_FOLDER_MODE: Final = 0o755


class StoreError(PluginError):
    """An archive cannot be had: it is not in the database, or damaged there."""


@dataclass(frozen=True, kw_only=True)
class Differences:
    """How a folder differs from its archive, as paths; a folder too many ends with a slash.

    ``is_absent``: there is no folder at all.
    """

    modified: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    is_absent: bool = False

    def __bool__(self) -> bool:
        """True when there is any difference."""
        return bool(self.modified or self.missing or self.extra)


def is_folder(path: Path) -> bool:
    """Tell whether a path is a folder itself, not a link to one."""
    return path.is_dir() and not path.is_symlink()


def unpack(target: Path, files: Iterable[ArchiveFile], contents: Contents) -> None:
    """Write the files into ``target``, which appears whole or not at all.

    When another process is faster, its folder stays. Raises ``StoreError`` when the contents are not
    those of the files, and ``OSError``.
    """
    with _draft(target.parent, files, contents) as draft:
        if target.is_symlink() or target.is_file():
            target.unlink()
        try:
            os.rename(draft, target)
        except OSError as error:
            if error.errno not in {errno.ENOTEMPTY, errno.EEXIST}:
                raise
        sync_folder(target.parent)


def compare(folder: Path, files: Iterable[ArchiveFile]) -> Differences:
    """Read a folder whole and tell how it differs from its archive's files. Links are never followed."""
    expected = {each.path: each for each in files}
    if not is_folder(folder):
        return Differences(missing=tuple(sorted(expected)), is_absent=True)
    folders = {
        "/".join(parts[:depth])
        for parts in (path.split("/") for path in expected)
        for depth in range(1, len(parts))
    }
    met: set[str] = set()
    modified: list[str] = []
    extra: list[str] = []
    for path, entry in _walk(folder, "", folders):
        met.add(path)
        if path in expected:
            if not _is_same(entry, expected[path]):
                modified.append(path)
        elif not (path in folders and entry.is_dir(follow_symlinks=False)):
            extra.append(f"{path}/" if entry.is_dir(follow_symlinks=False) else path)
    return Differences(
        modified=tuple(sorted(modified)),
        missing=tuple(sorted(expected.keys() - met)),
        extra=tuple(sorted(extra)),
    )


def mend(
    folder: Path, files: Iterable[ArchiveFile], contents: Contents, differences: Differences
) -> None:
    """Make a folder equal to its archive again, file by file: what was right stays in place.

    So an app that runs from the folder never misses it. Raises what ``unpack`` raises.
    """
    with _draft(folder.parent, files, contents) as draft:
        for path in differences.extra:
            _remove(folder / path)
        for path in (*differences.modified, *differences.missing):
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            if is_folder(target):
                _remove(target)
            os.replace(draft / path, target)
        _sync_all(folder)


def signature(folder: Path) -> Signature:
    """Return what changes whenever anything in the folder does, without reading its files."""
    if not is_folder(folder):
        return ()
    found = []
    for path, entry in _walk(folder, "", None):
        status = entry.stat(follow_symlinks=False)
        found.append((path, status.st_ctime_ns, status.st_size))
    return tuple(sorted(found))


@contextmanager
def _draft(place: Path, files: Iterable[ArchiveFile], contents: Contents) -> Iterator[Path]:
    """Write the files into a draft beside the folders, on the disk; gone at the end of the block."""
    place.mkdir(parents=True, exist_ok=True)
    draft = Path(mkdtemp(prefix=DRAFT, dir=place))
    try:
        _write_all(draft, {each.path: each for each in files}, contents)
        draft.chmod(_FOLDER_MODE)
        _sync_all(draft)
        yield draft
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _write_all(draft: Path, expected: dict[str, ArchiveFile], contents: Contents) -> None:
    unwritten = set(expected)
    for path, chunks in contents:
        if path.startswith("/") or ".." in path.split("/"):
            raise _not_those_files(path)
        _write(draft / path, chunks, expected[path])
        unwritten.discard(path)
    for path in unwritten:
        raise _not_those_files(path)


def _write(path: Path, chunks: Iterator[bytes], expected: ArchiveFile) -> None:
    path.parent.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with path.open("xb") as file:
        for chunk in chunks:
            digest.update(chunk)
            file.write(chunk)
        file.flush()
        os.fchmod(file.fileno(), _FILE_MODE)
        os.fsync(file.fileno())
    if digest.hexdigest() != expected.sha256:
        raise _not_those_files(expected.path)


def _not_those_files(path: str) -> StoreError:
    return StoreError(
        _(
            "The archive does not hold %(path)s as its listing in the database says. Upload the"
            " plugin's archive again.",
            path=ascii(path),
        )
    )


def _walk(
    folder: Path, below: str, known: set[str] | None
) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """Yield everything below a folder; of folders that are not ``known`` only themselves."""
    with os.scandir(folder) as entries:
        for entry in entries:
            path = f"{below}{entry.name}"
            yield path, entry
            if entry.is_dir(follow_symlinks=False) and (known is None or path in known):
                yield from _walk(Path(entry.path), f"{path}/", known)


def _is_same(entry: os.DirEntry[str], expected: ArchiveFile) -> bool:
    status = entry.stat(follow_symlinks=False)
    if not stat.S_ISREG(status.st_mode) or status.st_size != expected.size:
        return False
    digest = hashlib.sha256()
    with open(entry.path, "rb") as file:
        while chunk := file.read(_READ_BYTES):
            digest.update(chunk)
    return digest.hexdigest() == expected.sha256


def _remove(path: Path) -> None:
    if is_folder(path):
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _sync_all(folder: Path) -> None:
    for path, _folders, _files in os.walk(folder, topdown=False):
        sync_folder(Path(path))
