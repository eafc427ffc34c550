"""How long a swap takes with many plugins, and whether memory stays flat over many of them.

    python bench/bench_swap.py [plugins] [swaps]

Budget: 400 ms of one core a swap with 100 plugins; less than 5 MB growth over 100 swaps.
"""

from __future__ import annotations

import gc
import sys
import tempfile
import time
from pathlib import Path

from made_plugins import make_plugin, make_plugins

from portal.app import create_app, create_site
from portal.config import Settings
from portal.core.database import db
from portal.core.unit_of_work import unit_of_work
from portal.pluginengine import lifecycle
from portal.pluginengine.operations import raise_generation


def resident_mb() -> float:
    """Return the resident memory of this process in megabytes."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 1e6


def main(plugins: int, swaps: int) -> None:
    """Print both figures."""
    folder = Path(tempfile.mkdtemp())
    settings = Settings.load({"PORTAL_VAR": str(folder / "var"), "PORTAL_PLUGIN_PATH": str(folder / "made")})
    handles = make_plugins(folder / "made", plugins)
    app = create_app(settings)
    with app.app_context():
        db.metadata.create_all(db.engine)
        for handle in handles:
            lifecycle.register(handle)
            lifecycle.enable(handle)
    site = create_site(settings)
    client = site.app.test_client()
    assert client.get(f"/plugins/{handles[0]}/about").status_code == 200
    print(f"{plugins} plugins, {len(list(site.app.url_map.iter_rules()))} rules")
    swap(site, app)
    for name, change in (("same code", None), ("new code", folder / "made")):
        times, before = [], resident_mb()
        for number in range(swaps):
            if change is not None:
                make_plugin(change, handles[0], mark=f"mark{number}")
            times.append(swap(site, app))
        gc.collect()
        times.sort()
        grown = resident_mb() - before
        print(
            f"{name}: {swaps} swaps, median {times[len(times) // 2] * 1000:.0f} ms of processor, "
            f"slowest {times[-1] * 1000:.0f} ms, memory {grown:+.1f} MB"
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


if __name__ == "__main__":
    main(*(int(each) for each in (sys.argv[1:] + ["100", "20"][len(sys.argv) - 1 :])))
