"""Code identity: the digest of a plugin's folder, which the names of its modules carry (design 4, A6)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from threading import Lock

Signature = tuple[tuple[str, int, int], ...]

_IGNORED = frozenset(
    {"__pycache__", ".git", ".mypy_cache", ".pytest_cache", ".ruff_cache", "tests"}
)


def files_of(folder: Path) -> Iterator[Path]:
    """Yield the files of a plugin's code, in the order of their names; caches and its tests are none."""
    for path in sorted(folder.iterdir()):
        if path.name in _IGNORED or path.suffix == ".pyc":
            continue
        if path.is_dir():
            yield from files_of(path)
        elif path.is_file():
            yield path


def _signature(folder: Path) -> Signature:
    stats = ((path, path.stat()) for path in files_of(folder))
    return tuple((str(path), stat.st_mtime_ns, stat.st_size) for path, stat in stats)


def folder_digest(folder: Path) -> str:
    """Return the SHA-256, in hexadecimal, over names and contents of the folder's files.

    Compiled files, caches and the plugin's own tests do not count.
    """
    total = hashlib.sha256()
    for path in files_of(folder):
        content = path.read_bytes()
        total.update(f"{path.relative_to(folder).as_posix()}\0{len(content)}\0".encode())
        total.update(content)
    return total.hexdigest()


class Digests:
    """Digests of folders, read again only when a file's time or size has changed. Thread-safe."""

    def __init__(self) -> None:
        self._known: dict[Path, tuple[Signature, str]] = {}
        self._lock = Lock()

    def of(self, folder: Path) -> str:
        """Return the digest of ``folder``."""
        signature = _signature(folder)
        with self._lock:
            known = self._known.get(folder)
            if known is None or known[0] != signature:
                known = (signature, folder_digest(folder))
                self._known[folder] = known
            return known[1]
