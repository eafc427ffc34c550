"""Hostile archives: each is refused with a sentence that names the entry, the rule and the way out."""

import bz2
import gzip
import io
import lzma
import stat
import struct
import tarfile
import tracemalloc
import unicodedata
import zipfile
from dataclasses import dataclass

import pytest

from portal.pluginengine.archive import ArchiveLimits, ArchiveRefused, read_archive
from portal.pluginengine.archive.limits import MIB
from tests.pluginengine.archives import (
    CONFIG,
    FILES,
    PACKERS,
    also,
    gzipped,
    tar_member,
    tar_of,
    tar_with_config,
    tarred,
    with_config,
    zip_member,
    zip_of,
    zipped,
)

SMALL = ArchiveLimits(
    packed=64 * 1024, entries=8, unpacked=8 * MIB, file=4 * MIB, ratio_from=MIB, path=60, depth=4
)
GOOD = zipped(FILES)


@dataclass(frozen=True)
class Hostile:
    """An archive and the parts that its refusal has to contain."""

    data: bytes
    told: tuple[str, ...]


def hostile(data: bytes, *told: str) -> Hostile:
    return Hostile(data, told)


def patched(data: bytes, old: bytes, new: bytes, count: int = -1) -> bytes:
    assert old in data
    return data.replace(old, new, count)


def encrypted() -> bytes:
    """A zip whose entry plugin.py says that it is encrypted, in both places."""
    data = bytearray(GOOD)
    for signature, flags, name in ((b"PK\3\4", 6, 30), (b"PK\1\2", 8, 46)):
        place = -1
        while (place := data.find(signature, place + 1)) >= 0:
            if data[place + name :].startswith(b"plugin.py"):
                data[place + flags] |= 1
    return bytes(data)


def overlapping() -> bytes:
    """A zip whose directory has two names for one content."""
    data = with_config((zip_member("static/again.css"), b"p { margin: 0 }\n"))
    first = data.index(b"static/probe.css") - 30
    place = data.rindex(b"static/again.css") - 46
    return data[: place + 42] + struct.pack("<L", first) + data[place + 46 :]


def hidden_inside() -> bytes:
    """A zip with a stretch of bytes between two entries that no entry owns."""
    end = GOOD.rindex(b"PK\5\6")
    start = struct.unpack("<L", GOOD[end + 16 : end + 20])[0]
    moved = struct.pack("<L", start + 40)
    return GOOD[:start] + b"h" * 40 + GOOD[start : end + 16] + moved + GOOD[end + 20 :]


def directory_says(count: int) -> bytes:
    """A zip whose end declares another number of entries than the directory lists."""
    end = GOOD.rindex(b"PK\5\6")
    return GOOD[: end + 8] + struct.pack("<2H", count, count) + GOOD[end + 12 :]


def stored(files: dict[str, bytes] | None = None) -> bytes:
    return zipped(files or FILES, method=zipfile.ZIP_STORED)


def pax_with(name: str) -> bytes:
    member = tar_member("plain")
    member.pax_headers = {"path": name}
    return tar_with_config((member, b"x"))


def with_long_extension() -> bytes:
    member = tar_member("plain")
    member.pax_headers = {"comment": "c" * 40_000}
    return tar_with_config((member, b"x"))


def negative_size() -> bytes:
    header = bytearray(tarred({"plugin.py": b""})[:512])
    header[124:136] = b"\xff" * 11 + b"\x00"
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    return tarred({"config.yml": CONFIG.encode()})[:1024] + bytes(header) + bytes(1024)


def sparse() -> bytes:
    member = tar_member("holes.bin")
    member.pax_headers = {"GNU.sparse.major": "0", "GNU.sparse.size": "99", "GNU.sparse.map": "0,1"}
    return tar_with_config((member, b"x"))


