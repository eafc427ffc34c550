"""How much an archive may hold, and the meter that stops a bomb while it is being read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from flask_babel import gettext as _

from portal.config import Settings

MIB: Final = 1024 * 1024

#: What a tar needs beside its contents: headers, long names and padding, in bytes for each entry.
_TAR_OVERHEAD: Final = 4096


@dataclass(frozen=True, kw_only=True)
class ArchiveLimits:
    """The limits of an archive; sizes in bytes (engineering, issue 3 x).

    ``packed`` is the archive itself, ``unpacked`` all files together, ``file`` the largest one;
    ``ratio`` how many times larger than the archive its contents may be, judged only when they exceed
    ``ratio_from``; ``path`` is the length of a path in UTF-8, ``depth`` its number of parts.
    """

    packed: int = 20 * MIB
    entries: int = 5000
    unpacked: int = 100 * MIB
    file: int = 25 * MIB
    ratio: int = 100
    ratio_from: int = MIB
    path: int = 255
    depth: int = 16

    @classmethod
    def of(cls, settings: Settings) -> ArchiveLimits:
        """Return the limits that the operator has set (PORTAL_ARCHIVE_*)."""
        unpacked = settings.archive_unpacked_mib * MIB
        return cls(
            packed=settings.archive_mib * MIB,
            entries=settings.archive_entries,
            unpacked=unpacked,
            file=unpacked // 4,
            ratio=settings.archive_ratio,
        )


_NO_END: Final = 2**63

UNLIMITED: Final = ArchiveLimits(
    packed=_NO_END, entries=_NO_END, unpacked=_NO_END, file=_NO_END, ratio=_NO_END
)
"""For an archive of the store: it was judged when it came, by the limits of that day."""


class LimitReached(Exception):
    """The archive is too much: reading stopped here; the text says which limit and what to do."""


class Meter:
    """Counts entries and unpacked bytes while an archive is read; raises ``LimitReached``."""

    def __init__(self, limits: ArchiveLimits, packed: int) -> None:
        self.limits = limits
        self._packed = packed
        self._entries = 0
        self._unpacked = 0
        self._streamed = 0

    def count_entry(self, number: int = 1) -> None:
        """One more file or folder, or as many as a directory declares."""
        self._entries += number
        if self._entries > self.limits.entries:
            raise LimitReached(
                _(
                    "It holds more than %(limit)s files and folders. Leave out what the plugin does"
                    " not need.",
                    limit=self.limits.entries,
                )
            )

    def unpacked(self, number: int) -> None:
        """So many bytes of files more."""
        self._unpacked += number
        self._judge(self._unpacked, self.limits.unpacked)

    def streamed(self, number: int) -> None:
        """So many bytes more came out of the decompressor, whatever they are."""
        self._streamed += number
        beside = _TAR_OVERHEAD * (self.limits.entries + 1)
        self._judge(self._streamed, self.limits.unpacked + beside)

    def _judge(self, number: int, limit: int) -> None:
        if number > limit:
            raise LimitReached(
                _(
                    "It unpacks to more than %(limit)s. Leave out what the plugin does not need.",
                    limit=size_text(self.limits.unpacked),
                )
            )
        if number > max(self.limits.ratio_from, self.limits.ratio * self._packed):
            raise LimitReached(
                _(
                    "It unpacks to more than %(limit)s times its own size, as archives do that are"
                    " meant to do harm. Leave out files that hold the same bytes over and over.",
                    limit=self.limits.ratio,
                )
            )


def size_text(number: int) -> str:
    """Return a size for people: 20 MiB, or 100 bytes where it is no round number of MiB."""
    if number >= MIB and number % MIB == 0:
        return f"{number // MIB} MiB"
    return _("%(number)s bytes", number=number)
