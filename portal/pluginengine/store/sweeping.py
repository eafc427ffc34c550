"""Takes away what nobody needs any more in the store's directory, after a time of grace.

A folder is first marked as unused and removed by a later sweep: when an update or an uninstallation has
dropped the last reference to it, workers may go on running from it until they have swapped.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Final
from uuid import uuid4

from portal.pluginengine.store.folders import DRAFT

_UNUSED: Final = ".unused-"
_GONE: Final = ".gone-"
_LOCK: Final = ".lock"
_SHA256: Final = re.compile(r"[0-9a-f]{64}")


def keep(place: Path, sha256: str) -> None:
    """Say that a folder is needed: no sweep removes it before it is marked again and has grown old."""
    with _locked(place):
        (place / f"{_UNUSED}{sha256}").unlink(missing_ok=True)


def sweep(place: Path, referenced: Collection[str], *, grace: timedelta) -> tuple[str, ...]:
    """Mark the unreferenced folders, remove those marked longer than ``grace`` ago; return these.

    Drafts left by a process that died are removed, too, once they are that old; what is none of the
    store's is left alone.
    """
    with _locked(place):
        swept = [path.name for path in sorted(place.iterdir()) if _is_over(path, referenced, grace)]
        for name in swept:
            os.rename(place / name, place / f"{_GONE}{uuid4().hex}")
            (place / f"{_UNUSED}{name}").unlink(missing_ok=True)
    for path in place.glob(f"{_GONE}*"):
        shutil.rmtree(path, ignore_errors=True)
    return tuple(name for name in swept if _SHA256.fullmatch(name))


def discard(place: Path, sha256: str) -> None:
    """Remove one folder and its mark, whatever its age."""
    with _locked(place):
        if (place / sha256).exists():
            os.rename(place / sha256, place / f"{_GONE}{uuid4().hex}")
        (place / f"{_UNUSED}{sha256}").unlink(missing_ok=True)
    for path in place.glob(f"{_GONE}*"):
        shutil.rmtree(path, ignore_errors=True)


def _is_over(path: Path, referenced: Collection[str], grace: timedelta) -> bool:
    """Tell whether a folder's time is over; mark and unmark on the way."""
    if path.name.startswith(DRAFT):
        return _age(path) > grace
    if not _SHA256.fullmatch(path.name):
        return False
    mark = path.with_name(f"{_UNUSED}{path.name}")
    if path.name in referenced:
        mark.unlink(missing_ok=True)
        return False
    if not mark.exists():
        mark.touch()
        return False
    return _age(mark) > grace


def _age(path: Path) -> timedelta:
    return timedelta(seconds=time.time() - path.stat().st_mtime)


@contextmanager
def _locked(place: Path) -> Iterator[None]:
    """Hold the lock of the store's directory; it dies with the process."""
    place.mkdir(parents=True, exist_ok=True)
    handle = os.open(place / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