NAMES = {
    "a parent path": ("../evil.py", "'../evil.py'", "leads out of the archive by '..'"),
    "a parent path inside": ("static/../../evil.py", "'..'", "Pack only the plugin's own folder"),
    "an absolute path": ("/etc/cron.d/evil", "'/etc/cron.d/evil'", "absolute"),
    "a network path": ("//server/share/evil", "absolute", "without the / in front"),
    "a drive letter": ("C:/evil.py", "'C:/evil.py'", "drive letter"),
    "a backslash path": ("..\\evil.py", "backslash"),
    "a Windows network path": ("\\\\server\\evil.py", "backslash"),
    "an empty part": ("static//evil.css", "empty part or a lone dot"),
    "a lone dot": ("static/./evil.css", "empty part or a lone dot"),
    "a control character": ("static/a\nb.css", "'static/a\\nb.css'", "control or invisible"),
    "a direction mark": ("static/a\u202essc.exe", "control or invisible"),
    "a stream name": ("plugin.py:hidden", "< > :", "Rename the file"),
    "a device": ("CON", "'CON'", "reserved for a device on Windows"),
    "a device with an ending": ("static/nul.css", "reserved for a device"),
    "a device as a folder": ("com1/x.css", "reserved for a device"),
    "a trailing dot": ("static/x.css.", "ends with a dot"),
    "a trailing space": ("static/x.css ", "ends with a space"),
    "a folder with a trailing dot": ("static./x.css", "ends with a dot"),
    "a long path": ("static/" + "x" * 60, "has 67 bytes", "at most 60", "Shorten it"),
    "a deep path": ("a/b/c/d/e", "5 levels", "at most 4", "Nest less"),
    "another case": ("Plugin.py", "'Plugin.py'", "'plugin.py'", "upper and lower case"),
    "another case of a folder": ("Static/x.css", "'static'", "upper and lower case"),
    "a file as a folder": ("plugin.py/x", "file and a folder at once"),
    "a folder as a file": ("static", "file and a folder at once", "Rename one"),
}
BY_NAME = {
    f"{what} in {kind}": hostile(also(name, pack=pack), *told)
    for what, (name, *told) in NAMES.items()
    for kind, pack in PACKERS.items()
    if kind != "tar"
}

COMPOSED = unicodedata.normalize("NFC", "static/ä.css")
DECOMPOSED = unicodedata.normalize("NFD", "static/ä.css")

