"""The worker's sign of life, kept in the queue's own storage, where every host can read it."""

from __future__ import annotations

import os
import socket
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from huey import Huey

from portal.core.clock import now

KEY = "portal.worker"
BEAT_SECONDS = 5
DEAD_AFTER = timedelta(seconds=20)


@dataclass(frozen=True, kw_only=True)
class Heartbeat:
    """Which worker was last seen, and when."""

    host: str
    pid: int
    at: datetime

    @property
    def is_alive(self) -> bool:
        """Whether the beat is recent enough for its worker to be taken as running."""
        return now() - self.at < DEAD_AFTER


def beat(huey: Huey) -> None:
    """Write a sign of life for this process."""
    huey.put(KEY, (socket.gethostname(), os.getpid(), now().isoformat()))


def farewell(huey: Huey) -> None:
    """Take the sign of life back, when it is this process's own."""
    last = last_heartbeat(huey)
    if last is not None and (last.host, last.pid) == (socket.gethostname(), os.getpid()):
        huey.delete(KEY)


def last_heartbeat(huey: Huey) -> Heartbeat | None:
    """Return the newest sign of life of any worker, or None."""
    stored = huey.get(KEY, peek=True)
    if stored is None:
        return None
    host, pid, at = stored
    return Heartbeat(host=host, pid=pid, at=datetime.fromisoformat(at))


class HeartbeatThread(threading.Thread):
    """Beats until it is told to stop."""

    def __init__(self, huey: Huey, seconds: float = BEAT_SECONDS) -> None:
        super().__init__(name="heartbeat", daemon=True)
        self._huey = huey
        self._seconds = seconds
        self._stopped = threading.Event()

    def run(self) -> None:
        """Beat at once, then at every interval; take the last beat back in the end."""
        beat(self._huey)
        while not self._stopped.wait(self._seconds):
            beat(self._huey)
        farewell(self._huey)
        self._huey.storage.close()

    def stop(self) -> None:
        """Stop beating, and wait until that is done."""
        self._stopped.set()
        self.join(timeout=5)
