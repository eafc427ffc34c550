"""Judges an archive as a whole: names, kinds, sizes, where the manifest lies and what it says."""

from __future__ import annotations

import hashlib
from typing import Final

from flask_babel import gettext as _

from portal.pluginengine.archive.contents import entries
from portal.pluginengine.archive.entries import Entry
from portal.pluginengine.archive.faults import EntryBroken, Faults, Unreadable
from portal.pluginengine.archive.limits import ArchiveLimits, LimitReached, Meter, size_text
from portal.pluginengine.archive.names import Tree, is_skipped, name_faults, plain_path
from portal.pluginengine.archive.python import LONGEST_PYTHON, python_faults
from portal.pluginengine.archive.tars import second_opinion
from portal.pluginengine.archive.values import ArchiveFile, PluginArchive
from portal.pluginengine.manifest import CONFIG_FILE, EVENT_FILE, Judgement, judge
from portal.pluginengine.manifest.reading import LONGEST_BYTES, decoded

_MANIFEST_FILES: Final = frozenset([CONFIG_FILE, EVENT_FILE])
_DEFAULTS: Final = ArchiveLimits()


def read_archive(
    data: bytes, *, limits: ArchiveLimits = _DEFAULTS, owner: str | None = None
) -> PluginArchive:
    """Judge an archive of a plugin: zip, tar or tar.gz, whatever its name.

    ``owner`` is whom allocated handles may belong to, proven (`naming.check_free`). Its contents are
    read as a stream and not kept. Raises ``ArchiveRefused`` with every fault of the archive and of its
    manifest, and nothing else, whatever the bytes are.
    """
    faults = Faults()
    if len(data) > limits.packed:
        rule = _(
            "The archive has %(size)s bytes; at most %(limit)s are allowed. Leave out what the plugin"
            " does not need.",
            size=len(data),
            limit=size_text(limits.packed),
        )
        faults.add("", rule)
        faults.raise_any()
    survey = _Survey(faults, limits)
    is_whole = survey.look(data)
    top = _top(survey, faults) if is_whole else None
    judgement = None if top is None else _judgement(survey, top, owner)
    faults.extend(judgement.faults if judgement else ())
    faults.raise_any()
    assert top is not None
    assert judgement is not None
    assert judgement.manifest is not None
    return PluginArchive(
        sha256=hashlib.sha256(data).hexdigest(),
        data=data,
        top=top,
        files=_files(survey, top),
        manifest=judgement.manifest,
        skipped=tuple(survey.skipped),
    )