OTHERS = {
    "two spellings": hostile(
        zipped({**FILES, COMPOSED: b"", DECOMPOSED: b""}), "spelling of its characters"
    ),
    "a duplicate in zip": hostile(
        with_config((zip_member("plugin.py"), b"other")), "'plugin.py'", "more than once"
    ),
    "a duplicate in tar": hostile(
        tar_with_config((tar_member("plugin.py"), b"other")), "'plugin.py'", "more than once"
    ),
    "a name that is no UTF-8": hostile(
        tar_of((tar_member("static/\udcff.css"), b""), kind=tarfile.GNU_FORMAT),
        "is not UTF-8",
    ),
    "a zero in a name": hostile(pax_with("plugin.py\0.css"), "control or invisible"),
    "a link in zip": hostile(
        with_config((zip_member("link", mode=stat.S_IFLNK | 0o777), b"/etc/passwd")),
        "'link'",
        "It is a link",
        "Put the file itself in its place",
    ),
    "a device in zip": hostile(
        with_config((zip_member("tty", mode=stat.S_IFCHR | 0o600), b"")), "'tty'", "device"
    ),
    "a pipe in zip": hostile(
        with_config((zip_member("pipe", mode=stat.S_IFIFO | 0o600), b"")), "'pipe'", "special file"
    ),
    "a folder that is a file": hostile(
        with_config((zip_member("odd", mode=stat.S_IFDIR | 0o755), b"")), "named as a file"
    ),
    "a folder with a content": hostile(
        with_config((zip_member("odd/", mode=stat.S_IFDIR | 0o755), b"x")), "holds a content"
    ),
    "an encrypted entry": hostile(encrypted(), "'plugin.py'", "encrypted", "without a password"),
    "an entry in bzip2": hostile(
        with_config((zip_member("static/x", method=zipfile.ZIP_BZIP2), b"x")),
        "method 12",
        "deflate",
    ),
    "an entry in lzma": hostile(
        with_config((zip_member("static/x", method=zipfile.ZIP_LZMA), b"x")), "method 14", "deflate"
    ),
    "another name in the header": hostile(
        patched(GOOD, b"plugin.py", b"pluto1.py", 1), "'plugin.py'", "differs from the directory"
    ),
    "overlapping entries": hostile(overlapping(), "'static/again.css'", "overlaps"),
    "something in front": hostile(b"#!/bin/sh\n" + GOOD, "something else in front of it"),
    "something behind a zip": hostile(GOOD + b"<?php ?>", "behind the end of the zip"),
    "something inside": hostile(hidden_inside(), "belong to no file"),
    "more entries than listed": hostile(directory_says(9), "lists other files than it says"),
    "fewer entries than listed": hostile(directory_says(1), "lists other files than it says"),
    "a zip cut off": hostile(GOOD[:-30], "no end", "Upload it again"),
    "a zip for large archives": hostile(
        GOOD[:-22] + b"PK\6\7" + bytes(16) + GOOD[-22:], "zip64", "usual form"
    ),
    "a damaged content": hostile(
        patched(stored(), b"margin", b"padded"), "'static/probe.css'", "damaged", "CRC"
    ),
    "a soft link in tar": hostile(
        tar_with_config((tar_member("link", tarfile.SYMTYPE, "/etc/passwd"), b"")),
        "'link'",
        "It is a link",
    ),
    "a hard link in tar": hostile(
        tar_with_config((tar_member("link", tarfile.LNKTYPE, "plugin.py"), b"")), "It is a link"
    ),
    "a character device": hostile(
        tar_with_config((tar_member("tty", tarfile.CHRTYPE), b"")), "'tty'", "device"
    ),
    "a block device": hostile(
        tar_with_config((tar_member("disk", tarfile.BLKTYPE), b"")), "'disk'", "device"
    ),
    "a pipe in tar": hostile(
        tar_with_config((tar_member("pipe", tarfile.FIFOTYPE), b"")), "'pipe'", "special file"
    ),
    "a file with holes": hostile(sparse(), "'holes.bin'", "sparse"),
    "a size below zero": hostile(negative_size(), "impossible size"),
    "an endless extension": hostile(with_long_extension(), "impossible size"),
    "something behind a tar": hostile(tarred(FILES) + b"x" * 512, "behind the end of the tar"),
    "something behind a tar.gz": hostile(gzipped(FILES) + b"<?php ?>", "damaged"),
    "a tar cut off between files": hostile(tarred(FILES)[:2048], "no end", "cut off"),
    "a tar cut off inside a file": hostile(tarred(FILES)[:700], "damaged"),
    "a tar.gz cut off": hostile(gzipped(FILES)[:-40], "damaged"),
    "a damaged tar.gz": hostile(gzipped(FILES)[:-8] + bytes(8), "damaged", "CRC"),
    "no manifest": hostile(zipped({"plugin.py": b""}), "no config.yml at the root", "own folder"),
    "a manifest too deep": hostile(
        zipped({"a/b/config.yml": FILES["config.yml"]}), "neither at the root", "'a/b/config.yml'"
    ),
    "two plugins": hostile(
        zipped({"a/config.yml": FILES["config.yml"], "b/config.yml": FILES["config.yml"]}),
        "'a/config.yml', 'b/config.yml'",
        "Pack one plugin",
    ),
    "something beside the one folder": hostile(
        zipped({"README": b"", "a/config.yml": FILES["config.yml"]}), "neither at the root"
    ),
    "a manifest that is no text": hostile(
        zipped({"config.yml": b"\xff\xfe\x00"}), "config.yml", "not text in UTF-8"
    ),
    "too many entries in zip": hostile(
        zipped({**FILES, **{f"static/{n}": b"" for n in range(9)}}), "more than 8 files and folders"
    ),
    "too many entries in tar": hostile(
        tarred({**FILES, **{f"static/{n}": b"" for n in range(9)}}), "more than 8 files and folders"
    ),
    "too large an archive": hostile(
        also("static/x", bytes(range(256)) * 300, stored_pack := lambda files: stored(dict(files))),
        "bytes; at most 65536 bytes are allowed",
        "Leave out",
    ),
    "too large a file in zip": hostile(
        also("static/x", bytes(5 * MIB)), "'static/x'", "5242880 bytes", "at most 4 MiB"
    ),
    "too large a file in tar.gz": hostile(
        also("static/x", bytes(5 * MIB), gzipped), "'static/x'", "5242880 bytes", "at most 4 MiB"
    ),
    "too much in zip": hostile(
        zipped({**FILES, **{f"static/{n}": bytes(3 * MIB) for n in range(3)}}),
        "times its own size",
        "do harm",
    ),
}
WRONG_KINDS = {
    "nothing": hostile(b"", "The file is empty", "zip, tar or tar.gz"),
    "zeros": hostile(bytes(10240), "a tar archive without files"),
    "an empty zip": hostile(zipped({}), "zip archive without files"),
    "rar": hostile(b"Rar!\x1a\x07\x01\x00" + bytes(99), "a rar archive"),
    "7z": hostile(b"7z\xbc\xaf\x27\x1c" + bytes(99), "a 7z archive"),
    "bzip2": hostile(bz2.compress(tarred(FILES)), "bzip2"),
    "xz": hostile(lzma.compress(tarred(FILES)), "xz"),
    "a page": hostile(b"\n<!DOCTYPE html><title>404</title>", "an HTML page"),
    "a text": hostile(CONFIG.encode(), "The file is a text"),
    "a long text": hostile("ä".encode() * 5000, "The file is a text"),
    "a program": hostile(b"MZ" + bytes(100), "a Windows program"),
    "noise": hostile(b"\x00\x01\x02\x03" * 400, "of an unknown kind"),
    "gzip of a text": hostile(gzip.compress(b"hello"), "no tar inside"),
    "gzip and no more": hostile(b"\x1f\x8b", "no tar inside"),
    "gzip of gzip": hostile(gzip.compress(gzipped(FILES)), "no tar inside"),
}
EVERY = BY_NAME | OTHERS | WRONG_KINDS


