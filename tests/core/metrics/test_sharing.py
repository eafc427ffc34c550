"""How the processes of a host tell one another what they count, and what becomes of the dead ones' counts."""

import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.core.metrics.sharing import PAST, Share, fold, forget_the_dead, read_rows, write_rows
from portal.core.metrics.tallies import Tallies
from portal.core.metrics.values import Counter, Rows

CALLS = Counter(name="calls_total", help="Calls.")
KEY = ("calls_total", ())

#: Counts five calls, says so, and waits until it is ended.
OTHER = """
import sys, time
from pathlib import Path
from portal.core.metrics.sharing import Share
from portal.core.metrics.tallies import Tallies
from portal.core.metrics.values import Counter

tallies = Tallies()
share = Share(Path(sys.argv[1]), tallies)
share.begin()
tallies.add(Counter(name="calls_total", help="Calls."), (), 5)
share.awake()
while not list(share.folder.glob("*.rows")):
    time.sleep(0.01)
print("ready", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def share(tmp_path: Path) -> Iterator[Share]:
    """The share of this process, which has counted two calls."""
    tallies = Tallies()
    tallies.add(CALLS, (), 2)
    share = Share(tmp_path, tallies)
    share.begin()
    share.awake()
    yield share
    share.stop()


def calls(share: Share) -> float:
    """Return what all processes have counted."""
    return share.rows((CALLS,))[KEY][0]


def dead_process(folder: Path, name: str, rows: Rows) -> None:
    """Leave behind what a process that was killed leaves: its rows, and a lock that nobody holds."""
    write_rows(folder / f"{name}.rows", rows)
    (folder / f"{name}.life").touch()


def test_processes_are_summed_up_and_killed_ones_stay_in_the_sum(share: Share) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", OTHER, str(share.folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"ready\n"
        assert (calls(share), share.processes()) == (7, 2)
        other.send_signal(signal.SIGKILL)
        other.wait()
    for _time in range(2):
        assert (calls(share), share.processes()) == (7, 1)
    assert read_rows(share.folder / PAST) == {KEY: [5]}


def test_a_process_that_ends_in_order_leaves_its_last_count(tmp_path: Path, share: Share) -> None:
    tallies = Tallies()
    other = Share(tmp_path, tallies)
    other.begin()
    other.awake()
    tallies.add(CALLS, (), 40)
    other.stop()
    assert calls(share) == 42


def test_the_dead_are_added_once_even_when_adding_them_was_interrupted(tmp_path: Path) -> None:
    dead_process(tmp_path, "1-a", {KEY: [5.0]})
    fold(tmp_path, (CALLS,))
    dead_process(tmp_path, "1-a", {KEY: [5.0]})  # as if its files had not been removed any more
    fold(tmp_path, (CALLS,))
    assert read_rows(tmp_path / PAST) == {KEY: [5]}
    assert not list(tmp_path.glob("1-a*"))
    dead_process(tmp_path, "2-b", {KEY: [1.0]})
    fold(tmp_path, (CALLS,))
    assert read_rows(tmp_path / PAST) == {KEY: [6]}


def test_a_beginning_forgets_the_dead_and_nobody_else(share: Share) -> None:
    dead_process(share.folder, "1-a", {KEY: [5.0]})
    write_rows(share.folder / PAST, {KEY: [100.0]})
    forget_the_dead(share.folder)
    assert calls(share) == 102
    share.stop()
    forget_the_dead(share.folder)
    assert [path.name for path in share.folder.iterdir()] == ["folding.lock"]


def test_nothing_is_written_by_a_process_that_does_not_serve_the_site(tmp_path: Path) -> None:
    tallies = Tallies()
    tallies.add(CALLS)
    share = Share(tmp_path / "metrics", tallies)
    share.awake()
    assert calls(share) == 1
    assert not share.folder.exists()
    forget_the_dead(share.folder)


def test_a_directory_that_cannot_be_used_costs_no_request(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    tallies = Tallies()
    tallies.add(CALLS)
    (tmp_path / "metrics").touch()
    share = Share(tmp_path / "metrics", tallies)
    share.begin()
    for _time in range(3):
        share.awake()
    assert calls(share) == 1
    assert caplog.text.count("cannot be shared") == 1


def test_a_directory_that_is_lost_leaves_what_the_process_knows_itself(share: Share) -> None:
    shutil.rmtree(share.folder)
    assert calls(share) == 2


@pytest.mark.parametrize("text", ["", "{", "[]", '{"rows": [1]}', '{"rows": {"a": 1}}'])
def test_a_file_that_holds_something_else_counts_as_nothing(
    tmp_path: Path, share: Share, text: str
) -> None:
    (tmp_path / "9-z.rows").write_text(text)
    (tmp_path / PAST).write_text(text)
    assert calls(share) == 2
