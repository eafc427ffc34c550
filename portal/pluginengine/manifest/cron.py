"""Judges `cron`: tasks of the plugin that the background worker runs on a schedule."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from flask_babel import gettext as _

from portal.pluginengine.errors import BadValue
from portal.pluginengine.manifest.entry import Entry
from portal.pluginengine.manifest.identity import code_path
from portal.pluginengine.manifest.values import CronDeclaration

CRON_KEYS: Final = ("task", "schedule")

_NAMED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "@hourly": "0 * * * *",
        "@daily": "0 0 * * *",
        "@weekly": "0 0 * * 0",
        "@monthly": "0 0 1 * *",
        "@yearly": "0 0 1 1 *",
    }
)
_RANGES: Final = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
_PIECE = re.compile(
    r"(?:\*|(?P<first>[0-9]{1,2})(?:-(?P<last>[0-9]{1,2}))?)(?:/(?P<step>[0-9]{1,2}))?"
)


def parse_schedule(text: str) -> str:
    """A schedule as five cron fields (minute, hour, day, month, day of week); else BadValue.

    Each field is ``*``, a number, a range ``a-b`` or a list of those with commas, and ``/n`` for
    every n-th; 0 and 7 are Sunday. @hourly, @daily, @weekly, @monthly and @yearly are names.
    """
    schedule = _NAMED.get(text, text)
    fields = schedule.split()
    if len(fields) != len(_RANGES) or not all(
        _is_field(field, *limits) for field, limits in zip(fields, _RANGES, strict=True)
    ):
        raise BadValue(
            text,
            _(
                "A schedule has five fields: minute (0-59), hour (0-23), day (1-31), month (1-12)"
                " and day of week (0-7), such as 15 3 * * 1-5; or it is one of %(names)s.",
                names=", ".join(_NAMED),
            ),
        )
    return " ".join(fields)


def _is_field(field: str, least: int, greatest: int) -> bool:
    for piece in field.split(","):
        match = _PIECE.fullmatch(piece)
        if match is None or match["step"] in ("0", "00"):
            return False
        if match["step"] is not None and match["first"] is not None and match["last"] is None:
            return False
        first = least if match["first"] is None else int(match["first"])
        last = first if match["last"] is None else int(match["last"])
        if not least <= first <= last <= greatest:
            return False
    return True


def cron(entry: Entry) -> tuple[CronDeclaration, ...]:
    """Every scheduled task; a bare task name is a method of the plugin class."""

    def one(item: Entry) -> CronDeclaration | None:
        at = item.fields(CRON_KEYS)
        if at["task"].is_absent:
            at["task"].text(required=True)
        task = code_path(at["task"], "")
        schedule = at["schedule"].checked(parse_schedule, required=True)
        if task is None or schedule is None:
            return None
        return CronDeclaration(task=task, schedule=schedule)

    return entry.distinct(one)
