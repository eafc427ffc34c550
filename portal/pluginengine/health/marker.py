"""What a process is running right now, written where it outlives the process (engineering B8).

``os._exit``, a crash of the interpreter and a kill leave no time to tell. So each process keeps a small
file under var/running/, mapped into its memory: saying which handler runs is one assignment, no system
call. The file is locked as long as its process lives; whoever gets the lock reads a dead one's last words.
"""

from __future__ import annotations

import fcntl
import logging
import mmap
import os
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

logger = logging.getLogger(__name__)

FOLDER: Final = "running"
ENDING: Final = ".mark"

#: How many threads have a place of their own; more share one.
SLOTS: Final = 64
#: How many handlers can be told from each other; more stay unnamed.
MOST_NAMES: Final = 4096
NAME_BYTES: Final = 384

_HEADER = 64
_NAMES = _HEADER + 4 * SLOTS
_SIZE = _NAMES + MOST_NAMES * NAME_BYTES
_BOOT = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, kw_only=True)
class LastWords:
    """What a process of this host ran when it ended: the plugin, the hook or place, the handler."""

    plugin: str
    hook: str
    handler: str
    pid: str


class Marker:
    """The marks of one process: in memory until ``open`` gives them a file.

    ``cells`` holds, per slot, the number of what runs there, 0 for nothing: who calls a handler writes it.
    """

    def __init__(self) -> None:
        self.cells = memoryview(bytearray(4 * SLOTS)).cast("I")
        self._numbers: dict[tuple[str, str, str], int] = {}
        self._lock = threading.Lock()
        self._own = threading.local()
        self._slots = 0
        self._map: mmap.mmap | None = None
        self._file: int | None = None
        self._path: Path | None = None
        self._pid = os.getpid()

    def slot(self) -> int:
        """Return the place of the running thread; 0 is the main thread's, and no other's."""
        try:
            return self._own.slot
        except AttributeError:
            return self._take_slot()

    def _take_slot(self) -> int:
        if threading.current_thread() is threading.main_thread():
            self._own.slot = 0
        else:
            with self._lock:
                self._slots += 1
                self._own.slot = 1 + self._slots % (SLOTS - 1)
        return int(self._own.slot)

    def number(self, plugin: str, hook: str, handler: str) -> int:
        """Return the number that stands for a handler, the same each time; 0 when there are too many."""
        key = (plugin, hook, handler)
        with self._lock:
            found = self._numbers.get(key)
            if found is None:
                if len(self._numbers) >= MOST_NAMES - 1:
                    return 0
                found = self._numbers[key] = len(self._numbers) + 1
                self._write_name(found, key)
            return found

    def open(self, folder: Path) -> None:
        """Keep the marks in a file of ``folder`` from here on; again after a fork, never twice in a process.

        A folder that cannot be written is logged, and the marks stay in memory.
        """
        if self._map is not None and self._pid == os.getpid():
            return
        try:
            folder.mkdir(parents=True, exist_ok=True)
            path = folder / f"{os.getpid()}-{uuid.uuid4().hex[:12]}{ENDING}"
            file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
            fcntl.flock(file, fcntl.LOCK_EX)
            os.ftruncate(file, _SIZE)
            mapped = mmap.mmap(file, _SIZE)
        except OSError:
            logger.exception("What runs in this process cannot be noted under %s", folder)
            return
        with self._lock:
            mapped[:_HEADER] = _boot().ljust(_HEADER, b"\0")
            self._map, self._file, self._path, self._pid = mapped, file, path, os.getpid()
            for key, number in self._numbers.items():
                self._write_name(number, key)
            self.cells = memoryview(mapped)[_HEADER:_NAMES].cast("I")

    def close(self) -> None:
        """Take the file away: nothing is running any more; for tests and orderly ends."""
        if self._file is not None and self._path is not None:
            self._path.unlink(missing_ok=True)
            os.close(self._file)
        self.cells = memoryview(bytearray(4 * SLOTS)).cast("I")
        self._map = self._file = self._path = None

    def _write_name(self, number: int, key: tuple[str, str, str]) -> None:
        if self._map is not None:
            name = "\0".join(key).encode("utf-8", "replace")[: NAME_BYTES - 1]
            place = _NAMES + number * NAME_BYTES
            self._map[place : place + len(name)] = name


def last_words(folder: Path) -> Iterator[LastWords]:
    """Yield what processes of this host ran when they ended, each once; their files go.

    What was running when the machine itself went down is nobody's fault and is passed over. So is a file that
    cannot be read, as one that a process of another user has left: it must not keep this one from starting.
    """
    for path in sorted(folder.glob(f"*{ENDING}")) if folder.is_dir() else ():
        with _passing_over(path):
            file = os.open(path, os.O_RDWR | os.O_NOFOLLOW)
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                continue  # its process lives
            else:
                if os.fstat(file).st_nlink:  # nobody else has read it meanwhile
                    content = os.pread(file, _SIZE, 0)
                    path.unlink()
                    yield from _read(content, path.name.partition("-")[0])
            finally:
                os.close(file)


@contextmanager
def _passing_over(path: Path) -> Iterator[None]:
    """Go on without a file that cannot be read; told softly, since whoever looks comes every few seconds."""
    try:
        yield
    except OSError as error:
        logger.debug("What a process has left in %s cannot be read: %s", path, error)


def _read(content: bytes, pid: str) -> Iterator[LastWords]:
    if len(content) != _SIZE or content[:_HEADER].rstrip(b"\0") != _boot():
        return
    cells = memoryview(content)[_HEADER:_NAMES].cast("I")
    for number in dict.fromkeys(cells):
        if 0 < number < MOST_NAMES:
            place = _NAMES + number * NAME_BYTES
            name = content[place : place + NAME_BYTES].rstrip(b"\0").decode("utf-8", "replace")
            plugin, hook, handler = (name.split("\0") + ["", ""])[:3]
            yield LastWords(plugin=plugin, hook=hook, handler=handler, pid=pid)


def _boot() -> bytes:
    """Return what differs from one start of the machine to the next; "-" where it does not tell."""
    try:
        return _BOOT.read_bytes().strip()[:_HEADER]
    except OSError:
        return b"-"
