"""What gathering costs on the summary page of a group, with and without it, side by side.

Ten plugins answer the hooks of the page. The same requests go to the same site, in turns, so that whatever
else the machine does falls on both: while it takes times, marks what runs and watches the deadline, and while
it does none of it. Processor time counts; the median of the turns is compared. Wanted: less than 3 %.

Run: .venv/bin/python bench/bench_health.py
"""

from __future__ import annotations

import logging
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from time import process_time

from flask.testing import FlaskClient
from flask_migrate import upgrade

from portal.app import create_app, current_state, make_runtime
from portal.cli.database import MIGRATIONS, migration_app
from portal.config import Settings
from portal.core.database import db
from portal.core.unit_of_work import unit_of_work
from portal.groups.models import Group
from portal.pluginengine import lifecycle
from portal.pluginengine.health import HealthLog, Stopwatch
from portal.pluginengine.health.deadline import Deadline
from portal.pluginengine.health.marker import FOLDER
from portal.pluginengine.health.writing import write

PLUGINS = 10
TURNS = 250
REQUESTS = 3
PAGE = "/groups/apollo/"
WANTED = 3.0
EVENTS = "\n".join(
    f"{hook}: [{{handler: {hook}, type: NORMAL}}]"
    for hook in ("groupmenu", "project_after_description", "message", "headermenu")
)
PLUGIN = """
from portal.pluginapi import MenuItem, Plugin

class {name}(Plugin):
    def groupmenu(self):
        return MenuItem(key="{code}", title="{name}", url="/")

    def headermenu(self):
        return MenuItem(key="{code}", title="{name}", url="/")

    def project_after_description(self):
        return "text"

    def message(self):
        return None
"""


class Switched(HealthLog):
    """A log of health that gathers, or gathers nothing: what the page costs with it and without."""

    def __init__(self) -> None:
        super().__init__(warn_seconds=1.0)
        self.is_on = True
        self.deadlines = (Deadline(0), Deadline(20.0))

    def add_times(self, stopwatches: Iterable[Stopwatch], marks: Iterable[float]) -> None:
        """Gather, or leave it."""
        if self.is_on:
            super().add_times(stopwatches, marks)

    def switch(self, *, on: bool) -> None:
        """Switch gathering and the deadline on or off; the marks cost an assignment in either case."""
        self.is_on = on
        self.deadline = self.deadlines[on]


def write_plugins(folder: Path) -> list[str]:
    """Write the plugins; returns their codes."""
    codes = [f"bench{chr(ord('a') + number)}" for number in range(PLUGINS)]
    for code in codes:
        place = folder / code
        place.mkdir(parents=True)
        (place / "config.yml").write_text(
            f'{{name: {code}, code: {code}, version: "1.0", scope: [site, group], '
            "policy: {group: forced}}\n"
        )
        (place / "event.yml").write_text(EVENTS)
        (place / "plugin.py").write_text(PLUGIN.format(name=code.capitalize(), code=code))
    return codes


def make_site(settings: Settings, codes: list[str]) -> None:
    """Migrate the database, make a group, enable the plugins."""
    with migration_app(settings).app_context():
        upgrade(str(MIGRATIONS))
    with create_app(settings).app_context(), unit_of_work():
        db.session.add(Group(name="apollo", full_name="Apollo", full_name_ci="apollo", status="A"))
    for code in codes:
        for verb in (lifecycle.register, lifecycle.enable):
            with create_app(settings).app_context():
                verb(code)


def browser(settings: Settings, health: HealthLog) -> FlaskClient:
    """A browser at a process whose health is kept there."""
    runtime = make_runtime(settings)
    runtime.health = health
    return runtime.build(current_state(settings)).test_client()


@contextmanager
def quiet() -> Iterator[None]:
    """Keep logs out of the figures."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def turn(client: FlaskClient) -> float:
    """Milliseconds of the processor for one request, the mean of a turn."""
    began = process_time()
    for _request in range(REQUESTS):
        assert client.get(PAGE).status_code == 200
    return (process_time() - began) / REQUESTS * 1000


def main() -> int:
    """Print the figures; 1 when gathering costs too much."""
    with tempfile.TemporaryDirectory() as folder, quiet():
        var = Path(folder)
        codes = write_plugins(var / "plugins")
        environ = {"PORTAL_VAR": str(var / "var"), "PORTAL_PLUGIN_PATH": str(var / "plugins")}
        settings = Settings.load(environ)
        make_site(settings, codes)
        health = Switched()
        health.marker.open(settings.var / FOLDER)
        client = browser(settings, health)
        turn(client)
        with_it: list[float] = []
        without: list[float] = []
        for number in range(TURNS):
            for on in (True, False) if number % 2 else (False, True):
                health.switch(on=on)
                (with_it if on else without).append(turn(client))
        began = process_time()
        write(db.engine_for(settings.database_url), health)
        flush = (process_time() - began) * 1000
        health.marker.close()
    costs = (median(with_it) / median(without) - 1) * 100
    print(f"summary page without gathering   {median(without):8.3f} ms")
    print(f"summary page with gathering      {median(with_it):8.3f} ms   {costs:+.2f} %")
    print(f"one write of what was gathered   {flush:8.3f} ms, every three seconds, in a thread")
    return 0 if costs < WANTED else 1


if __name__ == "__main__":
    sys.exit(main())
