"""The numbers of the handler table: bands, the next free one, and how rows change places (pure).

Rules P-01 to P-08 and 2.3.1 of spec/installer-registry-clusters.md. Higher runs first; 0 is never
handed out, because a stored 0 means "do not run" (P-03).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

HandlerType = Literal["FIRST", "NORMAL", "LAST"]

#: A stored priority that means "registered, not run" (P-03).
DISABLED = 0

#: Where a handler counts that the table does not list: after everything (P-07).
UNLISTED_PRIORITY = -500

_TOMBSTONE_BASE = 1_000_000
_TEMPORARY_BASE = 2_000_000


@dataclass(frozen=True, slots=True)
class Band:
    """The numbers of one handler type, from ``start`` (runs first) down to ``end``, 0 left out."""

    start: int
    end: int

    def __contains__(self, priority: object) -> bool:
        return (
            isinstance(priority, int)
            and priority != DISABLED
            and (self.end <= priority <= self.start)
        )

    def __iter__(self) -> Iterator[int]:
        return (number for number in range(self.start, self.end - 1, -1) if number != DISABLED)


BANDS: Mapping[HandlerType, Band] = {
    "FIRST": Band(500, 401),
    "NORMAL": Band(400, -399),
    "LAST": Band(-400, -499),
}


class PriorityBandFull(Exception):
    """Every number of a type's band is taken for an event; the installation fails (P-06)."""

    def __init__(self, handler_type: HandlerType, event: str = "") -> None:
        place = f" of {event}" if event else ""
        super().__init__(
            f"All priorities for {handler_type} handlers{place} are taken. "
            "Unregister a plugin that is no longer needed, or give the handler another type."
        )
        self.handler_type = handler_type
        self.event = event


def allocate(used: Iterable[int], handler_type: HandlerType, event: str = "") -> int:
    """Return the priority for one more handler of this type.

    ``used`` are the priorities that the event already has, other bands and tombstones included.
    The first gets the band's start (P-04), each further one the lowest taken minus 1 (P-05 as
    corrected), and when the bottom is reached the highest gap. Raises PriorityBandFull (P-06).
    """
    band = BANDS[handler_type]
    taken = {number for number in used if number in band}
    if not taken:
        return band.start
    below = min(taken) - 1
    candidate = below if below != DISABLED else below - 1
    if candidate in band:
        return candidate
    for number in band:
        if number not in taken:
            return number
    raise PriorityBandFull(handler_type, event)


def fault_of(priority: int, handler_type: HandlerType, others: Collection[int]) -> str:
    """Say why an admin may not set this number, or "" when it is fine (P-08).

    ``others`` are the priorities of the event's other rows.
    """
    band = BANDS[handler_type]
    if priority not in band:
        return (
            f"{priority} lies outside the band of {handler_type} handlers: "
            f"choose from {band.start} down to {band.end}, not 0."
        )
    if priority in others:
        return f"{priority} is taken by another handler of this hook."
    return ""


def tombstone(row_id: int) -> int:
    """The number of a deleted row: below every band, unique, so that the old one is free."""
    return -(_TOMBSTONE_BASE + row_id)


def temporary(row_id: int) -> int:
    """A number that a row holds only while it changes places, inside one transaction."""
    return -(_TEMPORARY_BASE + row_id)


@dataclass(frozen=True, slots=True)
class Write:
    """One row gets one number; each must be flushed before the next (unique event, priority)."""

    row_id: int
    priority: int


def swap(first: Write, second: Write) -> tuple[Write, Write, Write]:
    """The three writes by which two rows exchange their numbers without ever colliding."""
    return (
        Write(first.row_id, temporary(first.row_id)),
        Write(second.row_id, first.priority),
        Write(first.row_id, second.priority),
    )


def reorder(rows: Mapping[int, int], wanted: Sequence[int]) -> tuple[Write, ...]:
    """The writes that hand out the same numbers anew, highest to the first of ``wanted``.

    ``rows`` maps row ids to their numbers: the rows of one event and type. ``wanted`` must name
    each of them once. Raises ValueError otherwise: the page showed an older list.
    """
    if sorted(wanted) != sorted(rows):
        raise ValueError("The list of handlers has changed meanwhile. Reload the page and retry.")
    numbers = sorted(rows.values(), reverse=True)
    finals = [Write(row_id, number) for row_id, number in zip(wanted, numbers, strict=True)]
    moved = [write for write in finals if rows[write.row_id] != write.priority]
    return (*(Write(write.row_id, temporary(write.row_id)) for write in moved), *moved)


def neighbour(
    rows: Mapping[int, int], row_id: int, direction: Literal["up", "down"], band: Band
) -> int | None:
    """Return the id of the row to swap with, inside the band; None at the end of the band.

    ``rows`` maps the ids of the event's rows that are not deleted to their numbers.
    """
    own = rows[row_id]
    inside = {number: row for row, number in rows.items() if number in band and row != row_id}
    if direction == "up":
        return inside.get(min((number for number in inside if number > own), default=own))
    return inside.get(max((number for number in inside if number < own), default=own))
