"""How the processes of a host tell one another what they have counted: a file each, in one directory.

Every process writes its rows some seconds after they changed, whole or not at all, and holds a lock for as
long as it lives. So whoever is asked reads everybody's; and what a dead process counted is added to the
rows of the past, once, by whoever notices first: a counter of the host never goes down before the host's
processes all begin anew (docs/decisions/0010-metrics-in-files.md).
"""

from __future__ import annotations

import atexit
import fcntl
import json
import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkstemp
from threading import Event, Lock, Thread
from typing import Final
from uuid import uuid4

from portal.core.metrics.tallies import Tallies
from portal.core.metrics.values import Counter, Histogram, Rows, merged

logger = logging.getLogger(__name__)

WRITE_SECONDS: Final = 2.0
"""How long a change waits at most until other processes see it."""

FOLDER: Final = "metrics"
"""The directory, below var/."""

PAST: Final = "past.json"
"""What the processes counted that have ended."""

_FOLDING: Final = "folding.lock"
_ROWS, _LIFE, _DRAFT = ".rows", ".life", ".draft-"


class Share:
    """A process's part in the directory. It writes nothing before ``begin`` and the first ``awake``.

    Thread-safe, and safe to be taken along through a fork: the child has a file of its own.
    """

    def __init__(self, folder: Path, tallies: Tallies) -> None:
        self.folder = folder
        self._tallies = tallies
        self._shares = False
        self._owner = 0
        self._name = ""
        self._life = -1
        self._written: Rows = {}
        self._stopped = Event()
        self._lock = Lock()

    def begin(self) -> None:
        """Share what is counted from now on; for processes that serve the site."""
        self._shares = True

    def awake(self) -> None:
        """Take up writing in this process, unless that has been done; called whenever something was counted.

        Never raises: a directory that cannot be written is logged, and the process tells of itself alone.
        """
        if self._shares and self._owner != os.getpid():
            self._take_up_quietly()

    def stop(self) -> None:
        """Write a last time and end; for tests and orderly ends."""
        if self._owner != os.getpid():
            return
        self._stopped.set()
        self._write_quietly()
        atexit.unregister(self.stop)
        with self._lock:
            self._shares, self._owner = False, 0
            os.close(self._life)

    def rows(self, figures: Sequence[Counter | Histogram]) -> Rows:
        """Return the sums over this process, the others on this host, and those that have ended.

        Of this process alone while it does not share, and while the directory cannot be used.
        """
        own = self._tallies.rows()
        if self._owner != os.getpid():
            return own
        try:
            with _held(self.folder / _FOLDING):
                fold(self.folder, figures)
                paths = [self.folder / PAST, *self._others()]
                return merged([own, *map(read_rows, paths)], figures)
        except OSError:
            logger.exception("What other processes have counted could not be read")
            return own

    def processes(self) -> int:
        """Return how many processes of this host share at the moment, this one included."""
        return 1 + sum(1 for _path in self._others())

    def _others(self) -> Iterator[Path]:
        if self._owner != os.getpid():
            return
        for path in sorted(self.folder.glob(f"*{_ROWS}")):
            if path.stem != self._name:
                yield path

    def _take_up_quietly(self) -> None:
        with self._lock:
            if not self._shares or self._owner == os.getpid():
                return  # another thread was faster
            try:
                self._take_up()
            except OSError:
                logger.exception("What this process counts cannot be shared; /metrics tells less")
                self._shares = False

    def _take_up(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        name = f"{os.getpid()}-{uuid4().hex[:8]}"
        with _held(self.folder / _FOLDING):
            self._life = os.open(self.folder / f"{name}{_LIFE}", os.O_RDWR | os.O_CREAT, 0o600)
            fcntl.flock(self._life, fcntl.LOCK_EX)
        self._name, self._written, self._stopped = name, {}, Event()
        self._owner = os.getpid()
        atexit.register(self.stop)
        Thread(
            target=self._keep_writing, args=(self._stopped,), name="metrics", daemon=True
        ).start()

    def _keep_writing(self, stopped: Event) -> None:
        self._write_quietly()
        while not stopped.wait(WRITE_SECONDS):
            self._write_quietly()

    def _write_quietly(self) -> None:
        rows = self._tallies.rows()
        if rows == self._written:
            return
        try:
            write_rows(self.folder / f"{self._name}{_ROWS}", rows)
            self._written = rows
        except OSError:
            logger.exception("What this process has counted could not be written; trying again")


def fold(folder: Path, figures: Sequence[Counter | Histogram]) -> None:
    """Add the rows of processes that have ended to those of the past, and remove their files.

    Inside the directory's lock. Who dies in the middle may have added them without removing them; the
    past says whose it holds.
    """
    over = [path for path in folder.glob(f"*{_LIFE}") if _is_over(path)]
    if not over:
        return
    held = _holders(folder / PAST)
    names = [path.stem for path in over]
    sources = [read_rows(folder / f"{name}{_ROWS}") for name in names if name not in held]
    past = merged([read_rows(folder / PAST), *sources], figures)
    write_rows(folder / PAST, past, holders=names)
    for path in over:
        _remove(path)


def forget_the_dead(folder: Path) -> None:
    """Remove what no living process has written: when a host's processes begin anew, its counters do."""
    if not folder.is_dir():
        return
    with _held(folder / _FOLDING):
        for path in folder.glob(f"*{_LIFE}"):
            if _is_over(path):
                _remove(path)
        if not any(folder.glob(f"*{_LIFE}")):
            for path in (folder / PAST, *folder.glob(f"{_DRAFT}*")):
                path.unlink(missing_ok=True)


def write_rows(path: Path, rows: Rows, holders: list[str] | None = None) -> None:
    """Write rows to a file, which appears whole or not at all. Raises ``OSError``."""
    listed = [[name, list(labels), numbers] for (name, labels), numbers in rows.items()]
    handle, draft = mkstemp(dir=path.parent, prefix=_DRAFT)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump({"rows": listed, "holders": holders or []}, file)
        os.replace(draft, path)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise


def read_rows(path: Path) -> Rows:
    """Return the rows in a file; none when it is gone or holds something else."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        found = json.loads(path.read_text(encoding="utf-8"))["rows"]
        return {(name, tuple(labels)): numbers for name, labels, numbers in found}
    return {}


def _holders(path: Path) -> list[str]:
    with suppress(OSError, ValueError, KeyError, TypeError):
        return [str(each) for each in json.loads(path.read_text(encoding="utf-8"))["holders"]]
    return []


def _remove(life: Path) -> None:
    life.with_suffix(_ROWS).unlink(missing_ok=True)
    life.unlink(missing_ok=True)


def _is_over(path: Path) -> bool:
    """Tell whether the process that held this lock has ended."""
    try:
        handle = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    else:
        return True
    finally:
        os.close(handle)


@contextmanager
def _held(path: Path) -> Iterator[None]:
    """Hold the directory's lock; it dies with the process."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
