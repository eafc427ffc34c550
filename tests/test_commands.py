"""The commands a newcomer types: `make run`, `portal run`, `portal doctor`, `portal db upgrade`."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from portal.cli.root import main
from portal.cli.run import refuse_taken_address
from portal.config import Settings
from portal.core.errors import PortalError
from portal.jobs.heartbeat import beat
from portal.jobs.queue import JobQueue

ROOT = Path(__file__).resolve().parent.parent
PORTAL = [sys.executable, "-m", "portal.cli"]


@pytest.fixture
def environ(sqlite_url: str, tmp_path: Path) -> Mapping[str, str]:
    """The environment of a migrated site on a free port."""
    return {
        **os.environ,
        "DATABASE_URL": sqlite_url,
        "PORTAL_VAR": str(tmp_path / "var"),
        "PORTAL_PORT": str(free_port()),
    }


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(
    command: list[str], environ: Mapping[str, str], folder: Path = ROOT
) -> Iterator[subprocess.Popen[str]]:
    """Run a command in a process group of its own; nothing of it survives the block."""
    log = folder / "running.log" if folder != ROOT else Path(environ["PORTAL_VAR"]) / "running.log"
    log.parent.mkdir(exist_ok=True)
    with log.open("w+") as output:
        process = subprocess.Popen(
            command,
            env=environ,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        try:
            yield process
        except BaseException:
            sys.stdout.write(log.read_text())
            raise
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def answer(port: str, path: str) -> tuple[int, str]:
    """Return status and body of a page, (0, "") while nobody answers."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()
    except OSError:
        return 0, ""


def eventually(claim: Callable[[], bool], seconds: float = 60) -> bool:
    """Return whether the claim comes true in time."""
    until = time.monotonic() + seconds
    while not (holds := claim()) and time.monotonic() < until:
        time.sleep(0.1)
    return holds


def ended(process: subprocess.Popen[str]) -> bool:
    """Return whether the process is over."""
    return process.poll() is not None


def members_of(group: int) -> list[int]:
    """Return the processes of a process group."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            if int(stat[2]) == group and stat[0] != "Z":
                found.append(int(entry.name))
    return found


def is_whole(port: str) -> bool:
    """Tell whether web server, database and worker all answer."""
    return answer(port, "/readyz")[1].find('"status":"ok"') >= 0


def invoke(environ: Mapping[str, str], *words: str) -> Result:
    """Run a command in this process."""
    return CliRunner(env=environ).invoke(main, words)


def check_metrics(port: str) -> None:
    """Whichever web worker is asked, /metrics tells of both of them and of the background worker."""
    for _time in range(20):
        assert answer(port, "/login")[0] == 200
    logins = 'portal_http_request_duration_seconds_count{endpoint="accounts.login"'
    jobs = 'portal_job_duration_seconds_count{job="send_mail",outcome="done",plugin="core"}'
    for _worker in range(4):
        assert eventually(lambda: figure(port, logins) == 20 and figure(port, jobs) >= 1, 20)
    assert figure(port, "portal_processes ") == 3


def figure(port: str, beginning: str) -> float:
    """Return the value of the sample that begins so; 0 when there is none."""
    lines = answer(port, "/metrics")[1].splitlines()
    return next((float(line.split()[-1]) for line in lines if line.startswith(beginning)), 0)


def test_portal_run_starts_web_and_worker_and_stops_both(environ: Mapping[str, str]) -> None:
    """Issue 2, Set-up; engineering 2j: one process group, Ctrl-C stops all of it."""
    port = environ["PORTAL_PORT"]
    with running([*PORTAL, "run"], environ) as supervisor:
        assert eventually(lambda: ended(supervisor) or answer(port, "/healthz")[0] == 200)
        assert eventually(lambda: ended(supervisor) or is_whole(port))
        assert not ended(supervisor)
        assert len(members_of(supervisor.pid)) >= 5  # itself, gunicorn and its two, the worker
        check_metrics(port)
        supervisor.send_signal(signal.SIGINT)
        assert supervisor.wait(20) == 0
        assert eventually(lambda: not members_of(supervisor.pid), 5)
    log = (Path(environ["PORTAL_VAR"]) / "running.log").read_text()
    assert f"http://127.0.0.1:{port}/" in log
    assert "Traceback" not in log


def test_a_dead_worker_ends_portal_run_with_failure(environ: Mapping[str, str]) -> None:
    """Engineering 2j: a dead child ends the rest."""
    with running([*PORTAL, "run"], environ) as supervisor:
        queue = JobQueue(Settings.load(environ))
        worker = worker_process(supervisor.pid)
        os.kill(worker, signal.SIGKILL)
        assert supervisor.wait(20) == 1
        assert eventually(lambda: not members_of(supervisor.pid), 5)
        queue.close()


def worker_process(group: int) -> int:
    """Return the background worker's process, once it is there."""
    found: list[int] = []

    def look() -> bool:
        for pid in members_of(group):
            if Path(f"/proc/{pid}/cmdline").read_bytes().endswith(b"\0worker\0"):
                found.append(pid)
        return bool(found)

    assert eventually(look)
    return found[0]


