"""What reading an archive gives: a judged plugin, its files listed with sizes and digests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from portal.pluginengine.archive.contents import contents
from portal.pluginengine.manifest import Manifest


@dataclass(frozen=True, kw_only=True)
class ArchiveFile:
    """A file of the plugin: its path below the plugin's folder, its size in bytes, its SHA-256 in hex."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class PluginArchive:
    """An archive that was judged and found in order; nothing of it is on disk.

    ``sha256`` is the digest of ``data``, the archive's own bytes; ``top`` the one folder around the
    plugin, stripped from the paths of ``files``, or empty; ``skipped`` what is left out as no part of a
    plugin. Modes are not kept: a file is a file, never executable.
    """

    sha256: str
    data: bytes = field(repr=False)
    top: str
    files: tuple[ArchiveFile, ...]
    manifest: Manifest
    skipped: tuple[str, ...] = ()

    @property
    def unpacked(self) -> int:
        """The size of all files together, in bytes."""
        return sum(each.size for each in self.files)

    def contents(self) -> Iterator[tuple[str, Iterator[bytes]]]:
        """Read the files, one after the other in the archive's order: path and chunks of bytes.

        The chunks of one file have to be read before the next is asked for.
        """
        return contents(self.data, self.top, {each.path for each in self.files})

    def read(self, path: str) -> bytes:
        """Return one file's bytes. Raises ``KeyError`` when the plugin has no such file."""
        for found, chunks in self.contents():
            if found == path:
                return b"".join(chunks)
        raise KeyError(path)
