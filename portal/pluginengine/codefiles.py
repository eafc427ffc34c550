"""The files of a plugin's code as they lie on this host, held against what was recorded of them.

Of an uploaded archive the database lists each file with its SHA-256; of a folder, only the digest of the
whole that this process loaded is known.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from portal.core.database import db
from portal.pluginengine.digest import files_of, folder_digest
from portal.pluginengine.engine import current_engine
from portal.pluginengine.overview import PluginStatus
from portal.pluginengine.store import archives
from portal.pluginengine.store.folders import Differences, compare

FileState = Literal["ok", "modified", "missing", "extra", "unknown"]


@dataclass(frozen=True, kw_only=True)
class CodeFile:
    """A file: its path in the plugin, its size in bytes, its SHA-256, and how it compares with the record.

    Of a modified or missing one, size and digest are the recorded ones; of an extra one nothing is known.
    Those of a folder that is not as it was loaded are "unknown": the whole is recorded, not each.
    """

    path: str
    size: int = 0
    sha256: str = ""
    state: FileState = "ok"


@dataclass(frozen=True, kw_only=True)
class CodeFiles:
    """The code of a plugin on this host.

    ``recorded`` is the SHA-256 of its archive, or of the folder as loaded; ``found`` that of the folder as
    it lies there now. Both are empty where there is nothing to tell.
    """

    folder: Path
    files: tuple[CodeFile, ...]
    is_archive: bool
    recorded: str = ""
    found: str = ""

    @property
    def differing(self) -> tuple[CodeFile, ...]:
        """The files that are not as recorded."""
        return tuple(each for each in self.files if each.state not in ("ok", "unknown"))

    @property
    def is_as_recorded(self) -> bool:
        """Whether all is as it was uploaded, or as this process loaded it; a folder that does not run is."""
        return not self.differing and (
            not self.recorded or self.is_archive or self.recorded == self.found
        )

    @property
    def size(self) -> int:
        """The bytes of all files together, as recorded."""
        return sum(each.size for each in self.files)


def code_files(plugin: PluginStatus) -> CodeFiles | None:
    """Read a plugin's files and return them, those that differ first; None when there is no code to be found.

    Raises ``StoreError`` when the database has lost the archive, and ``OSError``.
    """
    if plugin.archive is not None:
        return _of_archive(plugin.archive)
    folder = _folder_of(plugin)
    if folder is None or not folder.is_dir():
        return None
    loaded = current_engine().plugins.get(plugin.handle)
    recorded, found = loaded.digest if loaded is not None else "", folder_digest(folder)
    return CodeFiles(
        folder=folder,
        files=tuple(_listed(folder, "ok" if found == recorded else "unknown")),
        is_archive=False,
        recorded=recorded,
        found=found,
    )


def restore_files(plugin: PluginStatus) -> Differences:
    """Make an archive's folder equal to what was uploaded; return how it differed. Others are not ours.

    Raises ``StoreError`` when the database has lost the archive, ``OSError`` when it cannot be written.
    """
    if plugin.archive is None:
        return Differences()
    return current_engine().runtime.store.restore(plugin.archive, db.session)


def _of_archive(sha256: str) -> CodeFiles:
    folder = current_engine().runtime.store.place / sha256
    stored = archives.find(sha256, db.session)
    differences = compare(folder, stored.files)
    states: dict[str, FileState] = {
        **dict.fromkeys(differences.modified, "modified"),
        **dict.fromkeys(differences.missing, "missing"),
    }
    files = [
        CodeFile(
            path=each.path, size=each.size, sha256=each.sha256, state=states.get(each.path, "ok")
        )
        for each in stored.files
    ]
    files += [CodeFile(path=path, state="extra") for path in differences.extra]
    ordered = sorted(files, key=lambda each: (each.state == "ok", each.path))
    return CodeFiles(folder=folder, files=tuple(ordered), is_archive=True, recorded=sha256)


def _folder_of(plugin: PluginStatus) -> Path | None:
    engine = current_engine()
    found = engine.runtime.discovery.found().get(plugin.code.lower())
    if found is not None:
        return found.folder
    loaded = engine.plugins.get(plugin.handle)
    return loaded.folder if loaded is not None else None


def _listed(folder: Path, state: FileState) -> Iterator[CodeFile]:
    for path in files_of(folder):
        content = path.read_bytes()
        yield CodeFile(
            path=path.relative_to(folder).as_posix(),
            size=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
            state=state,
        )
