"""Plugins are installed, updated and removed under a steady load, and no request fails (design 1.5)."""

import json
import os
import subprocess
import sys

import pytest

from portal.config import ROOT
from tests.fixtures.tools import requires

SQLITE = ["--database", "sqlite"]
TWO_HOSTS = ["--database", "postgresql", "--hosts", "2"]


@pytest.mark.parametrize("where", [SQLITE, pytest.param(TWO_HOSTS, marks=pytest.mark.postgres)])
def test_no_request_fails_while_plugins_come_and_go(where: list[str]) -> None:
    """Design 6, Store: one upload reaches every worker of every host; nobody gets a wrong answer."""
    figures = load(where, rounds=2)
    assert figures["wrong"] == []
    assert figures["logged"] == []


@pytest.mark.slow
@pytest.mark.parametrize("where", [SQLITE, pytest.param(TWO_HOSTS, marks=pytest.mark.postgres)])
def test_ten_rounds_go_well_and_every_worker_follows_within_two_seconds(where: list[str]) -> None:
    """Design 1.5: every worker on every host notices within two seconds."""
    figures = load(where, rounds=10)
    assert figures["is_good"], figures


def load(where: list[str], *, rounds: int) -> dict[str, object]:
    """Run the load and return what it saw."""
    if where is TWO_HOSTS:
        requires("postgres")
    words = [sys.executable, "bench/bench_live.py", "--json", "--rounds", str(rounds), *where]
    done = subprocess.run(
        words,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8"},
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.stdout.startswith("{"), done.stderr
    figures: dict[str, object] = json.loads(done.stdout)
    assert figures["operations"] == 7 * rounds + rounds // 2  # every other round purges apart
    return figures