class _Survey:
    """One walk over an archive: what is in it, and what is wrong with it."""

    def __init__(self, faults: Faults, limits: ArchiveLimits) -> None:
        self.files: dict[str, tuple[int, str]] = {}
        self.texts: dict[str, bytes] = {}
        self.skipped: list[str] = []
        self._faults = faults
        self._limits = limits
        self._tree = Tree()
        self._first_top = ""

    def look(self, data: bytes) -> bool:
        """Walk over the archive; return whether its end was reached."""
        meter = Meter(self._limits, len(data))
        try:
            for entry in entries(data, meter):
                self._take(entry, meter)
        except (Unreadable, LimitReached) as error:
            self._faults.add("", str(error))
            return False
        return True

    def _take(self, entry: Entry, meter: Meter) -> None:
        path = plain_path(entry.name)
        if not path and entry.kind == "folder":
            return
        rules = [*name_faults(path, self._limits), *entry.faults]
        if not rules and is_skipped(path):
            if entry.kind == "file":
                self.skipped.append(path)
            return
        if not rules:
            rules += self._placed(entry, path)
        for rule in rules:
            self._faults.add(entry.name, rule)
        if entry.kind == "file":
            self._read(entry, path, meter)

    def _placed(self, entry: Entry, path: str) -> list[str]:
        if entry.kind == "folder":
            return self._tree.add_folder(path)
        rules = self._tree.add_file(path)
        if not rules and not second_opinion(path):
            rules.append(
                _("Unpacking it could write outside the plugin's folder. Rename the file.")
            )
        return rules

    def _read(self, entry: Entry, path: str, meter: Meter) -> None:
        if entry.size > self._limits.file:
            rule = _(
                "It has %(size)s bytes; one file may have at most %(limit)s. Make it smaller.",
                size=entry.size,
                limit=size_text(self._limits.file),
            )
            self._faults.add(entry.name, rule)
            meter.unpacked(entry.size)
            return
        digest, size, start = hashlib.sha256(), 0, b""
        is_manifest, is_python = self._may_be_manifest(path), path.endswith(".py")
        most = LONGEST_BYTES if is_manifest else LONGEST_PYTHON if is_python else -1
        try:
            for chunk in entry.chunks():
                meter.unpacked(len(chunk))
                digest.update(chunk)
                size += len(chunk)
                if len(start) <= most:
                    start += chunk
        except EntryBroken as error:
            self._faults.add(entry.name, str(error))
            return
        if size != entry.size:
            rule = _("It holds another number of bytes than the archive says. Pack it again.")
            self._faults.add(entry.name, rule)
        self.files[path] = (size, digest.hexdigest())
        if is_manifest:
            self.texts[path] = start
        if is_python:
            for rule in python_faults(start):
                self._faults.add(entry.name, rule)

    def _may_be_manifest(self, path: str) -> bool:
        """Tell whether a file is worth keeping: at the root, or in the first folder there is."""
        top, _slash, name = path.rpartition("/")
        if top and "/" not in top:
            self._first_top = self._first_top or top
        return name in _MANIFEST_FILES and top in {"", self._first_top}


def _top(survey: _Survey, faults: Faults) -> str | None:
    """Return the folder that holds the plugin, empty for the root, or None and a fault."""
    if CONFIG_FILE in survey.files:
        return ""
    tops = {path.partition("/")[0] for path in survey.files}
    if len(tops) == 1 and f"{(top := tops.pop())}/{CONFIG_FILE}" in survey.files:
        return top
    found = sorted(path for path in survey.files if path.endswith(f"/{CONFIG_FILE}"))
    if found:
        rule = _(
            "%(file)s lies neither at the root nor in the one folder of the archive, but at %(found)s."
            " Pack one plugin, by its own folder.",
            file=CONFIG_FILE,
            found=", ".join(ascii(path) for path in found[:3]),
        )
    else:
        rule = _(
            "There is no %(file)s at the root or in the one folder of the archive. Pack the plugin's"
            " own folder.",
            file=CONFIG_FILE,
        )
    faults.add("", rule)
    return None


def _files(survey: _Survey, top: str) -> tuple[ArchiveFile, ...]:
    cut = len(top) + 1 if top else 0
    files = sorted((path[cut:], size, digest) for path, (size, digest) in survey.files.items())
    return tuple(ArchiveFile(path=path, size=size, sha256=digest) for path, size, digest in files)


def _judgement(survey: _Survey, top: str, owner: str | None) -> Judgement:
    around = f"{top}/" if top else ""
    config, config_faults = decoded(CONFIG_FILE, survey.texts[around + CONFIG_FILE])
    content = survey.texts.get(around + EVENT_FILE)
    event, event_faults = decoded(EVENT_FILE, content) if content is not None else (None, ())
    held = {path[len(around) :] for path in survey.files}
    held |= {
        "/".join(path.split("/")[:depth])
        for path in held
        for depth in range(1, path.count("/") + 1)
    }
    judgement = judge(config or "", event, owner=owner, holds=held.__contains__)
    unread = (*config_faults, *event_faults)
    files = {fault.file for fault in unread}
    faults = (*unread, *(fault for fault in judgement.faults if fault.file not in files))
    return judgement._replace(faults=faults)
