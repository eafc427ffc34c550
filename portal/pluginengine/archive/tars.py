"""Reads a tar archive, plain or compressed with gzip, as a stream: nothing is read twice or kept."""

from __future__ import annotations

import gzip
import struct
import tarfile
import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import Any, BinaryIO, Final, cast

from flask_babel import gettext as _

from portal.pluginengine.archive.entries import CHUNK_BYTES, Entry, Kind, no_chunks
from portal.pluginengine.archive.faults import Unreadable
from portal.pluginengine.archive.limits import Meter

#: A header that only lengthens names or notes an author's name; some versions of tarfile take time that
#: grows with the square of its length.
_LONGEST_EXTENSION: Final = 16 * 1024
_EXTENSIONS: Final = frozenset(
    [
        tarfile.XHDTYPE,
        tarfile.XGLTYPE,
        tarfile.SOLARIS_XHDTYPE,
        tarfile.GNUTYPE_LONGNAME,
        tarfile.GNUTYPE_LONGLINK,
    ]
)

#: All that tarfile and gzip have been seen to raise on bytes that are no tar.
_TROUBLES: Final = (
    tarfile.TarError,
    zlib.error,
    struct.error,
    EOFError,
    RuntimeError,
    ValueError,
    OSError,
    OverflowError,
    IndexError,
    KeyError,
    AttributeError,
    TypeError,
)


class _Measured:
    """A stream that tells the meter what comes out of it and remembers its last block."""

    def __init__(self, stream: BinaryIO, meter: Meter | None) -> None:
        self._stream = stream
        self._meter = meter
        self.last_block = b""

    def read(self, size: int) -> bytes:
        chunk = self._stream.read(size)
        if self._meter is not None:
            self._meter.streamed(len(chunk))
        self.last_block = (self.last_block + chunk)[-tarfile.BLOCKSIZE :]
        return chunk


class _StrictTarInfo(tarfile.TarInfo):
    """Refuses headers that only harm: sizes below zero and extensions without end."""

    def _proc_member(self, archive: tarfile.TarFile) -> Any:
        if self.size < 0 or (self.type in _EXTENSIONS and self.size > _LONGEST_EXTENSION):
            raise Unreadable(
                _("The tar archive has a header with an impossible size. Pack the plugin again.")
            )
        return super()._proc_member(archive)  # type: ignore[misc]


def entries(data: bytes, meter: Meter | None, *, compressed: bool) -> Iterator[Entry]:
    """Yield the entries of a tar archive.

    Raises ``Unreadable`` when it is damaged, and ``LimitReached``.
    """
    stream = gzip.GzipFile(fileobj=BytesIO(data)) if compressed else BytesIO(data)
    measured = _Measured(cast(BinaryIO, stream), meter)
    try:
        with tarfile.open(
            fileobj=cast(BinaryIO, measured),
            mode="r|",
            tarinfo=_StrictTarInfo,
            encoding="utf-8",
            errors="surrogateescape",
        ) as archive:
            for member in archive:
                if meter is not None:
                    meter.count_entry()
                yield _entry(archive, member)
            _require_end(archive, measured)
    except _TROUBLES as error:
        raise _damaged(error) from error


def _entry(archive: tarfile.TarFile, member: tarfile.TarInfo) -> Entry:
    faults = _kind_faults(member)
    kind: Kind = "refused" if faults else "folder" if member.isdir() else "file"
    return Entry(
        name=member.name,
        kind=kind,
        size=member.size,
        chunks=(lambda: _chunks(archive, member)) if kind == "file" else no_chunks,
        faults=tuple(faults),
    )


def _kind_faults(member: tarfile.TarInfo) -> list[str]:
    if member.issym() or member.islnk():
        return [_("It is a link. Put the file itself in its place.")]
    if member.issparse():
        return [_("It is a file with holes (sparse). Pack without the option for such files.")]
    if not member.isfile() and not member.isdir():
        return [_("It is a device or another special file. Pack only files and folders.")]
    if member.isdir() and member.size:
        return [_("It is named as a folder but holds a content. Pack it again.")]
    return []


def second_opinion(name: str) -> bool:
    """Tell whether the standard library, too, would let a plain file of this name be unpacked."""
    try:
        tarfile.data_filter(tarfile.TarInfo(name), "/nowhere")
    except (tarfile.FilterError, ValueError, OSError):
        return False
    return True


def _chunks(archive: tarfile.TarFile, member: tarfile.TarInfo) -> Iterator[bytes]:
    try:
        content = archive.extractfile(member)
        while content is not None and (chunk := content.read(CHUNK_BYTES)):
            yield chunk
    except _TROUBLES as error:
        raise _damaged(error) from error


def _require_end(archive: tarfile.TarFile, measured: _Measured) -> None:
    """The rest of the stream is padding: zeros, one block of them at least, and nothing behind."""
    rest = cast(BinaryIO, archive.fileobj)
    while chunk := rest.read(CHUNK_BYTES):
        if chunk.strip(b"\0"):
            raise Unreadable(
                _("There are bytes behind the end of the tar archive. Upload the archive alone.")
            )
    if measured.last_block != bytes(tarfile.BLOCKSIZE):
        raise Unreadable(_("The tar archive has no end; it may be cut off. Upload it again."))


def _damaged(error: Exception) -> Unreadable:
    return Unreadable(
        _("The tar archive is damaged (%(why)s). Pack or upload it again.", why=ascii(str(error)))
    )
