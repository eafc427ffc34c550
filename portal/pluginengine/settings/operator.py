"""What the operator of the site has fixed: var/plugin-config/<handle>.ini locks settings (design 6).

[settings]
greeting = Good morning
"""

from __future__ import annotations

import configparser
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from flask_babel import gettext as _

from portal.pluginengine.errors import BadValue
from portal.pluginengine.manifest import SettingDeclaration
from portal.pluginengine.manifest.values import SettingValue
from portal.pluginengine.settings.values import parse

logger = logging.getLogger(__name__)

FOLDER: Final = "plugin-config"
SECTION: Final = "settings"


@dataclass(frozen=True, kw_only=True)
class Locked:
    """The values that are fixed, by name, and what is wrong with the file, which then fixes nothing there."""

    values: Mapping[str, SettingValue] = field(default_factory=dict)
    faults: tuple[str, ...] = ()


class OperatorFiles:
    """The files of one site; each is read again when it has changed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._read: dict[str, tuple[object, Locked]] = {}

    def locked(self, handle: str, settings: Mapping[str, SettingDeclaration]) -> Locked:
        """Return what is fixed of a plugin's settings."""
        path = self.folder / f"{handle}.ini"
        try:
            state = path.stat()
        except FileNotFoundError:
            return Locked()
        except OSError as error:
            return _told(handle, Locked(faults=(_unreadable(path, error),)))
        mark = (state.st_mtime_ns, state.st_size, state.st_ino)
        known = self._read.get(handle)
        if known is None or known[0] != mark:
            known = self._read[handle] = (mark, _told(handle, _read(path, settings)))
        return known[1]


def _read(path: Path, settings: Mapping[str, SettingDeclaration]) -> Locked:
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # names keep their case
    try:
        parser.read_string(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, configparser.Error) as error:
        return Locked(faults=(_unreadable(path, error),))
    values: dict[str, SettingValue] = {}
    faults: list[str] = []
    found = parser[SECTION] if parser.has_section(SECTION) else {}
    for name, text in found.items():
        if name not in settings:
            faults.append(_("%(file)s: there is no setting %(name)s.", file=path.name, name=name))
            continue
        try:
            values[name] = parse(settings[name], text)
        except BadValue as bad:
            faults.append(f"{path.name}, {name}: {bad.rule}")
    if not parser.has_section(SECTION):
        faults.append(_("%(file)s has no section [settings].", file=path.name))
    return Locked(values=values, faults=tuple(faults))


def _unreadable(path: Path, error: Exception) -> str:
    """Say which file cannot be read, without a line of it: it may hold a secret."""
    return _("%(file)s cannot be read (%(why)s).", file=path.name, why=type(error).__name__)


def _told(handle: str, locked: Locked) -> Locked:
    for fault in locked.faults:
        logger.warning("The operator's settings of plugin %s: %s", handle, fault)
    return locked
