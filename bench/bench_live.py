"""Plugins installed, updated, ordered and uninstalled under a steady load, and what became of the requests.

    python bench/bench_live.py [--rounds 10] [--clients 4] [--database sqlite|postgresql] [--hosts 1] [--json]

Wanted: no failed and no wrong answer, and every worker of every host on the new generation within two
seconds. Only while a migration changes what is there may the plugin's own pages ask to come back (503,
counted apart). With --hosts 2 two processes with separate var folders share one PostgreSQL database.
"""

from __future__ import annotations

import argparse
import io
import json
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from itertools import cycle
from pathlib import Path

from live_hosts import WORKERS, Host, database, running_hosts

from portal.app import create_app
from portal.config import Settings
from portal.core.clock import now
from portal.core.unit_of_work import unit_of_work
from portal.pluginengine import lifecycle, ordering
from portal.pluginengine.archive import read_archive
from portal.pluginengine.handlertable import live_rows
from portal.pluginengine.lifecycle import Outcome
from portal.pluginengine.lifecycle.installing import Upload

HANDLE = "livetest"
CORE_PAGES = ("/", "/groups/", "/groups/apollo/", "/users/alice/", "/login", "/healthz")
PLUGIN_PAGES = (f"/plugins/{HANDLE}/g/apollo/", f"/plugins/{HANDLE}/about")
SECONDS_TO_FOLLOW = 2.0
PAUSE_SECONDS = 0.01

MANIFEST = """
name: Live test
code: livetest
version: "{version}"
scope: [group, site]
policy: {{group: forced}}
migration.path: [migrations]
"""
EVENTS = """
groupmenu: [{handler: tab, type: NORMAL}]
project_after_description: [{handler: text, type: NORMAL}]
"""
PLUGIN = """
from portal.pluginapi import MenuItem, Plugin

class LiveTest(Plugin):
    def tab(self, group):
        return MenuItem(key="livetest", title="Live", url=self.url("index", group=group))

    def text(self, group):
        return "livetest {version}"
"""
VIEWS = """
from flask import Blueprint
from sqlalchemy import text
from portal.pluginapi import db

bp = Blueprint("livetest", __name__)

@bp.get("/g/<group>/")
def index():
    db.session.execute(text("SELECT {columns} FROM plugin_livetest_note")).all()
    return "livetest {version}"

@bp.get("/about")
def about():
    return "livetest {version}"
"""
FIRST = """
import sqlalchemy as sa
from alembic import op

revision = "livetest_1"
down_revision = None

def upgrade():
    op.create_table("plugin_livetest_note", sa.Column("note_id", sa.Integer, primary_key=True))
"""
SECOND = """
import sqlalchemy as sa
from alembic import op

revision = "livetest_2"
down_revision = "livetest_1"

def upgrade():
    op.add_column("plugin_livetest_note", sa.Column("word", sa.String(20), nullable=True))
"""
THIRD = """
from alembic import op

revision = "livetest_3"
down_revision = "livetest_2"

def upgrade():
    op.execute("ALTER TABLE plugin_livetest_note RENAME COLUMN word TO remark")
"""
COLUMNS = {"1.0": "note_id", "2.0": "note_id, word", "3.0": "note_id, remark"}


@dataclass
class Figures:
    """What became of the requests, and how long the workers took (seconds)."""

    operations: int = 0
    requests: int = 0
    statuses: dict[str, int] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    late: list[str] = field(default_factory=list)
    slowest_to_follow: float = 0.0
    asked_to_come_back: int = 0
    logged: list[str] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        """True when nothing failed, nothing was wrong and nobody was late."""
        return not (self.wrong or self.late or self.logged)


