"""The handler table of one hook as site admins see it: who answers, in which order, and who does not, and why.

Rules P-01 to P-08 and 2.3.1 of spec/installer-registry-clusters.md; the order is that of design 5.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from flask_babel import gettext as _
from sqlalchemy import select

from portal.core.database import db
from portal.pluginengine.engine import Engine, current_engine
from portal.pluginengine.handlers import Handler
from portal.pluginengine.models import HandlerRow, PluginRow
from portal.pluginengine.priorities import BANDS, DISABLED, Band, HandlerType, neighbour


@dataclass(frozen=True, kw_only=True)
class Line:
    """A live row of the table. ``stored`` is its number, ``idle`` says why it is not called ("" when it is).

    ``can_rise`` and ``can_sink`` tell whether there is a neighbour to change places with.
    """

    handler_id: int
    handler: str
    handler_type: HandlerType
    stored: int
    switched_on: bool
    plugin_code: str
    plugin_name: str
    idle: str
    can_rise: bool
    can_sink: bool

    @property
    def priority(self) -> int:
        """The number in force: 0 while the handler is not called (P-03)."""
        return DISABLED if self.idle else self.stored

    @property
    def label(self) -> str:
        """How commands and messages name it: ``plugin:handler``."""
        return f"{self.plugin_code}:{self.handler}"


@dataclass(frozen=True, kw_only=True)
class Section:
    """The handlers of one type, highest number first (P-01, P-02)."""

    handler_type: HandlerType
    band: Band
    lines: tuple[Line, ...]

    @property
    def movable(self) -> tuple[int, ...]:
        """The ids of the handlers that share out the band's numbers, in order (see ``order_handlers``)."""
        return tuple(line.handler_id for line in self.lines if line.stored in self.band)


@dataclass(frozen=True, kw_only=True)
class HandlerTable:
    """All who answer a hook: the host's handlers, the table by type, then what stands in no table.

    ``unlisted`` are plugins' handlers without a row (P-07), then receivers connected through blinker.
    """

    hook: str
    host: tuple[Handler, ...]
    sections: tuple[Section, ...]
    unlisted: tuple[Handler, ...]

    @property
    def lines(self) -> tuple[Line, ...]:
        """The rows of all sections."""
        return tuple(line for section in self.sections for line in section.lines)


def read_table(hook: str) -> HandlerTable:
    """Return the table of a hook as it is stored now; raises UnknownHook."""
    engine = current_engine()
    listeners = engine.hooks.listeners(engine.catalogue.get(hook).name)
    pairs = live_rows(hook)
    lines = [_line(engine, row, plugin, pairs) for row, plugin in pairs]
    return HandlerTable(
        hook=hook,
        host=tuple(each for each in listeners if each.plugin is None and not each.isolated),
        sections=tuple(
            Section(
                handler_type=handler_type,
                band=band,
                lines=tuple(line for line in lines if line.handler_type == handler_type),
            )
            for handler_type, band in BANDS.items()
        ),
        unlisted=tuple(each for each in listeners if each.isolated and each.row_id is None),
    )


def live_rows(hook: str) -> list[tuple[HandlerRow, PluginRow]]:
    """Return the rows of a hook that are not deleted, by priority, each with its plugin (P-01, P-10)."""
    query = (
        select(HandlerRow, PluginRow)
        .join(PluginRow, PluginRow.plugin_id == HandlerRow.plugin_id)
        .where(HandlerRow.event == hook, HandlerRow.delete_flg == 0, PluginRow.delete_flg == 0)
        .order_by(HandlerRow.priority.desc(), HandlerRow.handler_id)
    )
    return [(row, plugin) for row, plugin in db.session.execute(query)]


def neighbour_of(row: HandlerRow, numbers: Mapping[int, int], *, up: bool) -> int | None:
    """Return the id of the row that this one would change places with, or None at the end of its band.

    ``numbers`` are those of the hook's live rows by id. A row whose number lies outside of its band
    (imported data) has no neighbour: it needs a number first.
    """
    band = BANDS[type_of(row)]
    if row.priority not in band:
        return None
    return neighbour(numbers, row.handler_id, "up" if up else "down", band)


def type_of(row: HandlerRow) -> HandlerType:
    """Return the type of a row; the database admits no other than the three."""
    return cast(HandlerType, row.handler_type)


def _line(
    engine: Engine,
    row: HandlerRow,
    plugin: PluginRow,
    pairs: list[tuple[HandlerRow, PluginRow]],
) -> Line:
    numbers = {each.handler_id: each.priority for each, _plugin in pairs}
    return Line(
        handler_id=row.handler_id,
        handler=row.handler,
        handler_type=type_of(row),
        stored=row.priority,
        switched_on=bool(row.enable) and row.priority != DISABLED,
        plugin_code=plugin.code,
        plugin_name=plugin.name,
        idle=_idle(engine, row, plugin),
        can_rise=neighbour_of(row, numbers, up=True) is not None,
        can_sink=neighbour_of(row, numbers, up=False) is not None,
    )


def _idle(engine: Engine, row: HandlerRow, plugin: PluginRow) -> str:
    """Say why a handler is not called: its own switch first, then what is the matter with its plugin."""
    if not row.enable:
        return _("switched off here")
    if row.priority == DISABLED:
        return _("stored with the number 0, which means off")
    if not plugin.enable or not plugin.initialized:
        return _("the plugin is disabled")
    if plugin.load_state == "quarantined":
        return _("the plugin is in quarantine")
    if plugin.plugin_name in engine.problems or plugin.load_state != "ok":
        return _("the plugin does not run")
    loaded = engine.plugins.get(plugin.plugin_name)
    declared = [each.declaration for each in loaded.handlers] if loaded is not None else None
    if declared is not None and not any(
        each.event == row.event and each.handler == row.handler for each in declared
    ):
        return _("the plugin's code no longer has it")
    return ""
