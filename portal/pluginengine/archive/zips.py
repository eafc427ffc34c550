"""Reads a zip archive strictly: what two unpackers could understand differently is refused.

The directory at the end and the headers before the contents have to agree, and no byte may belong to
two entries or to none: so there is one reading of the archive, and no second file hides in it.
"""

from __future__ import annotations

import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Final, NamedTuple

from flask_babel import gettext as _

from portal.pluginengine.archive.entries import CHUNK_BYTES, Entry, Kind, no_chunks
from portal.pluginengine.archive.faults import EntryBroken, Unreadable
from portal.pluginengine.archive.limits import Meter

_END: Final = b"PK\x05\x06"
_END_FORMAT: Final = "<4s4H2LH"
_END_BYTES: Final = 22
_LONGEST_COMMENT: Final = 65535
_ZIP64_LOCATOR: Final = b"PK\x06\x07"
_ZIP64_LOCATOR_BYTES: Final = 20
_CENTRAL: Final = b"PK\x01\x02"
_CENTRAL_BYTES: Final = 46
_LOCAL: Final = b"PK\x03\x04"
_LOCAL_FORMAT: Final = "<4s5H3L2H"
_LOCAL_BYTES: Final = 30
_LONGEST_DESCRIPTOR: Final = 24

_ENCRYPTED: Final = 0x1 | 0x40 | 0x2000
_DESCRIPTOR_FOLLOWS: Final = 0x8
_UTF8: Final = 0x800
_IN_ZIP64: Final = 0xFFFFFFFF
_DOS_FOLDER: Final = 0x10

#: All that zipfile has been seen to raise on bytes that are no zip.
_TROUBLES: Final = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OSError,
    OverflowError,
    IndexError,
)


class _Directory(NamedTuple):
    start: int
    end: int
    entries: int


class _Layout(NamedTuple):
    """What is wrong with the entries, by the place of the header, and whether bytes are left over."""

    faults: dict[int, tuple[str, ...]]
    has_rest: bool


def entries(data: bytes, meter: Meter | None) -> Iterator[Entry]:
    """Yield the entries of a zip archive.

    Raises ``Unreadable`` when it is damaged, and ``LimitReached``.
    """
    directory = _directory(data)
    _count(data, directory, meter)
    with _told():
        archive = zipfile.ZipFile(BytesIO(data))
    with archive:
        members = archive.infolist()
        layout = _layout(data, members, directory.start)
        for member in members:
            yield _entry(archive, member, layout.faults.get(member.header_offset, ()))
        if layout.has_rest:
            raise Unreadable(
                _("There are bytes inside the zip archive that belong to no file. Pack it again.")
            )


def _entry(archive: zipfile.ZipFile, member: zipfile.ZipInfo, misplaced: tuple[str, ...]) -> Entry:
    faults = [*_kind_faults(member), *misplaced]
    name = member.orig_filename
    kind: Kind = "refused" if faults else "folder" if name.endswith("/") else "file"
    return Entry(
        name=name[:-1] if name.endswith("/") else name,
        kind=kind,
        size=member.file_size,
        chunks=(lambda: _chunks(archive, member)) if kind == "file" else no_chunks,
        faults=tuple(faults),
    )


def _kind_faults(member: zipfile.ZipInfo) -> list[str]:
    faults = []
    if member.flag_bits & _ENCRYPTED:
        faults.append(_("It is encrypted. Pack without a password."))
    elif member.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        faults.append(
            _(
                "It is compressed by method %(number)s. Pack with the usual method of zip, deflate.",
                number=member.compress_type,
            )
        )
    kind = stat.S_IFMT(member.external_attr >> 16)
    is_folder = member.orig_filename.endswith("/")
    if kind == stat.S_IFLNK:
        faults.append(_("It is a link. Put the file itself in its place."))
    elif kind not in {0, stat.S_IFREG, stat.S_IFDIR}:
        faults.append(_("It is a device or another special file. Pack only files and folders."))
    elif not is_folder and (kind == stat.S_IFDIR or member.external_attr & _DOS_FOLDER):
        faults.append(_("It is marked as a folder but named as a file. Pack it again."))
    elif is_folder and (kind == stat.S_IFREG or member.file_size):
        faults.append(_("It is named as a folder but holds a content. Pack it again."))
    return faults


