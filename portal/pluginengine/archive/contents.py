"""Reads the files of an archive that has been judged before: a second pass, for unpacking."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from portal.pluginengine.archive import tars, zips
from portal.pluginengine.archive.entries import Entry
from portal.pluginengine.archive.kinds import recognise
from portal.pluginengine.archive.limits import Meter
from portal.pluginengine.archive.names import plain_path


def entries(data: bytes, meter: Meter | None) -> Iterator[Entry]:
    """Yield the entries of an archive of any kind; ``meter`` stops a bomb, None trusts the archive.

    Raises ``Unreadable`` and ``LimitReached``.
    """
    kind = recognise(data)
    if kind == "zip":
        return zips.entries(data, meter)
    return tars.entries(data, meter, compressed=kind == "tar.gz")


def contents(
    data: bytes, top: str, paths: Collection[str]
) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Yield path and chunks of those files of a judged archive that ``paths`` lists.

    ``top`` is the folder around them, or empty. The chunks of one file have to be read before the next
    is asked for. Raises what reading raises when the bytes are not those that were judged.
    """
    around = f"{top}/" if top else ""
    wanted = {around + path: path for path in paths}
    for entry in entries(data, None):
        path = wanted.get(plain_path(entry.name))
        if entry.kind == "file" and path is not None:
            yield path, entry.chunks()
