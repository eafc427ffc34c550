"""One entry of an archive, the same for zip and tar, and the kinds of archives that are read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["file", "folder", "refused"]

CHUNK_BYTES: Final = 64 * 1024


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A line of the archive: ``name`` as written, ``size`` in bytes as declared.

    ``faults`` are sentences on what it is or how it is stored; an entry of the kind "refused" is never
    read. ``chunks`` reads the content, once and before the next entry is asked for; raises
    ``EntryBroken`` or ``Unreadable``.
    """

    name: str
    kind: Kind
    size: int
    chunks: Callable[[], Iterator[bytes]]
    faults: tuple[str, ...] = ()


def no_chunks() -> Iterator[bytes]:
    """What folders and refused entries hold."""
    return iter(())
