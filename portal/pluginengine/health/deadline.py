"""Cutting a handler that does not come back: a timer in the main thread of a sync worker (engineering B8).

The timer is set once a request and ticks once a second, so that a request that is quicker never sees it
and a firing costs nothing. A tick looks since when each handler on the stack has been running, and raises
``TimeIsUp`` inside the code of one that is overdue. Python runs signal handlers in the main thread only:
in threads there is no deadline, and what hangs inside C code is left to the server's own time-out.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from types import FrameType
from typing import Final

from portal.core import database
from portal.core.interrupts import TimeIsUp
from portal.core.transactions import is_guarded

TICK_SECONDS: Final = 1.0
#: How soon to look again when the host's own code is just at work for the handler.
SOON_SECONDS: Final = 0.01

_ENGINE = str(Path(__file__).parent.parent)
_CORE = str(Path(database.__file__).parent)


class Deadline:
    """The deadline of the handlers of one process; ``seconds`` is how long one may take, 0: for ever.

    ``running`` holds the marks of the firings of the main thread, the outermost first: the last mark of
    each is when its present handler began.
    """

    def __init__(self, seconds: float = 0.0, tick: float = TICK_SECONDS) -> None:
        self.running: list[list[float]] = []
        self._seconds = seconds
        self._tick_seconds = tick
        self._handler = self._tick

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Watch the handlers that run in the block; without effect in a thread or when already watched."""
        if not self._seconds or threading.current_thread() is not threading.main_thread():
            yield
            return
        if not self._may_tick():
            yield
            return
        before = signal.setitimer(signal.ITIMER_REAL, self._tick_seconds, self._tick_seconds)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, *before)

    def _may_tick(self) -> bool:
        """Put our signal handler in its place; False when somebody else uses the signal."""
        installed = signal.getsignal(signal.SIGALRM)
        if installed is self._handler:
            return True
        if callable(installed) and not isinstance(getattr(installed, "__self__", None), Deadline):
            return False
        signal.signal(signal.SIGALRM, self._handler)
        return True

    def _tick(self, number: int, frame: FrameType | None) -> None:
        now = perf_counter()
        for marks in self.running:
            if now - marks[-1] > self._seconds:
                break
        else:
            return
        if frame is None or not is_guarded() or frame.f_code.co_filename.startswith(_HOST):
            signal.setitimer(signal.ITIMER_REAL, SOON_SECONDS, self._tick_seconds)
            return
        raise TimeIsUp(self._seconds, marks)


_HOST = (_ENGINE, _CORE)
