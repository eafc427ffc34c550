"""Changing the order of a hook's handlers: each change is one operation, audited, in the journal.

Rules P-01 to P-08 and 2.3.1 of spec/installer-registry-clusters.md. The unique key (event, priority) holds
at every flush: rows that change places wait at temporary numbers in between.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, Literal

from flask_babel import gettext as _
from sqlalchemy import select

from portal.core.audit.recording import Subject, record
from portal.core.database import db
from portal.core.unit_of_work import unit_of_work
from portal.pluginengine import priorities
from portal.pluginengine.actions import HANDLER_MOVE, HANDLER_ORDER, HANDLER_SWITCH
from portal.pluginengine.errors import Refused
from portal.pluginengine.handlertable import live_rows, neighbour_of, type_of
from portal.pluginengine.lifecycle.running import Outcome, Work, run
from portal.pluginengine.models import HandlerRow, PluginRow
from portal.pluginengine.priorities import BANDS, DISABLED, HandlerType, Write

Direction = Literal["up", "down"]

#: Stands in the journal before the name of a hook whose handlers, of any plugins, were put in order.
HOOK: Final = "hook:"


def move_handler(
    hook: str, handler_id: int, direction: Direction, *, dry_run: bool = False
) -> Outcome:
    """Let a handler change places with the next above or below it, inside its band (2.3.1, up and down).

    Raises ``Refused`` when there is none, or when the hook has no such handler.
    """

    def step(_work: Work) -> str:
        rows = {row.handler_id: (row, plugin) for row, plugin in live_rows(hook)}
        row, plugin = _known(rows.get(handler_id), hook)
        numbers = {each.handler_id: each.priority for each, _plugin in rows.values()}
        other_id = neighbour_of(row, numbers, up=direction == "up")
        if other_id is None:
            raise _no_neighbour(row, plugin, direction)
        other = rows[other_id][0]
        old, now = row.priority, other.priority
        _write(
            {handler_id: row, other_id: other},
            priorities.swap(Write(handler_id, old), Write(other_id, now)),
        )
        record(HANDLER_MOVE, _subject(row, plugin), old={"priority": old}, new={"priority": now})
        text = _("%(handler)s moved up.") if direction == "up" else _("%(handler)s moved down.")
        return text % {"handler": _label(row, plugin)}

    return run("move", _plugin_of(hook, handler_id), step, "", dry_run=dry_run)


def order_handlers(
    hook: str, handler_type: HandlerType, handler_ids: Sequence[int], *, dry_run: bool = False
) -> Outcome:
    """Hand out the numbers of one type's handlers anew, the highest to the first of ``handler_ids``.

    This is ``order`` of 2.3.1. The list must name every handler of that hook and type whose number lies in
    the band, once each. Raises ``Refused`` otherwise: somebody has changed the handlers since it was made.
    """

    def step(_work: Work) -> str:
        band = BANDS[handler_type]
        own = [
            (row, plugin)
            for row, plugin in live_rows(hook)
            if row.handler_type == handler_type and row.priority in band
        ]
        rows = {row.handler_id: row for row, _plugin in own}
        labels = {row.handler_id: _label(row, plugin) for row, plugin in own}
        numbers = {row.handler_id: row.priority for row, _plugin in own}
        try:
            writes = priorities.reorder(numbers, handler_ids)
        except ValueError as error:
            raise _stale() from error
        if not writes:
            return ""
        _write(rows, writes)
        record(
            HANDLER_ORDER,
            Subject(kind="hook", name=hook),
            old={handler_type: [labels[each] for each in numbers]},
            new={handler_type: [labels[each] for each in handler_ids]},
        )
        return _(
            "The %(type)s handlers of %(hook)s are in the new order.", type=handler_type, hook=hook
        )

    unchanged = _("The handlers are in this order already.")
    return run("order", f"{HOOK}{hook}", step, unchanged, dry_run=dry_run)


def set_handler_priority(
    hook: str, handler_id: int, priority: int, *, dry_run: bool = False
) -> Outcome:
    """Give a handler a number of the admin's choice: inside its band, not 0, not taken (P-08; 2.3.1 ``set``).

    Raises ``Refused`` otherwise, or when the hook has no such handler.
    """

    def step(_work: Work) -> str:
        rows = {row.handler_id: (row, plugin) for row, plugin in live_rows(hook)}
        row, plugin = _known(rows.get(handler_id), hook)
        others = [each.priority for each, _plugin in rows.values() if each is not row]
        fault = priorities.fault_of(priority, type_of(row), others)
        if fault:
            raise Refused(fault, _("Nothing was changed."))
        old = row.priority
        if priority == old:
            return ""
        _bury_deleted(hook, priority)
        _write({handler_id: row}, (Write(handler_id, priority),))
        record(
            HANDLER_MOVE, _subject(row, plugin), old={"priority": old}, new={"priority": priority}
        )
        return _(
            "%(handler)s has the priority %(number)s now.",
            handler=_label(row, plugin),
            number=priority,
        )

    unchanged = _("It has this priority already.")
    return run("priority", _plugin_of(hook, handler_id), step, unchanged, dry_run=dry_run)


def switch_handler(hook: str, handler_id: int, *, on: bool, dry_run: bool = False) -> Outcome:
    """Let a handler be called, or not; its number is kept (2.3.1, "Disabling one handler").

    One that was stored with the number 0 (P-03, imported data) gets the next free number of its band
    when it is switched on. Raises ``Refused`` when there is none, or when the hook has no such handler.
    """

    def step(_work: Work) -> str:
        rows = {row.handler_id: (row, plugin) for row, plugin in live_rows(hook)}
        row, plugin = _known(rows.get(handler_id), hook)
        was_on = bool(row.enable) and row.priority != DISABLED
        if was_on == on:
            return ""
        if on and row.priority == DISABLED:
            row.priority = _next_number(row)
        row.enable = int(on)
        db.session.flush()
        record(HANDLER_SWITCH, _subject(row, plugin), old={"enabled": was_on}, new={"enabled": on})
        text = _("%(handler)s is on.") if on else _("%(handler)s is off; its place is kept.")
        return text % {"handler": _label(row, plugin)}

    unchanged = _("It is on already.") if on else _("It is off already.")
    return run("switch", _plugin_of(hook, handler_id), step, unchanged, dry_run=dry_run)


def _plugin_of(hook: str, handler_id: int) -> str:
    """Return the code of the plugin that has the handler, for the journal. Raises ``Refused`` for none."""
    with unit_of_work("read"):
        rows = {row.handler_id: (row, plugin) for row, plugin in live_rows(hook)}
        return _known(rows.get(handler_id), hook)[1].code


def _write(rows: dict[int, HandlerRow], writes: Iterable[Write]) -> None:
    for write in writes:
        rows[write.row_id].priority = write.priority
        db.session.flush()


def _bury_deleted(hook: str, priority: int) -> None:
    """Give a deleted row that still holds the number (imported data) its tombstone: the number is free."""
    query = select(HandlerRow).where(HandlerRow.event == hook, HandlerRow.priority == priority)
    for row in db.session.scalars(query):
        row.priority = priorities.tombstone(row.handler_id)
        db.session.flush()


def _next_number(row: HandlerRow) -> int:
    used = db.session.scalars(select(HandlerRow.priority).where(HandlerRow.event == row.event))
    try:
        return priorities.allocate(used, type_of(row), row.event)
    except priorities.PriorityBandFull as error:
        raise Refused(str(error)) from error


def _known(found: tuple[HandlerRow, PluginRow] | None, hook: str) -> tuple[HandlerRow, PluginRow]:
    if found is None:
        raise Refused(
            _("The hook %(hook)s has no such handler, or not any more.", hook=hook),
            _("Look at its handlers as they are now, then try again."),
        )
    return found


def _stale() -> Refused:
    return Refused(
        _("The list of handlers has changed meanwhile; nothing was changed."),
        _("Look at the handlers as they are now, then order them again."),
    )


def _no_neighbour(row: HandlerRow, plugin: PluginRow, direction: Direction) -> Refused:
    label = _label(row, plugin)
    band = BANDS[type_of(row)]
    if row.priority not in band:
        return Refused(
            _("%(handler)s has no place among its kind.", handler=label),
            _(
                "Give it a number from %(start)s down to %(end)s first.",
                start=band.start,
                end=band.end,
            ),
        )
    text = (
        _("%(handler)s is the first of its kind already.")
        if direction == "up"
        else _("%(handler)s is the last of its kind already.")
    )
    return Refused(text % {"handler": label}, _("Nothing was changed."))


def _label(row: HandlerRow, plugin: PluginRow) -> str:
    return f"{plugin.code}:{row.handler}"


def _subject(row: HandlerRow, plugin: PluginRow) -> Subject:
    name = f"{row.event} {_label(row, plugin)}"
    return Subject(kind="handler", id=row.handler_id, name=name)
