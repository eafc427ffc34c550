"""Telling a process that is being stopped from a plugin that raised what stops processes.

SystemExit and KeyboardInterrupt end a process when a signal brought them (gunicorn's workers leave by
``sys.exit()`` in a signal handler; Ctrl-C); raised by a plugin's own code they are failures like any other.
"""

from __future__ import annotations

import dis
import signal
import threading
from collections.abc import Iterator
from types import CodeType, TracebackType

_RAISE = dis.opmap["RAISE_VARARGS"]


class TimeIsUp(BaseException):
    """Raised by the portal's own timer inside code that has run for too long: it ends that code only.

    No ``Exception``, so that it passes through what the code itself would catch. ``whose`` is the object by
    which whoever called the code knows that it is meant.
    """

    def __init__(self, seconds: float, whose: object) -> None:
        super().__init__(f"It was still running after {seconds:g} seconds, and was cut off.")
        self.whose = whose


def is_interrupt(error: BaseException) -> bool:
    """Tell whether a signal raised ``error``, so that it must go on to whoever runs the process.

    Python runs signal handlers in the main thread only, between the instructions of whatever runs there:
    a handler that raises stands in the traceback. Python's own handler of Ctrl-C is no Python code and
    leaves no such trace; there, what no ``raise`` statement has raised came from outside.
    """
    if (
        isinstance(error, (Exception, TimeIsUp))
        or threading.current_thread() is not threading.main_thread()
    ):
        return False
    steps = list(_steps(error.__traceback__))
    handlers = set(_signal_handlers())
    if any(step.tb_frame.f_code in handlers for step in steps):
        return True
    if not isinstance(error, KeyboardInterrupt) or not steps:
        return False
    has_default = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    return has_default and steps[-1].tb_frame.f_code.co_code[steps[-1].tb_lasti] != _RAISE


def is_abort(error: BaseException) -> bool:
    """Tell whether an interrupt ends the process because something hung: as gunicorn's time-out does.

    Its worker then leaves with a status; an orderly end has none.
    """
    return isinstance(error, SystemExit) and error.code not in (None, 0) and is_interrupt(error)


def _steps(trace: TracebackType | None) -> Iterator[TracebackType]:
    while trace is not None:
        yield trace
        trace = trace.tb_next


def _signal_handlers() -> Iterator[CodeType]:
    """Yield the code of each signal handler that is written in Python."""
    for number in signal.valid_signals():
        code = getattr(signal.getsignal(number), "__code__", None)
        if isinstance(code, CodeType):
            yield code
