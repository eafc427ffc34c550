"""The tables of health: sums of times by hour, failures by minute, and the failures themselves.

Every process adds to the same rows, so they hold the sums over all workers and hosts. They are written
and read by statements, never as objects: nothing here belongs to anybody's transaction but its own.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from sqlalchemy import Column, Float, Index, Integer, String, Table, Text

from portal.core.clock import UtcDateTime
from portal.core.database import db
from portal.pluginengine.health.histogram import BUCKETS

KEPT_FOR: Final = timedelta(days=14)
"""How long times and failures are kept."""

MOST_INCIDENTS: Final = 1000
"""How many different failures are kept; the oldest go first."""

BUCKET_NAMES: Final = tuple(f"bucket_{number:02}" for number in range(BUCKETS))

#: What the calls of one plugin ("" is the portal itself) for one hook took within one hour (UTC): how many,
#: seconds in all, how many failed, how many were slow, how many in each bucket of ``histogram.BOUNDS``.
TIMINGS: Final = Table(
    "engine_timings",
    db.metadata,
    Column("plugin", String(32), primary_key=True),
    Column("hook", String(255), primary_key=True),
    Column("slot", UtcDateTime, primary_key=True),
    Column("calls", Integer, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("errors", Integer, nullable=False),
    Column("slow", Integer, nullable=False),
    *(Column(name, Integer, nullable=False) for name in BUCKET_NAMES),
    Index("ix_engine_timings_slot", "slot"),
)

#: How often one plugin failed at one hook within one minute (UTC); ``weight`` is what counts towards its
#: quarantine, 0 once somebody has lifted one.
FAILURES: Final = Table(
    "engine_failures",
    db.metadata,
    Column("plugin", String(32), primary_key=True),
    Column("hook", String(255), primary_key=True),
    Column("minute", UtcDateTime, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("weight", Integer, nullable=False),
    Index("ix_engine_failures_minute", "minute"),
)

#: A failure of one handler, as ``health.Incident`` describes it.
INCIDENTS: Final = Table(
    "engine_incidents",
    db.metadata,
    Column("id", String(12), primary_key=True),
    Column("plugin", String(32), nullable=False),
    Column("hook", String(255), nullable=False),
    Column("handler", String(255), nullable=False),
    Column("error", Text, nullable=False),
    Column("traceback", Text, nullable=False),
    Column("request_id", String(64), nullable=False),
    Column("first_at", UtcDateTime, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("count", Integer, nullable=False),
    Index("ix_engine_incidents_at", "at"),
    Index("ix_engine_incidents_plugin", "plugin"),
)