def main(arguments: list[str]) -> int:
    """Run the load and print what was seen; the exit status tells whether all was well."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--hosts", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    wish = parser.parse_args(arguments)
    if wish.hosts > 1 and wish.database == "sqlite":
        parser.error("Several hosts need --database postgresql: SQLite is for one machine.")
    with tempfile.TemporaryDirectory() as name, database(wish.database, Path(name)) as environ:
        folders = [Path(name) / f"host{number}" for number in range(wish.hosts)]
        with running_hosts(environ, folders) as hosts:
            settings = Settings.load({**environ, "PORTAL_VAR": str(folders[0])})
            figures = measure(settings, hosts, rounds=wish.rounds, clients=wish.clients)
    if wish.json:
        print(json.dumps({**asdict(figures), "is_good": figures.is_good}))
    else:
        print(
            f"{figures.operations} operations, {figures.requests} requests, {figures.statuses}, "
            f"slowest worker {figures.slowest_to_follow:.2f} s, "
            f"asked to come back {figures.asked_to_come_back}"
        )
        for problem in (*figures.wrong[:20], *figures.late[:20], *figures.logged[:20]):
            print(f"  {problem}")
        print("all well" if figures.is_good else "NOT well")
    return 0 if figures.is_good else 1


def measure(settings: Settings, hosts: list[Host], *, rounds: int, clients: int) -> Figures:
    """Operate on the plugin while clients ask for pages, round after round."""
    figures, load = Figures(), Load([host.url for host in hosts], clients)
    with load:
        for name, operate, may_be, meanwhile in operations(settings, rounds):
            load.allow(may_be | load.last | meanwhile)
            begun = now()
            outcome = operate()
            figures.operations += 1
            follow(figures, hosts, name, outcome, begun=now())
            load.allow(may_be, since=begun.isoformat())
    figures.requests = sum(load.statuses.values())
    figures.statuses = {str(status): count for status, count in sorted(load.statuses.items())}
    figures.asked_to_come_back = load.statuses[503]
    figures.wrong = load.wrong
    figures.logged = [text for host in hosts for text in host.failures()]
    return figures


Operation = tuple[str, Callable[[], Outcome], frozenset[str], frozenset[str]]
GONE: frozenset[str] = frozenset({"404"})
AWAY: frozenset[str] = frozenset({"503"})
NEVER: frozenset[str] = frozenset()


def operations(settings: Settings, rounds: int) -> Iterator[Operation]:
    """Yield what is done, and what the plugin's pages may answer after it, and meanwhile besides."""
    old, new, last = (frozenset({f"livetest {version}"}) for version in COLUMNS)

    def in_app(operate: Callable[[], Outcome]) -> Callable[[], Outcome]:
        def run() -> Outcome:
            with create_app(settings).app_context():
                return operate()

        return run

    for number in range(rounds):
        yield f"{number}: install", in_app(lambda: lifecycle.install(upload("1.0"))), old, NEVER
        yield f"{number}: disable", in_app(lambda: lifecycle.disable(HANDLE)), GONE, NEVER
        yield f"{number}: enable", in_app(lambda: lifecycle.enable(HANDLE)), old, NEVER
        yield f"{number}: update", in_app(lambda: lifecycle.update(upload("2.0"))), new, NEVER
        yield f"{number}: reorder", in_app(reorder), new, NEVER
        yield f"{number}: rebuild", in_app(lambda: lifecycle.update(upload("3.0"))), last, AWAY
        if number % 2:
            yield f"{number}: uninstall", in_app(lambda: lifecycle.uninstall(HANDLE)), GONE, NEVER
            yield f"{number}: purge", in_app(lambda: lifecycle.purge(HANDLE)), GONE, NEVER
        else:
            yield f"{number}: remove", in_app(remove), GONE, NEVER


def upload(version: str) -> Upload:
    """Pack a version of the plugin."""
    files = {
        "config.yml": MANIFEST.format(version=version),
        "event.yml": EVENTS,
        "plugin.py": PLUGIN.replace("{version}", version),
        "views.py": VIEWS.replace("{version}", version).replace("{columns}", COLUMNS[version]),
        "migrations/0001_first.py": FIRST,
    }
    if version != "1.0":
        files["migrations/0002_second.py"] = SECOND
    if version == "3.0":
        files["migrations/0003_third.py"] = THIRD
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return Upload(archive=read_archive(packed.getvalue()))


def remove() -> Outcome:
    """Take the running plugin and all that it holds away at once."""
    return lifecycle.uninstall(HANDLE, purge=True)


def reorder() -> Outcome:
    """Give the plugin's tab another number."""
    with unit_of_work("read"):
        row = next(row for row, plugin in live_rows("groupmenu") if plugin.plugin_name == HANDLE)
        number, handler_id = row.priority, row.handler_id
    return ordering.set_handler_priority("groupmenu", handler_id, number - 7)


def follow(
    figures: Figures, hosts: list[Host], name: str, outcome: Outcome, *, begun: object
) -> None:
    """Wait until every web worker of every host has gone over, and note how long it took."""
    start = time.monotonic()
    while time.monotonic() - start < 3 * SECONDS_TO_FOLLOW:
        if all(len(host.takeovers(outcome.generation)) == WORKERS for host in hosts):
            break
        time.sleep(0.02)
    took = time.monotonic() - start
    figures.slowest_to_follow = max(figures.slowest_to_follow, took)
    if took > SECONDS_TO_FOLLOW:
        figures.late.append(f"{name}: generation {outcome.generation} took {took:.2f} s")


class Load:
    """Clients that ask for one page after the other and judge every answer."""

    def __init__(self, urls: list[str], clients: int) -> None:
        self.statuses: Counter[int] = Counter()
        self.wrong: list[str] = []
        self.last: frozenset[str] = GONE
        self._allowed = [GONE]
        self._done = threading.Event()
        self._threads = [
            threading.Thread(target=self._ask_on, args=(urls[number % len(urls)],))
            for number in range(clients)
        ]

    def allow(self, answers: frozenset[str], since: str = "") -> None:
        """Say what the plugin's pages may answer from now on; requests under way count as before."""
        self._allowed = [*self._allowed[-1:], answers]
        if since:
            self.last = answers
            time.sleep(2 * PAUSE_SECONDS)
            self._allowed = [answers]

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._done.set()
        for thread in self._threads:
            thread.join()

    def _ask_on(self, url: str) -> None:
        for path in cycle((*CORE_PAGES, *PLUGIN_PAGES)):
            before = frozenset().union(*self._allowed)
            status, text = ask(url + path)
            self.statuses[status] += 1
            after = frozenset().union(*self._allowed)
            if path in CORE_PAGES:
                if status != 200:
                    self.wrong.append(f"{path}: {status}")
            elif not ({str(status), text} & (before | after)):
                self.wrong.append(
                    f"{path}: {status} {text[:60]!r}, wanted {sorted(before | after)}"
                )
            if self._done.wait(PAUSE_SECONDS):
                return


def ask(url: str) -> tuple[int, str]:
    """Return status and text of an answer; status 0 when there was none."""
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, ""
    except OSError as error:
        return 0, str(error)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
