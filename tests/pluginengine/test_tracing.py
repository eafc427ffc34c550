"""What is noted of the plugins that took part in one answer."""

from portal.pluginengine.tracing import Part, Trace


def test_calls_and_seconds_add_up_and_the_slowest_stands_first() -> None:
    """Two firings; the host's handlers are nobody's plugin."""
    trace = Trace()
    trace.note([None, "alpha", "beta"], [0.0, 1.0, 1.5, 1.75])
    trace.note(["alpha"], [10.0, 11.0])
    assert trace.parts() == (
        Part(handle="alpha", calls=2, seconds=1.5),
        Part(handle="beta", calls=1, seconds=0.25),
    )


def test_handlers_that_were_not_called_did_not_take_part() -> None:
    """An equal mark, or one that is missing at the end: see HealthLog.add_times."""
    trace = Trace()
    trace.note(["alpha", "beta", "gamma"], [0.0, 1.0, 1.0])
    assert [part.handle for part in trace.parts()] == ["alpha"]


def test_the_answers_own_time_is_told() -> None:
    """Since the trace was begun."""
    readings = iter([5.0, 7.5])
    assert Trace(clock=lambda: next(readings)).seconds() == 2.5
