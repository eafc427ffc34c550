"""The failure log: grouped, bounded, by request; and the time of each plugin at each hook."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from threading import Thread

import pytest

from portal.pluginengine.health import HealthLog
from portal.pluginengine.health.incident import MAX_ERROR_CHARS, MAX_TRACEBACK_CHARS
from portal.pluginengine.health.places import JOB

START = datetime(2026, 1, 1, tzinfo=UTC)


def minutes() -> Iterator[datetime]:
    """One minute later at each look."""
    return (START + timedelta(minutes=number) for number in count())


@pytest.fixture
def health() -> HealthLog:
    """A small log with a clock of its own."""
    times = minutes()
    return HealthLog(clock=lambda: next(times), max_incidents=3, max_requests=4)


def error_of(kind: type[BaseException], text: str) -> BaseException:
    """An error that was raised, so that it has a traceback."""
    try:
        raise kind(text)
    except BaseException as error:  # noqa: BLE001 - any kind is wanted here
        return error


def test_a_failure_is_kept_with_plugin_hook_handler_and_request(health: HealthLog) -> None:
    """Design 5: logged with plugin, hook and request id."""
    health.record("alpha", "menu", "tab", "r1", error_of(LookupError, "no such thing"))
    (incident,) = health.incidents()
    assert (incident.plugin, incident.hook, incident.handler) == ("alpha", "menu", "tab")
    assert incident.request_id == "r1"
    assert incident.error == "LookupError: no such thing"
    assert "error_of" in incident.traceback
    assert incident.at == incident.first_at == START
    assert incident.count == 1


def test_the_same_failure_again_raises_its_count(health: HealthLog) -> None:
    """Grouped by plugin, hook, handler and error."""
    for request in ("r1", "r2"):
        health.record("alpha", "menu", "tab", request, error_of(LookupError, "x"))
    health.record("alpha", "menu", "tab", "r3", error_of(LookupError, "y"))
    other, same = health.incidents()
    assert (same.count, other.count) == (2, 1)
    assert same.first_at == START
    assert same.at == START + timedelta(minutes=1)
    assert same.request_id == "r2"


def test_the_id_of_a_failure_is_the_same_in_every_process() -> None:
    """Two workers report one incident."""
    error = error_of(LookupError, "x")
    ids = {HealthLog().record("a", "menu", "tab", "r", error).id for _ in range(2)}
    assert len(ids) == 1


def test_the_log_is_bounded_and_drops_the_oldest(health: HealthLog) -> None:
    """In memory, so it must not grow."""
    for number in range(5):
        health.record("alpha", "menu", f"h{number}", "", error_of(LookupError, "x"))
    assert [one.handler for one in health.incidents()] == ["h4", "h3", "h2"]


def test_the_failures_of_a_request_are_found_each_once(health: HealthLog) -> None:
    """For the notice that a site admin sees on the page."""
    for handler in ("one", "two", "one"):
        health.record("alpha", "menu", handler, "r1", error_of(LookupError, "x"))
    health.record("alpha", "menu", "one", "r2", error_of(LookupError, "x"))
    assert [one.handler for one in health.for_request("r1")] == ["one", "two"]
    assert [one.handler for one in health.for_request("r2")] == ["one"]
    assert health.for_request("") == ()


def test_an_error_without_a_text_of_its_own_is_kept_all_the_same(health: HealthLog) -> None:
    """A lying handler: its error cannot even say what it is."""

    class Mute(Exception):
        def __str__(self) -> str:
            raise SystemExit

    incident = health.record("alpha", "menu", "tab", "r1", error_of(Mute, "x"))
    assert "Mute" in incident.error


def test_long_texts_are_cut(health: HealthLog) -> None:
    """Bounded, also against one enormous error."""
    incident = health.record("alpha", "menu", "tab", "r", error_of(LookupError, "x" * 100_000))
    assert len(incident.error) == MAX_ERROR_CHARS
    assert len(incident.traceback) <= MAX_TRACEBACK_CHARS


def test_the_failures_of_plugins_that_are_gone_are_forgotten(health: HealthLog) -> None:
    """What nobody's plugin did stays."""
    for plugin in ("", "alpha", "beta"):
        health.record(plugin, "menu", "tab", "r1", error_of(LookupError, "x"))
    health.keep_only({"beta", "gamma"})
    assert [one.plugin for one in health.incidents()] == ["beta", ""]
    assert [one.plugin for one in health.for_request("r1")] == ["", "beta"]


def test_times_are_added_up_by_plugin_and_hook(health: HealthLog) -> None:
    """Seconds: calls, sum and longest; the most expensive first."""
    alpha, beta = health.stopwatch("alpha", "menu"), health.stopwatch("beta", "menu")
    assert health.stopwatch("alpha", "menu") is alpha
    health.add_times([alpha, beta], [10.0, 10.5, 12.5])
    health.add_times([alpha, beta], [20.0, 20.25])
    health.add_times([alpha, beta], [30.0, 30.0, 31.0])
    first, second = health.timings()
    assert (first.plugin, first.calls, first.total, first.longest) == ("beta", 2, 3.0, 2.0)
    assert (second.plugin, second.calls, second.total, second.longest) == ("alpha", 2, 0.75, 0.5)


def test_slow_calls_of_plugins_are_counted_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    """Issue 6: warn, then report; the portal's own time and jobs in the background are nobody's fault."""
    health = HealthLog(warn_seconds=1.0)
    for plugin, hook in (("alpha", "menu"), ("", "(request)"), ("alpha", JOB)):
        health.add_times([health.stopwatch(plugin, hook)] * 2, [0.0, 0.5, 2.5])
    assert [each.slow for each in health.unwritten().sums] == [1, 0, 0]
    assert [each.getMessage() for each in caplog.records] == [
        "The plugin alpha took 2.0 seconds in menu"
    ]


def test_what_was_never_called_is_not_listed(health: HealthLog) -> None:
    """A stopwatch that stands ready is no measurement."""
    health.stopwatch("alpha", "menu")
    assert health.timings() == ()


def test_threads_lose_no_failure_and_no_call() -> None:
    """One log serves all threads of a process."""
    health = HealthLog()
    watch = health.stopwatch("alpha", "menu")
    error = error_of(LookupError, "x")

    def work() -> None:
        for _ in range(200):
            health.record("alpha", "menu", "tab", "r", error)
            health.add_times([watch], [0.0, 1.0])

    threads = [Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert health.incidents()[0].count == 800
    assert health.timings()[0].calls == 800
