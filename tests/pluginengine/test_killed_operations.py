"""A process that dies in an operation leaves the plugin wholly there or wholly not (design 6, Journal)."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import text

from portal.core.database import db
from portal.pluginengine import lifecycle
from portal.pluginengine.archive import read_archive
from portal.pluginengine.store import OwnReads
from portal.pluginengine.sweeping import put_in_order
from tests.fixtures.plugins import THING_MIGRATION, PluginSite, pack, write_plugin

ROOT = Path(__file__).resolve().parents[2]

METHODS = """
    def install(self, config, app):
        self._write("install")

    def enable(self, config, app):
        self._write("enable")

    def update(self, config, app):
        self._write("update")

    def disable(self, config, app):
        self._write("disable")

    def uninstall(self, config, app):
        self._write("uninstall")

    def _write(self, what):
        from portal.pluginapi import db
        from sqlalchemy import text
        self.files.write("a/b.txt", what.encode())
        self.files.write(f"of/{what}.txt", b"written")
        if what == "update":
            self.files.delete("of/enable.txt")
        db.session.execute(text("INSERT INTO plugin_probe_thing DEFAULT VALUES"))

    def tab(self):
        return None
"""

NEXT_MIGRATION = """
    from alembic import op

    revision = "probe_2"
    down_revision = "probe_1"


    def upgrade():
        op.rename_table("plugin_probe_thing", "plugin_probe_old")
        op.execute("CREATE TABLE plugin_probe_thing (thing_id INTEGER)")
