"""Taking back what an operation did to plugins' files: no database transaction holds them (design 6, Journal).

Before a file changes for the first time, that is written down and the file kept under a second name: files
are replaced and never written into, so that a hard link is all it takes. A process that dies leaves its
notes behind; ``journal.repair`` puts the files back, or forgets the notes when the operation was committed.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from portal.core.disk import sync_folder
from portal.core.interrupts import is_interrupt

UNDO: Final = ".undo"
"""The folder, beside those of the plugins, with the notes of each operation that is not over."""

REHEARSAL: Final = "rehearsal"
"""The name of the notes of a dry run, which has no line in the journal."""

_NOTES: Final = "notes"


@dataclass(frozen=True, kw_only=True)
class _Note:
    """A file that is about to change: below which plugin's folder, its name, and whether it was there."""

    handle: str
    name: str
    existed: bool
    number: int


class _Layer:
    """The notes of one part of an operation; a part can fail alone."""

    def __init__(self, place: Path, folder: Path) -> None:
        self._place = place
        self.folder = folder
        self._seen: set[tuple[str, str]] = set()

    def keep(self, handle: str, name: str) -> None:
        """Note that a file is about to change, unless it was noted before; brought to the disk first."""
        if (handle, name) in self._seen:
            return
        target = self._place / handle / name
        note = _Note(handle=handle, name=name, existed=target.is_file(), number=len(self._seen) + 1)
        self.folder.mkdir(mode=0o750, parents=True, exist_ok=True)
        kept = self.folder / str(note.number)
        try:
            if note.existed:
                os.link(target, kept)
            _append(self.folder / _NOTES, json.dumps(asdict(note)) + "\n")
        except OSError:
            kept.unlink(missing_ok=True)  # the file does not change; its number is free
            raise
        sync_folder(self.folder)
        self._seen.add((handle, name))

    def put_back(self) -> None:
        """Put every noted file back, the last one first. May be done again when it was cut short."""
        for note in reversed(list(self._notes())):
            home = self._place / note.handle
            target, kept = home / note.name, self.folder / str(note.number)
            if not note.existed:
                target.unlink(missing_ok=True)
                _remove_empty(target.parent, home)
            elif kept.exists():
                target.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
                os.replace(kept, target)
                sync_folder(target.parent)
        shutil.rmtree(self.folder, ignore_errors=True)
        self._seen.clear()

    def _notes(self) -> Iterator[_Note]:
        try:
            lines = (self.folder / _NOTES).read_text(encoding="utf-8").split("\n")
        except FileNotFoundError:
            return
        for line in lines[:-1]:  # the last one is empty, or was cut short: its file did not change
            yield _Note(**json.loads(line))


class FileUndo:
    """The notes of one operation, below ``place`` (var/plugin-data), named by ``key``.

    ``is_open`` tells of which errors it is not known whether the operation came to nothing: then the files
    wait for ``journal.repair``, which does know.
    """

    def __init__(
        self, place: Path, key: str, is_open: Callable[[BaseException], bool] = is_interrupt
    ) -> None:
        self._place = place
        self._is_open = is_open
        self._folder = place / UNDO / key
        self._layers: list[_Layer] = []

    @contextmanager
    def part(self) -> Iterator[None]:
        """Note what changes inside the block; put it back when the block raises, unless ``is_open``."""
        first = len(self._layers)
        layer = _Layer(self._place, self._folder / str(first))
        self._layers.append(layer)
        token = _layer.set(layer)
        undo_token = _undo.set(self)
        try:
            yield
        except BaseException as error:
            if not self._is_open(error):
                self._put_back_from(first)
            raise
        finally:
            _undo.reset(undo_token)
            _layer.reset(token)

    def put_back(self) -> None:
        """Put back what a process that died has changed, its last part first."""
        numbers = sorted(int(path.name) for path in self._folder.glob("*"))
        self._layers = [_Layer(self._place, self._folder / str(each)) for each in numbers]
        self._put_back_from(0)

    def forget(self) -> None:
        """Leave the files as they are now."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _put_back_from(self, first: int) -> None:
        for layer in reversed(self._layers[first:]):
            layer.put_back()
        del self._layers[first:]
        if not first:
            self.forget()


_layer: ContextVar[_Layer | None] = ContextVar("portal_file_undo_layer", default=None)
_undo: ContextVar[FileUndo | None] = ContextVar("portal_file_undo", default=None)


def changing(handle: str, name: str) -> None:
    """Note, inside an operation, that a plugin's file is about to be written or deleted."""
    layer = _layer.get()
    if layer is not None:
        layer.keep(handle, name)


def drafts() -> Path | None:
    """Return where files of an operation are written before they get their names; they go with its notes."""
    layer = _layer.get()
    return None if layer is None else layer.folder


@contextmanager
def part_of_operation() -> Iterator[None]:
    """Let the block be a part of the running operation that can fail alone; outside of one, nothing."""
    undo = _undo.get()
    if undo is None:
        yield
        return
    with undo.part():
        yield


def left_behind(place: Path) -> list[str]:
    """Return the keys of the operations on this host whose notes are still there."""
    return sorted(path.name for path in (place / UNDO).glob("*"))


def _append(notes: Path, line: str) -> None:
    """Bring a line to the disk, or nothing of it: half a line would spoil the next."""
    with notes.open("ab", buffering=0) as file:
        before = file.seek(0, os.SEEK_END)
        data = line.encode("utf-8")
        try:
            if file.write(data) != len(data):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(notes))
            os.fsync(file.fileno())
        except OSError:
            file.truncate(before)
            raise


def _remove_empty(folder: Path, home: Path) -> None:
    """Remove a folder and those around it that are empty, the plugin's own included."""
    for around in (folder, *folder.parents):
        try:
            around.rmdir()
        except OSError:
            return
        if around == home:
            return
