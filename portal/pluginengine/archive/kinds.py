"""Tells what a file is by its first bytes, never by its name (2.3.3): zip, tar, tar.gz, or what else."""

from __future__ import annotations

import tarfile
import zlib
from typing import Final, Literal

from flask_babel import gettext as _
from flask_babel import lazy_gettext

from portal.pluginengine.archive.faults import Unreadable

ArchiveKind = Literal["zip", "tar", "tar.gz"]

_ZIP: Final = b"PK\x03\x04"
_EMPTY_ZIP: Final = b"PK\x05\x06"
_GZIP: Final = b"\x1f\x8b"
_LONGEST_ZIP_TAIL: Final = 22 + 65535

_OTHERS: Final = (
    (b"Rar!\x1a\x07", lazy_gettext("a rar archive")),
    (b"7z\xbc\xaf\x27\x1c", lazy_gettext("a 7z archive")),
    (b"BZh", lazy_gettext("compressed with bzip2")),
    (b"\xfd7zXZ\x00", lazy_gettext("compressed with xz")),
    (b"\x28\xb5\x2f\xfd", lazy_gettext("compressed with zstd")),
    (b"\x04\x22\x4d\x18", lazy_gettext("compressed with lz4")),
    (b"\x5d\x00\x00", lazy_gettext("compressed with lzma")),
    (b"LZIP", lazy_gettext("compressed with lzip")),
    (b"\x1f\x9d", lazy_gettext("compressed with compress")),
    (b"PK\x07\x08", lazy_gettext("one part of a zip archive that was split")),
    (b"MSCF", lazy_gettext("a cabinet archive")),
    (b"!<arch>\n", lazy_gettext("a Debian package or another ar archive")),
    (b"\xed\xab\xee\xdb", lazy_gettext("an RPM package")),
    (b"0707", lazy_gettext("a cpio archive")),
    (b"xar!", lazy_gettext("a xar archive")),
    (b"MZ", lazy_gettext("a Windows program")),
    (b"\x7fELF", lazy_gettext("a Linux program")),
    (b"%PDF", lazy_gettext("a PDF document")),
    (b"\x89PNG", lazy_gettext("an image")),
    (b"\xff\xd8\xff", lazy_gettext("an image")),
    (b"GIF8", lazy_gettext("an image")),
    (b"SQLite format 3\x00", lazy_gettext("an SQLite database")),
)
_PAGES: Final = (b"<!doctype html", b"<html", b"<head", b"<body")


def recognise(data: bytes) -> ArchiveKind:
    """Return the kind of archive, or raise ``Unreadable`` with what the file is instead."""
    if data.startswith(_ZIP):
        return "zip"
    if data.startswith(_GZIP):
        return _within_gzip(data)
    if is_tar(data):
        return "tar"
    raise Unreadable(
        _(
            "The file is %(what)s. A plugin is packed as zip, tar or tar.gz; pack its folder so.",
            what=_name_of(data),
        )
    )


def is_tar(data: bytes) -> bool:
    """Tell whether the first block is a tar header, by its check sum; old tars have no magic."""
    try:
        tarfile.TarInfo.frombuf(data[: tarfile.BLOCKSIZE], "utf-8", "surrogateescape")
    except (tarfile.TarError, ValueError):
        return False
    return True


def _within_gzip(data: bytes) -> ArchiveKind:
    try:
        start = zlib.decompressobj(wbits=31).decompress(data, tarfile.BLOCKSIZE)
    except zlib.error:
        start = b""
    if is_tar(start):
        return "tar.gz"
    raise Unreadable(
        _(
            "The file is compressed with gzip, but there is no tar inside or it is damaged. Pack the"
            " plugin's folder as tar.gz, or as zip."
        )
    )


def _name_of(data: bytes) -> str:
    if not data:
        return _("empty")
    if data.startswith(_EMPTY_ZIP):
        return _("a zip archive without files")
    if not data[: tarfile.BLOCKSIZE].strip(b"\0"):
        return _("empty, or a tar archive without files")
    for magic, name in _OTHERS:
        if data.startswith(magic):
            return str(name)
    if data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_PAGES):
        return _("an HTML page, perhaps an error page in place of a download")
    if _EMPTY_ZIP in data[-_LONGEST_ZIP_TAIL:]:
        return _("a zip archive with something else in front of it")
    return _text_or_unknown(data)


def _text_or_unknown(data: bytes) -> str:
    try:
        text = data[:1024].decode("utf-8", "strict") if len(data) <= 1024 else _cut(data[:1024])
    except UnicodeDecodeError:
        return _("of an unknown kind")
    if all(character.isprintable() or character in "\t\r\n" for character in text):
        return _("a text")
    return _("of an unknown kind")


def _cut(data: bytes) -> str:
    """Decode the start of a longer text: its last character may be cut in two."""
    for missing in range(4):
        try:
            return data[: len(data) - missing].decode("utf-8")
        except UnicodeDecodeError:
            continue
    return data.decode("utf-8")
