"""Sorting and filtering a list by a plugin's field costs about what the core's own costs (engineering B5)."""

import json
import os
import subprocess
import sys

import pytest

from portal.config import ROOT
from tests.fixtures.tools import requires

WANTED = 1.5


@pytest.mark.parametrize(
    ("groups", "database"),
    [
        (500, "sqlite"),
        pytest.param(100_000, "sqlite", marks=pytest.mark.slow),
        pytest.param(100_000, "postgresql", marks=[pytest.mark.slow, pytest.mark.postgres]),
    ],
)
def test_a_field_of_a_plugin_sorts_and_filters_as_quickly(groups: int, database: str) -> None:
    """The small number shows that the benchmark runs; only the large one tells about the cost."""
    if database == "postgresql":
        requires("postgres")
    words = ["--json", "--groups", str(groups), "--database", database]
    done = subprocess.run(
        [sys.executable, "bench/bench_extension.py", *words],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8"},
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.stdout.startswith("{"), done.stderr
    ratios = json.loads(done.stdout)
    assert ratios.keys() == {"sorted", "sorted down", "filtered"}
    if groups == 100_000:
        assert max(ratios.values()) < WANTED, ratios
