"""Packs plugins for tests, good and hostile: zip, tar and tar.gz, with every field at hand."""

import gzip
import io
import stat
import tarfile
import warnings
import zipfile
from collections.abc import Callable, Mapping

CONFIG = "name: Probe\ncode: Probe\nversion: '1.0'\n"
FILES: dict[str, bytes] = {
    "config.yml": CONFIG.encode(),
    "plugin.py": b"from portal.pluginapi import Plugin\n\n\nclass Probe(Plugin):\n    pass\n",
    "templates/probe/page.html": b"<p>page</p>\n",
    "static/probe.css": b"p { margin: 0 }\n",
}

Files = Mapping[str, bytes]
Pack = Callable[[Files], bytes]


def zipped(files: Files, *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip of the files, in their order; the same bytes each time."""
    members = ((zipfile.ZipInfo(name), content) for name, content in files.items())
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for member, content in members:
            archive.writestr(member, content, method)
    return target.getvalue()


def zip_of(*members: tuple[zipfile.ZipInfo, bytes]) -> bytes:
    """A zip of members with fields of one's own."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of duplicate names
        for member, content in members:
            archive.writestr(member, content)
    return target.getvalue()


def zip_member(name: str, *, mode: int = stat.S_IFREG | 0o644, method: int = 0) -> zipfile.ZipInfo:
    """A zip member with a unix mode."""
    member = zipfile.ZipInfo(name)
    member.filename = name  # as given: the constructor cuts it at a zero
    member.create_system = 3
    member.external_attr = mode << 16
    member.compress_type = method
    return member


def with_config(*members: tuple[zipfile.ZipInfo, bytes]) -> bytes:
    """A zip of a good plugin and those members."""
    good = [(zip_member(name), content) for name, content in FILES.items()]
    return zip_of(*good, *members)


def tarred(files: Files, *, kind: int = tarfile.PAX_FORMAT) -> bytes:
    """A tar of the files, in their order."""
    return tar_of(*((tar_member(name), content) for name, content in files.items()), kind=kind)


def gzipped(files: Files) -> bytes:
    """A tar.gz of the files, in their order."""
    return gzip.compress(tarred(files), mtime=0)


def tar_of(*members: tuple[tarfile.TarInfo, bytes], kind: int = tarfile.PAX_FORMAT) -> bytes:
    """A tar of members with fields of one's own."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w", format=kind) as archive:
        for member, content in members:
            if member.isreg():
                member.size = len(content)
            archive.addfile(member, io.BytesIO(content) if member.isreg() else None)
    return target.getvalue()


def tar_member(name: str, kind: bytes = tarfile.REGTYPE, target: str = "") -> tarfile.TarInfo:
    """A tar member; ``target`` is what a link points to."""
    member = tarfile.TarInfo(name)
    member.type = kind
    member.linkname = target
    member.mode = 0o4755
    return member


def tar_with_config(*members: tuple[tarfile.TarInfo, bytes]) -> bytes:
    """A tar of a good plugin and those members."""
    good = [(tar_member(name), content) for name, content in FILES.items()]
    return tar_of(*good, *members)


def also(name: str, content: bytes = b"x", pack: Pack = zipped) -> bytes:
    """A good plugin with one file more."""
    return pack({**FILES, name: content})


PACKERS: dict[str, Pack] = {"zip": zipped, "tar": tarred, "tar.gz": gzipped}
