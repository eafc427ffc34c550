"""Reads a plugin's folder: finds config.yml and event.yml and has them judged."""

from __future__ import annotations

from codecs import getincrementaldecoder
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from flask_babel import gettext as _

from portal.pluginengine.errors import Fault, ManifestError
from portal.pluginengine.manifest.entry import Findings
from portal.pluginengine.manifest.judge import CONFIG_FILE, EVENT_FILE, judge
from portal.pluginengine.manifest.object_types import types_in
from portal.pluginengine.manifest.pages import faults_in
from portal.pluginengine.manifest.values import Manifest
from portal.pluginengine.manifest.yamltext import MAX_CHARACTERS
from portal.pluginengine.naming import PROJECT

_LONGEST_CHARACTER = 4  # bytes, in UTF-8

LONGEST_BYTES: Final = (MAX_CHARACTERS + 1) * _LONGEST_CHARACTER
"""Of a longer file, the first bytes are enough to tell that it is too long."""


def read_manifest(
    folder: Path, *, bundled: bool = False, owner: str | None = None, in_place: bool = True
) -> Manifest:
    """The manifest of the plugin in ``folder``.

    ``bundled`` plugins come with the portal and may have the handles allocated to it; ``owner``
    names another proven owner. ``in_place``: the folder stands where people put plugins and is
    named after the code; an unpacked archive is not.
    Raises ManifestError with every fault of both files, or else of the files under `orm.path`.
    """
    faults: list[Fault] = []
    config = _text(folder / CONFIG_FILE, faults)
    event = _text(folder / EVENT_FILE, faults)
    if config is None and not faults:
        faults.append(Fault(CONFIG_FILE, "", "", _("The plugin has no such file; it needs one.")))
    judgement = judge(
        config or "",
        event,
        owner=PROJECT if bundled else owner,
        folder=folder.absolute().name if in_place else None,
        holds=lambda path: (folder / path).exists(),
    )
    unread = {fault.file for fault in faults}
    faults += [fault for fault in judgement.faults if fault.file not in unread]
    if faults or judgement.manifest is None:
        raise ManifestError(faults)
    return _with_types(folder, judgement.manifest)


def _with_types(folder: Path, manifest: Manifest) -> Manifest:
    """The manifest with the types of the files under `orm.path` behind those of config.yml (E-20)."""
    faults: list[Fault] = []
    findings = Findings()
    found = list(manifest.object_types)
    for path in _type_files(folder, manifest.orm_paths):
        text = _text(path, faults)
        name = path.relative_to(folder).as_posix()
        if text is not None:
            found += types_in(name, text, manifest.handle, findings)
    faults += findings.faults
    whole = replace(manifest, object_types=tuple(found))
    if manifest.orm_paths and not faults:
        faults += faults_in(CONFIG_FILE, whole)
    if faults:
        raise ManifestError(faults)
    return whole


def _type_files(folder: Path, paths: Sequence[str]) -> Iterator[Path]:
    """Each file named, and each .yml and .yaml directly in a folder named, by name."""
    for path in paths:
        place = folder / path
        if place.is_dir():
            yield from sorted(each for each in place.iterdir() if each.suffix in (".yml", ".yaml"))
        else:
            yield place


def decoded(file: str, content: bytes) -> tuple[str | None, tuple[Fault, ...]]:
    """The text of a manifest file's bytes, or None and the fault that it is no text.

    Of what exceeds LONGEST_BYTES the start is enough: it is too long either way.
    """
    start = content[:LONGEST_BYTES]
    decoder = getincrementaldecoder("utf-8-sig")()
    try:
        return decoder.decode(start, final=len(start) == len(content)), ()
    except UnicodeDecodeError:
        return None, (Fault(file, "", "", _("The file is not text in UTF-8.")),)


def _text(path: Path, faults: list[Fault]) -> str | None:
    """The text of a file, None when there is none; a file that is no text is a fault."""
    try:
        if not path.is_file():
            return None
        with path.open("rb") as file:
            content = file.read(LONGEST_BYTES + 1)
    except OSError as error:
        rule = _("The file cannot be read: %(why)s.", why=error.strerror)
        faults.append(Fault(path.name, "", "", rule))
        return None
    text, unread = decoded(path.name, content)
    faults += unread
    return text
