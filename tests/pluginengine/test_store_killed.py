"""A process that dies while it unpacks or restores leaves a whole folder or none (design 6, Journal)."""

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from portal.core.database import db
from portal.pluginengine import store
from portal.pluginengine.archive import read_archive
from portal.pluginengine.store import Store
from tests.pluginengine.archives import FILES, zipped

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("config.yml", "plugin.py", "static/probe.css")
ARCHIVE = read_archive(zipped({name: FILES[name] for name in NAMES}))


def killed(what: str, folder: Path, *line: str) -> str:
    """Run the killing program on an archive; return what it printed."""
    packed = folder / "archive.zip"
    packed.write_bytes(ARCHIVE.data)
    program = [sys.executable, "-m", "tests.pluginengine.killed", what]
    done = subprocess.run(
        [*program, str(packed), str(folder / "store"), *line],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("what", ["unpack", "mend"])
def test_death_at_any_line_leaves_all_or_nothing(tmp_path, what):
    assert int(killed(what, tmp_path)) > 50


@pytest.mark.parametrize("line", ["5", "40"])
def test_after_a_death_the_next_start_unpacks_and_sweeps(unit, tmp_path, line):
    store.put(ARCHIVE)
    killed("unpack", tmp_path, line)
    host = Store(tmp_path / "store")
    drafts = [path for path in host.place.iterdir() if path.name.startswith(".draft-")]
    assert not (host.place / ARCHIVE.sha256).exists()
    host.folder_of(ARCHIVE.sha256, db.session)
    assert not host.verify(ARCHIVE.sha256, db.session)
    host.sweep([ARCHIVE.sha256], grace=timedelta(0))
    assert not any(path.exists() for path in drafts)
    assert {path.name for path in host.place.iterdir()} == {ARCHIVE.sha256, ".lock"}
