"""Handlers that hang are cut, handlers that end the process are named by whoever lives on."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from portal.core.interrupts import TimeIsUp
from portal.core.transactions import guarded
from portal.pluginengine.dispatch import Hooks
from portal.pluginengine.errors import HandlerMisuse
from portal.pluginengine.fencing import Around
from portal.pluginengine.health.deadline import Deadline
from portal.pluginengine.health.marker import ENDING, Marker, last_words
from portal.pluginengine.hooks import HookKind
from tests.pluginengine.dispatching import failures, make_hooks

LIMIT = 0.15


class Guarding:
    """A fence as far as the deadline looks: it guards while a handler runs."""

    def firing(self, kind: HookKind) -> Around:
        """Give blocks that guard."""
        return lambda plugin: guarded(HandlerMisuse)


@pytest.fixture
def hooks() -> Iterator[Hooks]:
    """A dispatcher whose handlers have a deadline, and an alarm that is put back."""
    before = signal.getsignal(signal.SIGALRM)
    hooks = make_hooks(fence=Guarding())
    hooks.health.deadline = Deadline(LIMIT, tick=0.05)
    yield hooks
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


def hang() -> str:
    """Never come back, whatever is raised."""
    while True:
        with suppress(Exception):
            time.sleep(10)


def test_a_handler_that_hangs_is_cut_and_the_next_ones_answer(hooks: Hooks) -> None:
    """Engineering B8: contained as a failure of that handler."""
    hooks.attach("alpha", "text", "hang", hang)
    hooks.attach("beta", "text", "answer", lambda: "beta")
    began = time.monotonic()
    with hooks.health.deadline.watched():
        assert hooks.render("text", word="x") == "beta"
    assert time.monotonic() - began < 5
    assert failures(hooks) == [("alpha", "text", "hang")]
    assert "was cut off" in hooks.health.incidents()[0].error


def test_the_handler_that_is_overdue_is_cut_and_not_the_one_that_it_has_called(
    hooks: Hooks,
) -> None:
    """Nested firing: each has its own time; what it contains goes with it."""

    def fire_on_and_on() -> str:
        while True:
            hooks.collect("styles")

    hooks.attach("alpha", "text", "outer", fire_on_and_on)
    hooks.attach("beta", "styles", "inner", lambda: time.sleep(0.01))
    with hooks.health.deadline.watched():
        assert hooks.render("text", word="x") == ""
    assert failures(hooks) == [("alpha", "text", "outer")]
    assert hooks.health.deadline.running == []


def test_a_hang_within_a_nested_firing_is_the_inner_handlers(hooks: Hooks) -> None:
    """The outer one, which was quick until then, is next."""
    hooks.attach("alpha", "text", "outer", lambda: "".join(hooks.collect("styles")) + "outer")
    hooks.attach("beta", "styles", "inner", hang)
    with hooks.health.deadline.watched():
        hooks.render("text", word="x")
    assert ("beta", "styles", "inner") in failures(hooks) or failures(hooks) == [
        ("alpha", "text", "outer")
    ]


def test_quick_handlers_are_left_alone_and_the_timer_ends_with_the_request(hooks: Hooks) -> None:
    """A request quicker than a tick never sees it."""
    hooks.attach("alpha", "text", "quick", lambda: "quick")
    with hooks.health.deadline.watched():
        for _time in range(50):
            assert hooks.render("text", word="x") == "quick"
            time.sleep(0.005)
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    assert failures(hooks) == []


def test_there_is_none_in_threads_and_beside_somebody_elses_alarm(hooks: Hooks) -> None:
    """Python runs signal handlers in the main thread; a program's own alarm is its own."""
    armed: list[tuple[float, float]] = []

    def look() -> None:
        with hooks.health.deadline.watched():
            armed.append(signal.getitimer(signal.ITIMER_REAL))

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    signal.signal(signal.SIGALRM, lambda number, frame: None)
    look()
    assert armed == [(0.0, 0.0)] * 2


def test_no_code_is_cut_that_is_the_hosts_own() -> None:
    """Outside the guard nothing is raised, however long it takes."""

    @contextmanager
    def pretending(deadline: Deadline) -> Iterator[None]:
        deadline.running.append([time.perf_counter() - 100])
        yield
        deadline.running.clear()

    deadline = Deadline(LIMIT, tick=0.02)
    before = signal.getsignal(signal.SIGALRM)
    try:
        with deadline.watched(), pretending(deadline):
            time.sleep(0.1)
        with (
            pytest.raises(TimeIsUp),
            deadline.watched(),
            pretending(deadline),
            guarded(HandlerMisuse),
        ):
            time.sleep(5)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


ENDS = """
import os, sys
from pathlib import Path
from portal.pluginengine.health import HealthLog
from portal.pluginengine.health.measuring import measured
health = HealthLog()
health.marker.open(Path(sys.argv[1]))
with measured(health, "alpha", "(page)", "alpha.index"):
    {}
"""


@pytest.mark.parametrize(
    ("end", "is_named"),
    [
        ("os._exit(0)", True),
        ("os.kill(os.getpid(), 9)", True),
        ("import ctypes; ctypes.string_at(0)", True),
        ("raise SystemExit(0)", False),
        ("pass", False),
    ],
)
def test_whoever_lives_on_reads_what_a_dead_process_was_running(
    tmp_path: Path, end: str, is_named: bool
) -> None:
    """Engineering B8: os._exit, a kill and a crash leave a mark; an orderly end leaves none."""
    subprocess.run([sys.executable, "-c", ENDS.format(end), str(tmp_path)], check=False)
    named = [(each.plugin, each.hook, each.handler) for each in last_words(tmp_path)]
    assert named == ([("alpha", "(page)", "alpha.index")] if is_named else [])
    assert list(tmp_path.iterdir()) == []


def test_the_marks_of_the_living_are_left_alone(tmp_path: Path) -> None:
    """Whose file is locked is running."""
    marker = Marker()
    marker.open(tmp_path)
    marker.cells[0] = marker.number("alpha", "message", "")
    assert list(last_words(tmp_path)) == []
    assert len(list(tmp_path.iterdir())) == 1
    marker.close()
    assert list(tmp_path.iterdir()) == []


def test_what_ran_when_the_machine_went_down_is_nobodys_fault(tmp_path: Path) -> None:
    """The file tells another start of the machine."""
    marker = Marker()
    marker.open(tmp_path)
    marker.cells[0] = marker.number("alpha", "message", "")
    (path,) = tmp_path.iterdir()
    content = b"another boot".ljust(64, b"\0") + path.read_bytes()[64:]
    (tmp_path / f"1-abc{ENDING}").write_bytes(content)
    assert list(last_words(tmp_path)) == []
    marker.close()


def test_a_file_that_cannot_be_read_keeps_nobody_from_reading_the_others(tmp_path: Path) -> None:
    """One that another user's process has left, or that is no file, must not end the process that starts."""
    (tmp_path / f"1-abc{ENDING}").mkdir()
    (tmp_path / f"2-abc{ENDING}").symlink_to("/dev/null")
    (tmp_path / f"nobody{ENDING}").write_bytes(b"")
    subprocess.run([sys.executable, "-c", ENDS.format("os._exit(0)"), str(tmp_path)], check=False)
    assert [each.plugin for each in last_words(tmp_path)] == ["alpha"]
