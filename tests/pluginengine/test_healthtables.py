"""The tables of health: what processes gather is added up there, and old figures go."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError

from portal.core.clock import frozen
from portal.core.database import db
from portal.core.unit_of_work import unit_of_work
from portal.pluginengine import healthfigures
from portal.pluginengine.health import HealthLog
from portal.pluginengine.health.histogram import BOUNDS, BUCKETS, bucket_of, quantile
from portal.pluginengine.health.places import REQUEST
from portal.pluginengine.health.writing import own_transaction, remove_old, write

NOON = datetime(2026, 1, 1, 12, 30, 15, tzinfo=UTC)


@pytest.fixture
def engine(app: Flask) -> Engine:
    """The database of a site."""
    return db.engine_for(app.config["SQLALCHEMY_DATABASE_URI"])


@pytest.fixture
def reading(app: Flask) -> Iterator[None]:
    """A page that is being made at noon."""
    with frozen(NOON), app.app_context(), unit_of_work("read"):
        yield


def gathered(*seconds: float, failures: int = 0, text: str = "no luck") -> HealthLog:
    """What a process gathers: calls of alpha for menu, and failures."""
    health = HealthLog()
    for each in seconds:
        health.add_times([health.stopwatch("alpha", "menu")], [1.0, 1.0 + each])
    for number in range(failures):
        health.record("alpha", "menu", "tab", f"r{number}", ValueError(text))
    return health


def test_each_call_stands_in_its_bucket() -> None:
    """A bound belongs to the bucket below; what is longer than a minute has one of its own."""
    assert [bucket_of(each) for each in (0.0, BOUNDS[0], 0.000_011, 60.0, 61.0)] == [
        0,
        0,
        1,
        20,
        21,
    ]


def test_quantiles_are_read_off_the_buckets() -> None:
    """Issue 6: p95 from a histogram; within a bucket calls are spread evenly."""
    buckets = [0] * BUCKETS
    buckets[bucket_of(0.05)] = 90
    buckets[bucket_of(1.0)] = 10
    assert quantile(buckets, 0.5) == pytest.approx(0.025 + 0.025 * 50 / 90)
    assert quantile(buckets, 0.95) == pytest.approx(0.75)
    assert quantile([0] * BUCKETS, 0.95) == 0.0
    assert quantile([0] * 21 + [3], 0.95) == 60.0


@pytest.mark.usefixtures("reading")
def test_what_several_processes_gather_is_added_up(engine: Engine) -> None:
    """Issue 6: summed over workers and hosts."""
    for _process in range(2):
        assert write(engine, gathered(0.25, 0.75, failures=3))
    (times,) = healthfigures.timings_since(NOON)
    assert (times.plugin, times.hook, times.calls, times.errors) == ("alpha", "menu", 4, 6)
    assert (times.seconds, times.mean) == (pytest.approx(2.0), pytest.approx(0.5))
    assert 0.5 < times.p95 <= 1.0
    (incident,) = healthfigures.incidents("alpha")
    assert (incident.count, incident.error) == (6, "ValueError: no luck")
    assert incident.request_id == "r2"
    assert healthfigures.errors_by_plugin(NOON) == {"alpha": 6}


@pytest.mark.usefixtures("reading")
def test_nothing_is_written_twice_and_nothing_is_lost(engine: Engine) -> None:
    """What comes between two writes waits for the second."""
    health = gathered(0.5, failures=1)
    assert write(engine, health)
    assert not write(engine, health)
    health.add_times([health.stopwatch("alpha", "menu")], [0.0, 0.5])
    health.record("alpha", "menu", "tab", "r9", ValueError("no luck"))
    assert write(engine, health)
    (times,) = healthfigures.timings_since(NOON)
    assert (times.calls, times.errors) == (2, 2)
    assert [each.count for each in healthfigures.incidents()] == [2]


@pytest.mark.usefixtures("reading")
def test_a_database_that_is_away_loses_nothing(engine: Engine) -> None:
    """It is written the next time."""
    health = gathered(0.5, failures=1)
    with own_transaction(engine) as connection:
        connection.execute(text("ALTER TABLE engine_incidents RENAME TO elsewhere"))
    with pytest.raises(DBAPIError):
        write(engine, health)
    with own_transaction(engine) as connection:
        connection.execute(text("ALTER TABLE elsewhere RENAME TO engine_incidents"))
    assert write(engine, health)
    assert healthfigures.timings_since(NOON)[0].calls == 1


@pytest.mark.usefixtures("reading")
def test_a_page_without_the_tables_tells_what_this_process_knows(
    app: Flask, engine: Engine
) -> None:
    """A site whose tables are missing keeps serving."""
    with own_transaction(engine) as connection:
        for name in ("engine_incidents", "engine_timings", "engine_failures"):
            connection.execute(text(f"ALTER TABLE {name} RENAME TO x_{name}"))
    try:
        health = app.extensions["portal.engine"].health
        health.record("alpha", "menu", "tab", "r", ValueError("no luck"))
        assert [each.error for each in healthfigures.incidents()] == ["ValueError: no luck"]
        assert healthfigures.errors_by_plugin(NOON) == {"alpha": 1}
        assert [each.errors for each in healthfigures.timings_since(NOON)] == [1]
    finally:
        db.session.rollback()
        with own_transaction(engine) as connection:
            for name in ("engine_incidents", "engine_timings", "engine_failures"):
                connection.execute(text(f"ALTER TABLE x_{name} RENAME TO {name}"))


@pytest.mark.usefixtures("reading")
def test_hostile_texts_are_stored_as_far_as_they_can_be(engine: Engine) -> None:
    """PostgreSQL takes no NUL, and neither takes half of a character."""
    write(engine, gathered(failures=1, text="a\0b\udc80" + "x" * 5000))
    (incident,) = healthfigures.incidents()
    assert incident.error.startswith("ValueError: ab?xxx")


@pytest.mark.usefixtures("reading")
def test_the_time_of_a_plugin_is_told_per_request(engine: Engine) -> None:
    """Issue 6: time per request."""
    health = gathered(0.5, 0.5)
    health.add_times([health.stopwatch("", REQUEST)] * 4, [0.0, 1.0, 2.0, 3.0, 4.0])
    write(engine, health)
    assert healthfigures.seconds_per_request(healthfigures.timings_since(NOON)) == {
        "alpha": pytest.approx(0.25)
    }
    assert healthfigures.seconds_per_request([]) == {}


def test_old_figures_and_those_of_plugins_that_are_gone_are_removed(
    app: Flask, engine: Engine
) -> None:
    """Fourteen days; the portal's own stay."""
    with frozen(NOON):
        health = HealthLog()
        for plugin in ("", "alpha"):
            health.add_times([health.stopwatch(plugin, "menu")], [0.0, 1.0])
            health.record(plugin, "menu", "tab", "r", ValueError("no luck"))
        write(engine, health)
        with own_transaction(engine) as connection:
            assert remove_old(connection) == 3
            assert remove_old(connection) == 0
    with frozen(NOON + timedelta(days=15)), own_transaction(engine) as connection:
        assert remove_old(connection) == 3
