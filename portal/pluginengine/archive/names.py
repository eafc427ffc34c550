"""Judges the names in an archive: what could leave the folder, or mean another file on another system."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from flask_babel import gettext as _

from portal.pluginengine.archive.limits import ArchiveLimits

_DRIVE: Final = re.compile(r"[A-Za-z]:")
_FOREIGN: Final = frozenset('<>:"|?*')
_DEVICES: Final = frozenset(
    ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"]
    + [f"{port}{digit}" for port in ("COM", "LPT") for digit in "123456789¹²³"]
)
_INVISIBLE: Final = frozenset(["Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"])

_SKIPPED_PARTS: Final = frozenset(
    [
        "__MACOSX",
        ".DS_Store",
        "Thumbs.db",
        "desktop.ini",
        ".git",
        ".hg",
        ".svn",
        "__pycache__",
        ".mypy_cache",
        ".pytest_cache",
        ".ruff_cache",
    ]
)
_SKIPPED_ENDINGS: Final = (".pyc", ".pyo")


def plain_path(name: str) -> str:
    """Return an entry's path without what packers put around it: "./" in front, "/" behind.

    Empty for the root folder itself, which ``tar -C plugin .`` lists.
    """
    path = name
    while path.startswith("./") and not path.startswith(".//"):
        path = path[2:]
    return "" if path in {".", ""} else path


def is_skipped(path: str) -> bool:
    """Tell whether a file is left out in silence: not part of any plugin, packed by accident.

    Finder's and Explorer's notes, version control, caches and compiled Python (which would run in
    place of the source that people read).
    """
    parts = path.split("/")
    return (
        any(part in _SKIPPED_PARTS for part in parts)
        or parts[-1].startswith("._")
        or parts[-1].endswith(_SKIPPED_ENDINGS)
    )


def name_faults(path: str, limits: ArchiveLimits) -> list[str]:
    """Return every rule that a path breaks, as sentences with what to do."""
    faults = _ways_out(path) + _unportable(path)
    length = len(path.encode("utf-8", "surrogatepass"))
    if length > limits.path:
        faults.append(
            _(
                "The path has %(length)s bytes; at most %(limit)s are allowed. Shorten it.",
                length=length,
                limit=limits.path,
            )
        )
    depth = path.count("/") + 1
    if depth > limits.depth:
        faults.append(
            _(
                "The path is %(depth)s levels deep; at most %(limit)s are allowed. Nest less.",
                depth=depth,
                limit=limits.depth,
            )
        )
    return faults


def _ways_out(path: str) -> list[str]:
    faults = []
    parts = path.split("/")
    if path.startswith("/"):
        faults.append(
            _(
                "The path is absolute. Pack the plugin's folder with relative paths, without the / in front."
            )
        )
    elif "" in parts or "." in parts:
        faults.append(_("The path has an empty part or a lone dot. Write it in its plain form."))
    if ".." in parts:
        faults.append(
            _("The path leads out of the archive by '..'. Pack only the plugin's own folder.")
        )
    if "\\" in path:
        faults.append(
            _("The path contains a backslash. Pack with a tool that separates folders by /.")
        )
    if _DRIVE.match(path):
        faults.append(
            _("The path begins with a drive letter. Pack the plugin's folder with relative paths.")
        )
    return faults


def _unportable(path: str) -> list[str]:
    faults = []
    if any(unicodedata.category(character) in _INVISIBLE for character in path):
        faults.append(
            _("The name holds control or invisible characters, or is not UTF-8. Rename the file.")
        )
    if not _DRIVE.match(path) and _FOREIGN.intersection(path):
        faults.append(
            _(
                'The name holds one of the characters < > : " | ? *, which some systems forbid.'
                " Rename the file."
            )
        )
    parts = [part for part in path.split("/") if part not in {"", ".", ".."}]
    if any(part != part.strip() or part.endswith(".") for part in parts):
        faults.append(
            _("The name begins or ends with a space, or ends with a dot. Rename the file.")
        )
    if any(part.partition(".")[0].rstrip().upper() in _DEVICES for part in parts):
        faults.append(
            _(
                "The name is reserved for a device on Windows (CON, NUL, COM1 and so on). Rename the file."
            )
        )
    return faults


class Tree:
    """The paths seen so far; finds those that would be one file on some system."""

    def __init__(self) -> None:
        self._files: dict[str, str] = {}
        self._folders: dict[str, str] = {}

    def add_folder(self, path: str) -> list[str]:
        """Add a folder and those around it; it may be listed more than once. Return what clashes."""
        faults = []
        parts = path.split("/")
        for depth in range(1, len(parts) + 1):
            folder = "/".join(parts[:depth])
            key = _key(folder)
            if key in self._files:
                faults.append(_is_both(folder))
            elif self._folders.setdefault(key, folder) != folder:
                faults.append(_clash(self._folders[key]))
        return faults[:1]

    def add_file(self, path: str) -> list[str]:
        """Add a file, once. Return what clashes."""
        around = path.rpartition("/")[0]
        faults = self.add_folder(around) if around else []
        key = _key(path)
        if key in self._folders:
            faults.append(_is_both(path))
        elif key not in self._files:
            self._files[key] = path
        elif self._files[key] == path:
            faults.append(_("It stands in the archive more than once. Pack every file once."))
        else:
            faults.append(_clash(self._files[key]))
        return faults


def _key(path: str) -> str:
    """What is equal for names that some file system takes for the same."""
    folded = unicodedata.normalize("NFKC", path).casefold()
    return unicodedata.normalize("NFKC", folded)


def _clash(other: str) -> str:
    return _(
        "It differs from %(other)s only in upper and lower case or in the spelling of its characters,"
        " so that they are one on some systems. Rename one.",
        other=ascii(other),
    )


def _is_both(path: str) -> str:
    return _("%(path)s is a file and a folder at once. Rename one.", path=ascii(path))
