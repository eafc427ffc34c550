"""Runs several programs as one: prefixed logs, one end for all, no child left behind."""

from __future__ import annotations

import ctypes
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import FrameType

GRACE_SECONDS = 15.0
TICK_SECONDS = 0.2
PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, kw_only=True)
class Program:
    """A program to run: its name in the logs, its command line, its whole environment."""

    name: str
    command: Sequence[str]
    environ: Mapping[str, str]


class Supervisor:
    """Starts the programs in one process group and ends them together.

    ``on_tick`` is called about five times a second while all of them run.
    """

    def __init__(
        self,
        programs: Sequence[Program],
        *,
        on_tick: Callable[[], None] = lambda: None,
        write: Callable[[str], object] = sys.stdout.write,
    ) -> None:
        self._programs = programs
        self._on_tick = on_tick
        self._write = write
        self._width = max(len(program.name) for program in programs)
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._selector = selectors.DefaultSelector()
        self._rests: dict[str, bytes] = {}
        self._signals = 0

    def run(self) -> int:
        """Run until a signal (0), or until a program ends by itself (its status, but never 0)."""
        before = {each: signal.signal(each, self._note) for each in (signal.SIGINT, signal.SIGTERM)}
        try:
            for program in self._programs:
                self._start(program)
            status = self._watch()
            self._stop()
            return status
        finally:
            for child in self._children.values():
                child.kill()
                child.communicate()  # collects its status and closes the pipe
            self._selector.close()
            for number, handler in before.items():
                signal.signal(number, handler)

    def _start(self, program: Program) -> None:
        child = subprocess.Popen(
            program.command,
            env=program.environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            preexec_fn=_die_with_parent,  # noqa: PLW1509 - this process has no threads
        )
        assert child.stdout is not None
        os.set_blocking(child.stdout.fileno(), False)
        self._selector.register(child.stdout, selectors.EVENT_READ, program.name)
        self._children[program.name] = child

    def _note(self, number: int, frame: FrameType | None) -> None:
        self._signals += 1

    def _watch(self) -> int:
        while not self._signals:
            self._copy_output(TICK_SECONDS)
            for name, child in self._children.items():
                status = child.poll()
                if status is not None and not self._signals:
                    self._say(name, f"ended with status {status}; stopping the rest")
                    return status if status > 0 else 1
            self._on_tick()
        return 0

    def _stop(self) -> None:
        for child in self._children.values():
            if child.poll() is None:
                child.terminate()
        signals, until = self._signals, time.monotonic() + GRACE_SECONDS
        while self._running() and time.monotonic() < until and self._signals <= signals + 1:
            self._copy_output(TICK_SECONDS)
        for name in self._running():
            self._say(name, "did not stop in time; killed")
            self._children[name].kill()
        for child in self._children.values():
            child.wait()
        self._copy_output(0)

    def _running(self) -> list[str]:
        return [name for name, child in self._children.items() if child.poll() is None]

    def _copy_output(self, seconds: float) -> None:
        if not self._selector.get_map():
            time.sleep(seconds)
        for key, _ in self._selector.select(seconds):
            data = os.read(key.fd, 65536)
            lines = (self._rests.pop(key.data, b"") + data).split(b"\n")
            rest = lines.pop()
            if data and rest:
                self._rests[key.data] = rest
            elif rest:
                lines.append(rest)
            if not data:
                self._selector.unregister(key.fileobj)
            for line in lines:
                self._say(key.data, line.decode("utf-8", "replace"))

    def _say(self, name: str, text: str) -> None:
        self._write(f"{name:<{self._width}} | {text}\n")
        sys.stdout.flush()


def _die_with_parent() -> None:
    """On Linux, end this child when the supervisor is killed without a chance to say so."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