"""

#: Every step before the commit: verb, point, and which of its times.
UNDONE = [
    ("install", "journal begun", 1),
    ("install", "archive stored", 1),
    ("install", "archive unpacked", 1),
    ("install", "migrations run", 1),
    ("install", "callback called", 1),
    ("install", "callback called", 2),
    ("install", "file kept", 1),
    ("install", "file written", 2),
    ("install", "file kept", 4),
    ("install", "before the commit", 1),
    ("update", "journal begun", 1),
    ("update", "archive stored", 1),
    ("update", "archive unpacked", 1),
    ("update", "migrations run", 1),
    ("update", "plugin held", 1),
    ("update", "migrations run", 2),
    ("update", "callback called", 1),
    ("update", "file kept", 1),
    ("update", "file written", 1),
    ("update", "file kept", 3),
    ("update", "before the commit", 1),
    ("uninstall", "journal begun", 1),
    ("uninstall", "plugin held", 1),
    ("uninstall", "callback called", 1),
    ("uninstall", "callback called", 2),
    ("uninstall", "file written", 3),
    ("uninstall", "tables dropped", 1),
    ("uninstall", "before the commit", 1),
]

#: Every step after it. An update whose migration changes what is there begins twice.
DONE = [
    ("install", "files noted", 1),
    ("install", "after the commit", 1),
    ("update", "files noted", 2),
    ("update", "after the commit", 2),
    ("uninstall", "files noted", 1),
    ("uninstall", "after the commit", 1),
    ("uninstall", "files deleted", 1),
]


@pytest.fixture
def archives(tmp_path: Path) -> dict[str, Path]:
    """Archives of two versions of the probe, by the verb that brings them."""
    made = {}
    for verb, version, files in (
        ("install", "1.0", {"migrations/1.py": THING_MIGRATION}),
        ("update", "1.1", {"migrations/1.py": THING_MIGRATION, "migrations/2.py": NEXT_MIGRATION}),
    ):
        folder = write_plugin(
            tmp_path / "authors" / version,
            "probe",
            config={"version": version},
            events={"groupmenu": ["tab"]},
            methods=METHODS,
            files=files,
        )
        made[verb] = tmp_path / f"{verb}.zip"
        made[verb].write_bytes(pack(folder))
    return made


def upload(path: Path) -> lifecycle.Upload:
    return lifecycle.Upload(archive=read_archive(path.read_bytes()))


def kill(site: PluginSite, verb: str, source: str, point: str, nth: int = 1) -> None:
    """Begin the operation in a process that dies there; then start the site anew."""
    settings = site.settings
    environ = {
        **os.environ,
        "PORTAL_VAR": str(settings.var),
        "DATABASE_URL": settings.database_url,
        "PORTAL_SECRET_KEY": settings.secret_key,
        "PORTAL_PLUGIN_PATH": str(settings.plugin_path[0]),
    }
    program = [sys.executable, "-m", "tests.pluginengine.killedoperations"]
    done = subprocess.run(
        [*program, verb, source, point, str(nth)],
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    for _attempt in range(100):  # PostgreSQL takes a moment to see that its client has gone
        site.refresh()
        put_in_order(site.app)
        if not steps(site) & {"begun", "files"}:
            break
        time.sleep(0.05)
    site.refresh()


def steps(site: PluginSite) -> set[str]:
    with site.arrange("read"):
        return set(db.session.scalars(text("SELECT step FROM engine_operations")))


def arranged(site: PluginSite, archives: dict[str, Path], verb: str) -> str:
    """Bring the site to where the operation may begin, and return what it is given."""
    if verb == "install":
        return str(archives["install"])
    site.operate("install", upload(archives["install"]))
    return str(archives["update"]) if verb == "update" else "probe"


def state(site: PluginSite) -> tuple[object, object]:
    """All rows and files; but for the generation, which is raised when a plugin may speak again."""
    everything = site.snapshot()
    del everything["engine_site"]
    return everything, site.files()


def require_undone(site, archives, verb, point, nth):
    source = arranged(site, archives, verb)
    before = state(site)
    kill(site, verb, source, point, nth)
    assert state(site) == before
    assert "interrupted" in steps(site)
    given = upload(Path(source)) if verb != "uninstall" else source
    assert site.operate(verb, given).changed, "the operation can be done now"


def require_done(site, archives, verb, point, nth=1):
    before = site.traces()
    source = arranged(site, archives, verb)
    kill(site, verb, source, point, nth)
    assert steps(site) == {"done"}
    if verb == "uninstall":
        site.sweep()
        assert site.traces() == before
        return
    plugin = site.engine.plugins["probe"]
    assert plugin.record.version == {"install": "1.0", "update": "1.1"}[verb]
    archive = plugin.record.archive
    assert not site.runtime.store.verify(archive, OwnReads(site.settings.database_url))
    assert len(site.rows("plugin_probe_thing")) == {"install": 2, "update": 1}[verb]
    last = {"install": b"enable", "update": b"update"}[verb]
    assert site.files()["plugin-data/probe/a/b.txt"] == last
    assert "plugin-data/probe/of/enable.txt" in site.files() or verb == "update"
    assert not [name for name in site.files() if ".undo" in name]
    site.operate("uninstall", "probe", purge=True)
    site.sweep()
    assert site.traces() == before


@pytest.mark.slow
@pytest.mark.parametrize(("verb", "point", "nth"), UNDONE)
def test_death_before_the_commit_leaves_all_as_it_was(site, archives, verb, point, nth):
    require_undone(site, archives, verb, point, nth)


@pytest.mark.slow
@pytest.mark.parametrize(("verb", "point", "nth"), DONE)
def test_death_after_the_commit_leaves_all_as_it_shall_be(site, archives, verb, point, nth):
    require_done(site, archives, verb, point, nth)


class TestInShort:
    """The same, at a few points of one database."""

    @pytest.fixture
    def database_url(self, sqlite_url: str) -> str:
        return sqlite_url

    def test_death_in_an_installation(self, site, archives):
        require_undone(site, archives, "install", "callback called", 2)

    def test_death_among_the_files_of_an_update(self, site, archives):
        require_undone(site, archives, "update", "file kept", 3)

    def test_death_while_the_plugin_is_silent(self, site, archives):
        require_undone(site, archives, "uninstall", "plugin held", 1)
        assert site.engine.state.held == {}

    def test_death_between_the_commit_of_a_purge_and_its_files(self, site, archives):
        require_done(site, archives, "uninstall", "after the commit")


@pytest.mark.postgres
class TestInShortOnPostgresql:
    """And at one of the other."""

    @pytest.fixture
    def database_url(self, postgresql_url: str) -> str:
        return postgresql_url

    def test_death_in_an_update(self, site, archives):
        require_undone(site, archives, "update", "callback called", 1)
