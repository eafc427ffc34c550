"""The supervisor: several programs, one end."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from portal.cli.supervisor import Program, Supervisor

SLEEP = "import time; print('awake', flush=True); time.sleep(60)"


def program(name: str, code: str) -> Program:
    """Return a program that runs some Python."""
    return Program(name=name, command=[sys.executable, "-c", code], environ=os.environ)


def test_lines_carry_the_name_of_their_program() -> None:
    lines: list[str] = []
    Supervisor([program("web", "print('one'); print('two', end='')")], write=lines.append).run()
    assert "web | one\n" in lines
    assert "web | two\n" in lines


@pytest.mark.parametrize(("code", "status"), [("raise SystemExit(7)", 7), ("pass", 1)])
def test_a_dead_child_ends_the_rest_with_failure(code: str, status: int) -> None:
    """Engineering 2j: a dead child ends the rest."""
    lines: list[str] = []
    started = time.monotonic()
    programs = [program("web", SLEEP), program("worker", code)]
    assert Supervisor(programs, write=lines.append).run() == status
    assert time.monotonic() - started < 10
    assert any(line.startswith("worker | ended with status") for line in lines)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_all_and_counts_as_success(number: signal.Signals) -> None:
    lines: list[str] = []

    def stop_when_awake(line: str) -> None:
        lines.append(line)
        if lines.count("web    | awake\n") and lines.count("worker | awake\n"):
            threading.Timer(0.05, os.kill, (os.getpid(), number)).start()

    programs = [program("web", SLEEP), program("worker", SLEEP)]
    assert Supervisor(programs, write=stop_when_awake).run() == 0


@pytest.mark.skipif(sys.platform != "linux", reason="prctl is Linux")
def test_children_do_not_outlive_a_killed_supervisor() -> None:
    code = (
        "import os, sys\n"
        "from portal.cli.supervisor import Program, Supervisor\n"
        "child = 'import os, time; print(os.getpid(), flush=True); time.sleep(60)'\n"
        "program = Program(name='web', command=[sys.executable, '-c', child], environ=os.environ)\n"
        "Supervisor([program]).run()\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as supervisor:
        assert supervisor.stdout is not None
        child = int(supervisor.stdout.readline().split(b"|")[1])
        supervisor.kill()
    assert eventually(lambda: not Path(f"/proc/{child}").exists())


def eventually(claim: Callable[[], bool], seconds: float = 5) -> bool:
    """Return whether the claim comes true in time."""
    until = time.monotonic() + seconds
    while not claim() and time.monotonic() < until:
        time.sleep(0.02)
    return claim()