@pytest.mark.parametrize("each", EVERY.values(), ids=EVERY)
def test_a_hostile_archive_is_refused_with_a_clear_sentence(each: Hostile):
    with pytest.raises(ArchiveRefused) as refused:
        read_archive(each.data, limits=SMALL)
    assert [part for part in each.told if part not in str(refused.value)] == []
    assert all(str(fault).endswith(".") for fault in refused.value.faults)


def test_there_are_at_least_thirty_of_them_and_the_plugin_itself_is_in_order():
    assert len(EVERY) > 30
    for pack in PACKERS.values():
        read_archive(pack(FILES), limits=SMALL)


def test_all_faults_are_told_together():
    members = [
        (zip_member("../evil.py"), b"x"),
        (zip_member("link", mode=stat.S_IFLNK | 0o777), b"x"),
        (zip_member("PLUGIN.py"), b"x"),
        (zip_member("/CON"), b"x"),
    ]
    with pytest.raises(ArchiveRefused) as refused:
        read_archive(with_config(*members))
    told = [fault.value for fault in refused.value.faults]
    assert told == ["../evil.py", "link", "PLUGIN.py", "/CON", "/CON"]


def test_thousands_of_faults_are_told_by_the_first_hundred():
    members = [(zip_member(f"../{number}"), b"") for number in range(4000)]
    with pytest.raises(ArchiveRefused) as refused:
        read_archive(with_config(*members))
    assert len(refused.value.faults) == 101
    assert "3900 faults more" in str(refused.value)


def test_a_bomb_is_stopped_while_it_is_read():
    """A gigabyte of zeros in a megabyte: neither kept nor read to its end."""
    block = gzip.compress(bytes(64 * MIB))
    header = tarfile.TarInfo("static/zeros")
    header.size = 1024 * MIB
    data = gzip.compress(tarred({"config.yml": CONFIG.encode()})[:1024] + header.tobuf())
    tracemalloc.start()
    with pytest.raises(ArchiveRefused) as refused:
        read_archive(data + block * 16)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "at most 25 MiB" in str(refused.value)
    assert "100 MiB" in str(refused.value)
    assert peak < 8 * MIB


def test_a_zip_bomb_that_lies_about_its_size_is_stopped():
    bomb = zipped({**FILES, "static/zeros": bytes(30 * MIB)})
    size = struct.pack("<L", 30 * MIB)
    with pytest.raises(ArchiveRefused, match=r"static/zeros.*damaged"):
        read_archive(bomb.replace(size, struct.pack("<L", 10)))


def test_an_archive_that_repeats_itself_a_little_is_no_bomb():
    assert read_archive(also("static/x.css", b"p { }\n" * 100_000)).unpacked > 600_000


def test_a_directory_of_a_million_lines_is_not_even_parsed():
    line = b"PK\1\2" + bytes(42)
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 65535, 65535, len(line) * 400_000, 0, 0)
    tracemalloc.start()
    with pytest.raises(ArchiveRefused):
        read_archive(line * 400_000 + end)
    with pytest.raises(ArchiveRefused, match="more than 5000"):
        read_archive(_zip_of_lines(6000))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 60 * MIB


def _zip_of_lines(count: int) -> bytes:
    local = b"PK\3\4" + bytes(26)
    lines = (b"PK\1\2" + bytes(42)) * count
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, count, count, len(lines), len(local), 0)
    return local + lines + end


def test_modes_are_not_kept():
    assert tar_of((tar_member("config.yml"), FILES["config.yml"]))[100:108] == b"0004755\0"
    archive = read_archive(tar_of((tar_member("config.yml"), FILES["config.yml"])))
    assert not hasattr(archive.files[0], "mode")


def test_nothing_is_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    for each in EVERY.values():
        with pytest.raises(ArchiveRefused):
            read_archive(each.data, limits=SMALL)
    assert list(tmp_path.iterdir()) == []


def test_an_archive_in_memory_is_not_changed():
    data = io.BytesIO(zip_of((zip_member("config.yml"), FILES["config.yml"]))).getvalue()
    assert read_archive(data).data is data
