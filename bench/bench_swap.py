"""How long a swap takes with many plugins, and whether memory stays flat over many of them.

    python bench/bench_swap.py [plugins] [swaps] [--json]

Budget: 400 ms of one core a swap with 100 plugins; less than 5 MB growth over 100 swaps.
"""

from __future__ import annotations

import gc
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from made_plugins import make_plugin, make_plugins

from portal.app import create_app, create_site
from portal.config import Settings
from portal.core.database import db
from portal.core.unit_of_work import unit_of_work
from portal.pluginengine import lifecycle
from portal.pluginengine.operations import raise_generation


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What so many swaps cost: processor time each, and memory in all."""

    name: str
    swaps: int
    median_ms: float
    slowest_ms: float
    grown_mb: float

    def __str__(self) -> str:
        return (
            f"{self.name}: {self.swaps} swaps, median {self.median_ms:.0f} ms of processor, "
            f"slowest {self.slowest_ms:.0f} ms, memory {self.grown_mb:+.1f} MB"
        )


def main(arguments: list[str]) -> None:
    """Print the figures, for people or as one JSON list."""
    numbers = [int(each) for each in arguments if each.isdecimal()]
    plugins, swaps = (numbers + [100, 20][len(numbers) :])[:2]
    with tempfile.TemporaryDirectory() as folder:
        figures = list(measure(Path(folder), plugins, swaps))
    if "--json" in arguments:
        print(json.dumps([asdict(each) for each in figures]))
    else:
        print(f"{plugins} plugins")
        print("\n".join(str(each) for each in figures))


def measure(folder: Path, plugins: int, swaps: int) -> Iterator[Figures]:
    """Swap with unchanged code, as on enable and disable, then with new code, as on update."""
    made = folder / "made"
    settings = Settings.load({"PORTAL_VAR": str(folder / "var"), "PORTAL_PLUGIN_PATH": str(made)})
    handles = make_plugins(made, plugins)
    app = create_app(settings)
    with app.app_context():
        db.metadata.create_all(db.engine)
        for handle in handles:
            lifecycle.register(handle)
            lifecycle.enable(handle)
    site = create_site(settings)
    assert site.app.test_client().get(f"/plugins/{handles[0]}/about").status_code == 200
    swap(site, app)
    yield figures("same code", swaps, lambda number: swap(site, app))

    def update(number: int) -> float:
        make_plugin(made, handles[0], mark=f"mark{number}")
        return swap(site, app)

    yield figures("new code", swaps, update)


def figures(name: str, swaps: int, one_swap: Callable[[int], float]) -> Figures:
    """Swap so often and sum it up."""
    before = resident_mb()
    times = sorted(one_swap(number) * 1000 for number in range(swaps))
    gc.collect()
    return Figures(
        name=name,
        swaps=swaps,
        median_ms=times[len(times) // 2],
        slowest_ms=times[-1],
        grown_mb=resident_mb() - before,
    )


def swap(site, app) -> float:
    """Raise the generation, let the worker follow, render a page; return processor seconds of the swap."""
    with app.app_context(), unit_of_work("write"):
        raise_generation()
    start = time.process_time()
    assert site.refresh()
    spent = time.process_time() - start
    assert site.app.test_client().get("/groups/").status_code == 200
    return spent


def resident_mb() -> float:
    """Return the resident memory of this process in megabytes."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 1e6


if __name__ == "__main__":
    main(sys.argv[1:])
