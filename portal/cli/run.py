"""`portal run`: the web server and the background worker, together, until Ctrl-C."""

from __future__ import annotations

import errno
import os
import socket
import sys
import urllib.error
import urllib.request

import click

from portal.accounts.demoaccounts import demo_logins
from portal.cli.supervisor import Program, Supervisor
from portal.config import ROOT, Settings
from portal.core.errors import PortalError
from portal.core.metrics.sharing import FOLDER, forget_the_dead

REQUEST_SECONDS = 60
READY_TIMEOUT = 1.0


@click.command("run")
@click.option("--demo", is_flag=True, help="Show the demo logins beside the address.")
def run(demo: bool) -> None:
    """Start the web server and the background worker; Ctrl-C stops both."""
    settings = Settings.load()
    refuse_taken_address(settings.host, settings.port)
    forget_the_dead(settings.var / FOLDER)
    environ = {**os.environ, "PYTHONUNBUFFERED": "1"}
    programs = [
        Program(name="web", command=web_command(settings), environ=environ),
        Program(name="worker", command=worker_command(), environ=environ),
    ]
    sys.exit(
        Supervisor(programs, on_tick=Announcement(settings, demo_logins() if demo else "")).run()
    )


def web_command(settings: Settings) -> list[str]:
    """Return gunicorn's command line: sync workers, so that a hanging request can be cut."""
    options = {
        "--chdir": str(ROOT),
        "--bind": f"{bracketed(settings.host)}:{settings.port}",
        "--workers": str(settings.workers),
        "--worker-class": "sync",
        "--timeout": str(REQUEST_SECONDS),
        "--graceful-timeout": "10",
        "--log-level": "warning",
    }
    words = [word for option in options.items() for word in option]
    return [sys.executable, "-m", "gunicorn", *words, "--no-control-socket", "wsgi:application"]


def worker_command() -> list[str]:
    """Return the worker's command line: this very program."""
    return [sys.executable, "-m", "portal.cli", "worker"]


def bracketed(host: str) -> str:
    """Return the host as it stands in a URL: an IPv6 address in brackets."""
    return f"[{host}]" if ":" in host else host


def refuse_taken_address(host: str, port: int) -> None:
    """Raise PortalError when the web server could not listen there, saying what to do."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PortalError(
                f"The web server cannot listen on {bracketed(host)}:{port}: {error.strerror}.",
                _remedy(error, port),
            ) from error


def _remedy(error: OSError, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"Another program has the port (`ss -ltnp 'sport = :{port}'` names it). Stop it, or "
            f"choose another port: PORTAL_PORT={port % 65535 + 1} make run"
        )
    if error.errno == errno.EACCES:
        return "Ports below 1024 belong to root; choose a higher one with PORTAL_PORT."
    return "Set PORTAL_HOST to an address of this machine, for example 127.0.0.1 or 0.0.0.0."


class Announcement:
    """Says the address, once, when the site first answers there."""

    def __init__(self, settings: Settings, welcome: str) -> None:
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104
        self._address = f"http://{bracketed(host)}:{settings.port}/"
        self._welcome = welcome
        self._done = False

    def __call__(self) -> None:
        """Ask /healthz and, when it answers, print the address."""
        if self._done or not self._answers():
            return
        self._done = True
        lines = [f"Portal is ready: {self._address}", *self._welcome.splitlines()]
        click.echo("\n" + "\n".join(f"  {line}" for line in [*lines, "Ctrl-C stops it."]) + "\n")

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self._address}healthz", timeout=READY_TIMEOUT) as answer:  # noqa: S310
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False
