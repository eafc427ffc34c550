"""What stops the process goes on; what only looks like it is a failure of whoever raised it."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from portal.core.interrupts import is_interrupt


class Worker:
    """Leaves by a signal handler that is a method, as gunicorn's workers do."""

    def leave(self, number: int, frame: object) -> None:
        raise SystemExit(1)


@contextmanager
def handled(number: int, handler: Any) -> Iterator[None]:
    """Let the signal have this handler inside the block."""
    before = signal.signal(number, handler)
    try:
        yield
    finally:
        signal.signal(number, before)


def judged(work: Callable[[], object]) -> bool:
    """Do the work and tell whether what it raises is an interrupt."""
    try:
        work()
    except BaseException as error:  # noqa: BLE001  that is the subject
        return is_interrupt(error)
    raise AssertionError("nothing was raised")


def kill(number: int) -> None:
    """Send a signal to this process, and go on until it comes."""
    os.kill(os.getpid(), number)
    for _turn in range(10_000_000):
        pass


def raising(error: BaseException) -> Callable[[], None]:
    """Code that raises."""

    def work() -> None:
        raise error

    return work


def test_an_exit_from_a_signal_handler_is_an_interrupt() -> None:
    with handled(signal.SIGABRT, Worker().leave):
        assert judged(lambda: kill(signal.SIGABRT))


def test_ctrl_c_is_an_interrupt() -> None:
    with handled(signal.SIGINT, signal.default_int_handler):
        assert judged(lambda: kill(signal.SIGINT))


@pytest.mark.parametrize(
    "error", [SystemExit(1), KeyboardInterrupt(), GeneratorExit(), ValueError()], ids=repr
)
def test_what_code_raises_itself_is_none(error: BaseException) -> None:
    with (
        handled(signal.SIGABRT, Worker().leave),
        handled(signal.SIGINT, signal.default_int_handler),
    ):
        assert not judged(raising(error))


def test_in_other_threads_nothing_is_one() -> None:
    found: list[bool] = []
    thread = threading.Thread(target=lambda: found.append(judged(raising(KeyboardInterrupt()))))
    thread.start()
    thread.join()
    assert found == [False]
