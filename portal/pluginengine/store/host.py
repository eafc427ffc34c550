"""This host's part of the store: folders of unpacked archives, made, checked and restored when needed."""

from __future__ import annotations

import logging
from collections.abc import Collection
from datetime import timedelta
from pathlib import Path
from threading import Lock
from typing import Final

from portal.pluginengine.archive import contents
from portal.pluginengine.state import Executes
from portal.pluginengine.store import folders, sweeping
from portal.pluginengine.store.archives import StoredArchive, find, read_bytes
from portal.pluginengine.store.folders import Contents, Differences, Signature

logger = logging.getLogger(__name__)

GRACE: Final = timedelta(hours=1)
"""How long a folder stays after its last reference has gone; far longer than any swap takes."""


class Store:
    """The unpacked archives below one directory (var/store); one per process. Thread-safe.

    ``source`` is what reads the database: a session or a connection.
    """

    def __init__(self, place: Path) -> None:
        self.place = place
        self._checked: dict[str, Signature] = {}
        self._lock = Lock()

    def folder_of(self, sha256: str, source: Executes) -> Path:
        """Return the folder of an archive, unpacked and whole.

        It is read and compared once per process and again when anything in it has changed; what differs
        is logged and restored. Raises ``StoreError`` when the database has not the archive, and
        ``OSError`` when the folder cannot be written.
        """
        folder = self.place / sha256
        sweeping.keep(self.place, sha256)
        if not self._is_checked(sha256, folder):
            restored = self.restore(sha256, source)
            if restored and not restored.is_absent:
                logger.error(
                    "The unpacked archive %s differed from what was uploaded and was restored:"
                    " modified %s, missing %s, extra %s.",
                    sha256,
                    list(restored.modified),
                    list(restored.missing),
                    list(restored.extra),
                )
            with self._lock:
                self._checked[sha256] = folders.signature(folder)
        return folder

    def verify(self, sha256: str, source: Executes) -> Differences:
        """Read the folder whole and tell how it differs from the archive; changes nothing.

        Raises ``StoreError`` when the database has not the archive.
        """
        return folders.compare(self.place / sha256, find(sha256, source).files)

    def restore(self, sha256: str, source: Executes) -> Differences:
        """Make the folder equal to the archive; return how it differed before.

        Raises what ``folder_of`` raises.
        """
        stored = find(sha256, source)
        folder = self.place / sha256
        differences = folders.compare(folder, stored.files)
        if differences.is_absent:
            folders.unpack(folder, stored.files, _contents(stored, source))
        elif differences:
            folders.mend(folder, stored.files, _contents(stored, source), differences)
        return differences

    def sweep(self, referenced: Collection[str], *, grace: timedelta = GRACE) -> tuple[str, ...]:
        """Remove the folders that nobody has referred to for longer than ``grace``; return their names."""
        swept = sweeping.sweep(self.place, referenced, grace=grace)
        with self._lock:
            for sha256 in swept:
                self._checked.pop(sha256, None)
        return swept

    def discard(self, sha256: str) -> None:
        """Remove a folder at once: for one that no generation has ever run from."""
        sweeping.discard(self.place, sha256)
        with self._lock:
            self._checked.pop(sha256, None)

    def _is_checked(self, sha256: str, folder: Path) -> bool:
        with self._lock:
            checked = self._checked.get(sha256)
        return checked is not None and checked == folders.signature(folder)


def _contents(stored: StoredArchive, source: Executes) -> Contents:
    data = read_bytes(stored.sha256, source)
    return contents(data, stored.top, {each.path for each in stored.files})
