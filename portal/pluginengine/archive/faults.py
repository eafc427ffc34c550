"""What is wrong with an archive: every fault of it and of its manifest, told together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from flask_babel import gettext as _

from portal.pluginengine.errors import Fault, PluginError

ARCHIVE: Final = "archive"
"""The ``file`` of a fault that belongs to the archive; its ``value`` is then the entry's name."""

_MOST_TOLD: Final = 100


class ArchiveRefused(PluginError):
    """An archive was judged and refused; ``faults`` holds all that is wrong with it and its manifest."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults: tuple[Fault, ...] = tuple(faults)


class Unreadable(Exception):
    """The archive as a whole cannot be read on; the text says why and what to do."""


class EntryBroken(Exception):
    """One entry's content cannot be read; the others can. The text says why."""


class Faults:
    """Collects faults; a hostile archive with thousands of them is told by its first hundred."""

    def __init__(self) -> None:
        self.all: list[Fault] = []
        self._untold = 0

    def add(self, entry: str, rule: str) -> None:
        """Note what is wrong with an entry, or with the whole archive when ``entry`` is empty."""
        if len(self.all) < _MOST_TOLD:
            self.all.append(Fault(ARCHIVE, "", entry, rule))
        else:
            self._untold += 1

    def extend(self, faults: Iterable[Fault]) -> None:
        """Note faults of the manifest."""
        self.all += faults

    def raise_any(self) -> None:
        """Raise ``ArchiveRefused`` when there is a fault."""
        if self._untold:
            rule = _("There are %(number)s faults more. Mend these first.", number=self._untold)
            self.all.append(Fault(ARCHIVE, "", "", rule))
        if self.all:
            raise ArchiveRefused(self.all)
