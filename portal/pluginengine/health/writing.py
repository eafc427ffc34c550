"""Writing what a process has gathered into the tables, where all workers' and hosts' sums come together.

On a connection of its own, never in a request's transaction (design 8); rows go in the order of their
keys, so that two processes that write at the same time wait for each other and never in a circle.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import Table, case, delete, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Engine

from portal.core.clock import now
from portal.core.transactions import transaction_mode
from portal.pluginengine.health.incident import Incident
from portal.pluginengine.health.log import Failures, HealthLog
from portal.pluginengine.health.stopwatch import Sums
from portal.pluginengine.health.tables import (
    BUCKET_NAMES,
    FAILURES,
    INCIDENTS,
    KEPT_FOR,
    MOST_INCIDENTS,
    TIMINGS,
)
from portal.pluginengine.models import PluginRow

LOCK_TIMEOUT_MS = 2000


def write(engine: Engine, health: HealthLog) -> bool:
    """Write what is not written yet, in one transaction; tell whether there was anything.

    Raises what the database raises; then nothing is lost, the next time writes it with what has come
    meanwhile.
    """
    unwritten = health.unwritten()
    if not unwritten:
        return False
    with own_transaction(engine) as connection:
        slot = now().replace(minute=0, second=0, microsecond=0)
        _add(connection, TIMINGS, [_sums_row(each, slot) for each in unwritten.sums])
        _add(connection, FAILURES, [_failures_row(each) for each in unwritten.failures])
        _add_incidents(connection, [_incident_row(each) for each in unwritten.incidents])
    health.note_written(unwritten)
    return True


def remove_old(connection: Connection) -> int:
    """Remove what is older than fourteen days, and what is left of plugins that are gone; return how many rows.

    Of too many failures that differ, the oldest go.
    """
    before = now() - KEPT_FOR
    known = select(PluginRow.plugin_name)
    newest = select(INCIDENTS.c.id).order_by(INCIDENTS.c.at.desc()).limit(MOST_INCIDENTS)
    gone = 0
    for table, moment in (
        (TIMINGS, TIMINGS.c.slot),
        (FAILURES, FAILURES.c.minute),
        (INCIDENTS, INCIDENTS.c.at),
    ):
        is_orphan = (table.c.plugin != "") & table.c.plugin.not_in(known)
        gone += connection.execute(delete(table).where((moment < before) | is_orphan)).rowcount
    return (
        gone + connection.execute(delete(INCIDENTS).where(INCIDENTS.c.id.not_in(newest))).rowcount
    )


@contextmanager
def own_transaction(engine: Engine) -> Iterator[Connection]:
    """Open a writing transaction on a connection of its own; commit at the end, or undo everything."""
    token = transaction_mode.set("write")
    try:
        with engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT_MS}ms'"))
            yield connection
    finally:
        transaction_mode.reset(token)


def _sums_row(sums: Sums, slot: datetime) -> dict[str, Any]:
    return {
        "plugin": _clean(sums.plugin, 32),
        "hook": _clean(sums.hook, 255),
        "slot": slot,
        "calls": sums.calls,
        "seconds": sums.seconds,
        "errors": sums.errors,
        "slow": sums.slow,
        **dict(zip(BUCKET_NAMES, sums.buckets, strict=True)),
    }


def _failures_row(failures: Failures) -> dict[str, Any]:
    return {
        "plugin": _clean(failures.plugin, 32),
        "hook": _clean(failures.hook, 255),
        "minute": failures.minute,
        "failures": failures.failures,
        "weight": failures.weight,
    }


def _incident_row(incident: Incident) -> dict[str, Any]:
    return {
        "id": incident.id,
        "plugin": _clean(incident.plugin, 32),
        "hook": _clean(incident.hook, 255),
        "handler": _clean(incident.handler, 255),
        "error": _clean(incident.error),
        "traceback": _clean(incident.traceback),
        "request_id": _clean(incident.request_id, 64),
        "first_at": incident.first_at,
        "at": incident.at,
        "count": incident.count,
    }


def _clean(words: str, longest: int | None = None) -> str:
    """Return the text as both databases take it: no NUL, no half of a character, not too long."""
    return words.replace("\0", "").encode("utf-8", "replace").decode("utf-8")[:longest]


def _add(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add each row's numbers to the row of the same key, or insert it."""
    if not rows:
        return
    keys = [column.name for column in table.primary_key]
    insert: Any = _insert(connection)(table)
    sums = {
        column.name: column + insert.excluded[column.name]
        for column in table.columns
        if column.name not in keys
    }
    statement = insert.on_conflict_do_update(index_elements=keys, set_=sums)
    connection.execute(statement, sorted(rows, key=lambda row: [str(row[key]) for key in keys]))


def _add_incidents(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add each failure to the one of the same id: counts are summed, what is newer stands."""
    if not rows:
        return
    insert: Any = _insert(connection)(INCIDENTS)
    new, old = insert.excluded, INCIDENTS.c
    changed = {
        name: case((new.at >= old.at, new[name]), else_=old[name])
        for name in ("traceback", "request_id", "at")
    }
    changed["count"] = old.count + new["count"]
    statement = insert.on_conflict_do_update(index_elements=["id"], set_=changed)
    connection.execute(statement, sorted(rows, key=lambda row: str(row["id"])))


def _insert(connection: Connection) -> Any:
    return sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
