"""A real site: migrated, filled with the demo, served by `portal run` on a free port."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from portal.config import ROOT
from portal.core.clock import now
from tests.fixtures.compiled import share_compiled_templates

PORTAL = [sys.executable, "-m", "portal.cli"]
START_SECONDS = 60
STOP_SECONDS = 20


class LiveSite:
    """A running site: where it is, and what its processes have logged."""

    def __init__(self, port: int, log: Path) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self._log = log

    def log(self) -> list[dict[str, Any]]:
        """Return the log lines of the web workers, oldest first."""
        lines = [line.partition("| ")[::2] for line in self._log.read_text().splitlines()]
        return [
            json.loads(text) for name, text in lines if name.strip() == "web" and text[:1] == "{"
        ]

    def takeovers(self, generation: int) -> list[datetime]:
        """Return when each worker went over to that generation."""
        return [
            datetime.fromisoformat(entry["time"])
            for entry in self.log()
            if "taken over" in entry["message"] and entry["generation"] == generation
        ]

    def failures(self) -> list[dict[str, Any]]:
        """Return the log lines that tell of a failure."""
        return [entry for entry in self.log() if entry["level"] in ("error", "critical")]

    def text(self) -> str:
        """Return everything that was written, the supervisor's own lines too."""
        return self._log.read_text()


def demo_environ(var: Path, **settings: str) -> dict[str, str]:
    """Return the environment of a site whose directory is ``var``."""
    return {**os.environ, "PORTAL_VAR": str(share_compiled_templates(var)), **settings}


def prepare(environ: Mapping[str, str]) -> None:
    """Migrate the site's database and fill in the demo content."""
    for words in (["db", "upgrade"], ["demo"]):
        done = subprocess.run(
            [*PORTAL, *words], env=environ, cwd=ROOT, check=False, capture_output=True, text=True
        )
        if done.returncode != 0:
            raise RuntimeError(f"`portal {' '.join(words)}` failed:\n{done.stdout}{done.stderr}")


@contextmanager
def running_site(environ: Mapping[str, str]) -> Iterator[LiveSite]:
    """Serve a prepared site with two web workers and the background worker; nothing survives the block."""
    port = free_port()
    var = Path(environ["PORTAL_VAR"])
    log = var / f"run-{now():%H%M%S%f}.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [*PORTAL, "run"],
            env={**environ, "PORTAL_PORT": str(port), "PORTAL_WORKERS": "2"},
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    site = LiveSite(port, log)
    try:
        _wait_until_it_answers(site, process)
        yield site
    finally:
        _stop(process)


def copied_site(template: Path, var: Path) -> dict[str, str]:
    """Copy a prepared SQLite site to ``var`` and return its environment."""
    shutil.copytree(template, var, dirs_exist_ok=True)
    return demo_environ(var)


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_it_answers(site: LiveSite, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError(f"`portal run` ended with {process.returncode}:\n{site.text()}")
        try:
            with urllib.request.urlopen(f"{site.url}/readyz", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError(f"`portal run` did not answer in {START_SECONDS} seconds:\n{site.text()}")


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.send_signal(signal.SIGINT)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
