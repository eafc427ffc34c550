"""Pieces of plugins' code in pages of the host's: cut off when they hang, noted for who looks behind a mask."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest

from portal.core.interrupts import TimeIsUp
from portal.pluginengine.containing import PieceFailed, contained
from portal.pluginengine.context import current_plugin
from portal.pluginengine.health.deadline import Deadline
from portal.pluginengine.masking import View, current_view
from tests.fixtures.plugins import PluginSite


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """What is written in a piece is fenced by what has tests of its own."""
    return sqlite_url


@pytest.fixture
def running(site: PluginSite) -> Iterator[PluginSite]:
    """A site on which a piece has a fraction of a second, in an app context."""
    before = signal.getsignal(signal.SIGALRM)
    site.runtime.health.deadline = Deadline(0.15, tick=0.05)
    with site.app.app_context():
        yield site
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


def hang() -> None:
    while True:
        with suppress(Exception):
            time.sleep(10)


def test_a_piece_runs_as_its_plugin_and_gives_what_it_gives(running: PluginSite) -> None:
    assert contained("probe", "(form)", "x", current_plugin.get) == "probe"
    assert current_plugin.get() is None


def test_a_piece_that_hangs_is_cut_off(running: PluginSite) -> None:
    health = running.runtime.health
    began = time.monotonic()
    with health.deadline.watched(), pytest.raises(PieceFailed):
        contained("probe", "(form)", "x", hang)
    assert time.monotonic() - began < 5
    (incident,) = health.incidents()
    assert "was cut off" in incident.error
    assert health.deadline.running == []


def test_the_end_of_a_handler_further_out_goes_through(running: PluginSite) -> None:
    outer = object()

    def late() -> None:
        raise TimeIsUp(1, outer)

    with pytest.raises(TimeIsUp):
        contained("probe", "(form)", "x", late)
    assert running.runtime.health.incidents() == ()


def test_what_may_pass_is_no_incident(running: PluginSite) -> None:
    def refuse() -> None:
        raise LookupError

    with pytest.raises(LookupError):
        contained("probe", "(form)", "x", refuse, passing=(LookupError,))
    assert running.runtime.health.incidents() == ()


def test_threads_have_no_deadline_of_the_main_thread(running: PluginSite) -> None:
    seen: list[int] = []
    deadline = running.runtime.health.deadline

    def look() -> None:
        with running.app.app_context():
            contained("probe", "(form)", "x", lambda: seen.append(len(deadline.running)))

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert seen == [0]


def test_who_looks_behind_a_mask_is_told_that_the_plugin_took_part(running: PluginSite) -> None:
    view = View()
    token = current_view.set(view)
    contained("probe", "(form)", "x", lambda: sum(range(1000)))
    current_view.reset(token)
    assert [part.handle for part in view.trace.parts()] == ["probe"]