def _chunks(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
    try:
        with archive.open(member) as content:
            while chunk := content.read(CHUNK_BYTES):
                yield chunk
    except _TROUBLES as error:
        raise EntryBroken(
            _("Its content is damaged (%(why)s). Pack or upload it again.", why=ascii(str(error)))
        ) from error


def _directory(data: bytes) -> _Directory:
    """Find the directory at the end; raise ``Unreadable`` unless it fits the file exactly."""
    start = data.rfind(_END, max(0, len(data) - _END_BYTES - _LONGEST_COMMENT))
    if start < 0 or start + _END_BYTES > len(data):
        raise Unreadable(_("The zip archive has no end; it may be cut off. Upload it again."))
    fields = struct.unpack(_END_FORMAT, data[start : start + _END_BYTES])
    _magic, disk, first_disk, on_disk, count, size, offset, comment = fields
    if disk or first_disk or on_disk != count:
        raise Unreadable(_("It is one part of a split zip archive. Pack the plugin in one file."))
    if data[start - _ZIP64_LOCATOR_BYTES :].startswith(_ZIP64_LOCATOR):
        raise Unreadable(
            _(
                "It is written in the form for archives above 4 GB (zip64). Pack it in the usual form."
            )
        )
    if start + _END_BYTES + comment != len(data):
        raise Unreadable(
            _("There are bytes behind the end of the zip archive. Upload the archive alone.")
        )
    if offset + size != start:
        raise Unreadable(
            _(
                "There are bytes in front of the zip archive or inside it that belong to no file."
                " Upload the archive alone."
            )
        )
    return _Directory(offset, start, count)


def _count(data: bytes, directory: _Directory, meter: Meter | None) -> None:
    """Count what the directory lists before anything is made of it; it has to be as many as it says."""
    position, found = directory.start, 0
    while position < directory.end:
        line = data[position : position + _CENTRAL_BYTES]
        if len(line) < _CENTRAL_BYTES or not line.startswith(_CENTRAL):
            raise Unreadable(_("The directory of the zip archive is damaged. Upload it again."))
        position += _CENTRAL_BYTES + sum(struct.unpack("<3H", line[28:34]))
        found += 1
        if meter is not None:
            meter.count_entry()
    if position != directory.end or found != directory.entries:
        raise Unreadable(
            _("The directory of the zip archive lists other files than it says. Pack it again.")
        )


def _layout(data: bytes, members: list[zipfile.ZipInfo], directory_start: int) -> _Layout:
    """Compare the directory with the headers, and see that every byte belongs to one entry."""
    faults: dict[int, tuple[str, ...]] = {}
    expected = 0
    slack = 0
    for member in sorted(members, key=lambda each: each.header_offset):
        place = member.header_offset
        rules = _place_faults(place, expected, slack)
        end = _content_end(data, member)
        if end is None or end > directory_start:
            rules.append(_("Its header is missing or differs from the directory. Pack it again."))
            end = max(place, expected)
        faults[place] = (*faults.get(place, ()), *rules)
        expected = max(expected, end)
        slack = _LONGEST_DESCRIPTOR if member.flag_bits & _DESCRIPTOR_FOLLOWS else 0
    return _Layout(faults, has_rest=not 0 <= directory_start - expected <= slack)


def _place_faults(place: int, expected: int, slack: int) -> list[str]:
    if place < expected:
        return [_("Its content overlaps with that of another file. Pack it again.")]
    if place > expected + slack:
        return [_("There are bytes in front of it that belong to no file. Pack it again.")]
    return []


def _content_end(data: bytes, member: zipfile.ZipInfo) -> int | None:
    """Return where an entry's content ends, or None when header and directory disagree."""
    place = member.header_offset
    header = data[place : place + _LOCAL_BYTES] if place >= 0 else b""
    if len(header) < _LOCAL_BYTES or not header.startswith(_LOCAL):
        return None
    fields = struct.unpack(_LOCAL_FORMAT, header)
    flags, method, numbers, name_bytes, extra_bytes = (
        fields[2],
        fields[3],
        fields[6:9],
        *fields[9:],
    )
    name = data[place + _LOCAL_BYTES : place + _LOCAL_BYTES + name_bytes]
    encoding = "utf-8" if member.flag_bits & _UTF8 else "cp437"
    named = member.orig_filename.encode(
        encoding, "surrogatepass" if encoding == "utf-8" else "strict"
    )
    same = (
        (flags ^ member.flag_bits) & (_ENCRYPTED | _UTF8) == 0
        and method == member.compress_type
        and name == named
        and _same_numbers(numbers, member, follows=bool(flags & _DESCRIPTOR_FOLLOWS))
    )
    if not same:
        return None
    return place + _LOCAL_BYTES + name_bytes + extra_bytes + member.compress_size


def _same_numbers(numbers: tuple[int, ...], member: zipfile.ZipInfo, *, follows: bool) -> bool:
    """Compare check sum and sizes; they may be absent where a descriptor follows or zip64 has them."""
    declared = (member.CRC, member.compress_size, member.file_size)
    return all(
        one == other or (follows and one == 0) or (one == _IN_ZIP64 and position > 0)
        for position, (one, other) in enumerate(zip(numbers, declared, strict=True))
    )


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except _TROUBLES as error:
        raise Unreadable(
            _(
                "The zip archive is damaged (%(why)s). Pack or upload it again.",
                why=ascii(str(error)),
            )
        ) from error