def test_a_taken_port_is_told_with_what_to_do(environ: Mapping[str, str]) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        result = invoke({**environ, "PORTAL_PORT": str(port)}, "run")
    assert result.exit_code == 1
    assert f"PORTAL_PORT={port + 1} make run" in result.output


def test_a_foreign_address_is_told_with_what_to_do() -> None:
    with pytest.raises(PortalError, match="PORTAL_HOST"):
        refuse_taken_address("192.0.2.1", 8000)


def test_a_wrong_setting_is_told_by_name_without_a_traceback(environ: Mapping[str, str]) -> None:
    result = invoke({**environ, "PORTAL_PORT": "eighty"}, "doctor")
    assert result.exit_code == 1
    assert "PORTAL_PORT" in result.output
    assert "Traceback" not in result.output


def test_worker_refuses_a_database_that_is_not_migrated(
    environ: Mapping[str, str], tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path / 'empty.db'}"
    result = invoke({**environ, "DATABASE_URL": url}, "worker")
    assert result.exit_code == 1
    assert "portal db upgrade" in result.output


def test_db_upgrade_says_what_it_did(environ: Mapping[str, str], tmp_path: Path) -> None:
    empty = {**environ, "DATABASE_URL": f"sqlite:///{tmp_path / 'empty.db'}"}
    assert "from revision none to" in invoke(empty, "db", "upgrade").output
    assert "as it was" in invoke(empty, "db", "upgrade").output


def test_doctor_is_content_with_a_running_site(environ: Mapping[str, str]) -> None:
    queue = JobQueue(Settings.load(environ))
    beat(queue.huey)
    queue.close()
    result = invoke(environ, "doctor", "--json")
    report = json.loads(result.output)
    statuses = {check["name"]: check["status"] for check in report["checks"]}
    assert result.exit_code == 0
    assert report["ok"] is True
    assert set(statuses.values()) == {"ok"}, statuses


def test_doctor_masks_secrets_and_names_sources(environ: Mapping[str, str]) -> None:
    secret = "a secret that must not be printed anywhere"
    result = invoke({**environ, "PORTAL_SECRET_KEY": secret}, "doctor")
    assert secret not in result.output
    assert re.search(r"PORTAL_SECRET_KEY +\*\*\* +environment", result.output)
    assert re.search(r"PORTAL_WORKERS +2 +default", result.output)


def test_doctor_warns_of_demo_passwords(environ: Mapping[str, str]) -> None:
    assert invoke(environ, "demo").exit_code == 0
    result = invoke(environ, "doctor")
    assert result.exit_code == 0
    assert re.search(
        r"demo passwords +WARNING +in force for admin, alice, bob, carol", result.output
    )


def test_doctor_fails_where_the_secret_key_is_open_to_others(environ: Mapping[str, str]) -> None:
    """Engineering 2k: var/secret_key, 0600."""
    invoke(environ, "doctor")
    key = Path(environ["PORTAL_VAR"]) / "secret_key"
    key.chmod(0o644)
    result = invoke(environ, "doctor")
    assert result.exit_code == 1
    assert f"chmod 600 {key}" in result.output


def test_doctor_fails_without_a_database(environ: Mapping[str, str], tmp_path: Path) -> None:
    nowhere = f"sqlite:///{tmp_path / 'no' / 'such' / 'folder.db'}"
    result = invoke({**environ, "DATABASE_URL": nowhere}, "doctor")
    assert result.exit_code == 1
    assert re.search(r"database +FAILURE", result.output)


def test_doctor_fails_before_the_migrations_have_run(
    environ: Mapping[str, str], tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path / 'empty.db'}"
    result = invoke({**environ, "DATABASE_URL": url}, "doctor")
    assert result.exit_code == 1
    assert "-> portal db upgrade" in result.output


@pytest.mark.slow
def test_make_run_works_in_a_fresh_clone_and_again(tmp_path: Path) -> None:
    """Issue 2, Set-up: from a fresh clone in one command; the second start takes seconds."""
    clone = tmp_path / "clone"
    ignored = shutil.ignore_patterns(
        ".venv", "var", ".git", "__pycache__", ".*_cache", "*.egg-info"
    )
    shutil.copytree(ROOT, clone, ignore=ignored)
    port = str(free_port())
    environ = {**os.environ, "PORTAL_PORT": port}
    for seconds in (300, 30):
        with running(["make", "run"], environ, clone) as make:
            assert eventually(lambda: is_whole(port), seconds)
            assert answer(port, "/groups/apollo/")[0] == 200
            os.killpg(make.pid, signal.SIGINT)
            make.wait(20)
            assert eventually(lambda: not members_of(make.pid), 5)
        log = (clone / "running.log").read_text()
        assert f"http://127.0.0.1:{port}/" in log
        assert "portal-demo" in log
    assert "The demo content is there already." in log
