"""What a list costs that is sorted or filtered by a plugin's field, beside the same list by the core's own.

    python -m bench.bench_extension [--groups 100000] [--database sqlite|postgresql] [--json]

A plugin gives every second group a number. The same first pages of /groups/ are asked for in turns, so that
whatever else the machine does falls on all; the median counts. Wanted: the field's page costs less than 1.5
times the core's.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from time import perf_counter

from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from live_hosts import database
from made_people import make_site
from sqlalchemy import text

from portal.app import create_app
from portal.cli.database import MIGRATIONS, migration_app
from portal.config import Settings
from portal.core.database import db
from portal.core.unit_of_work import unit_of_work
from portal.pluginengine import lifecycle

WANTED = 1.5
TURNS = 25
MANIFEST = """
name: Rating
code: rating
version: "1.0"
schema_version: "1"
scope: [site]
object_types: {group: {rating: integer}}
"""
RATE = """
INSERT INTO plugin_rating_x_group (object_id, rating)
SELECT group_id, group_id % 10 FROM groups WHERE group_id % 2 = 0
"""
#: What is compared: the core's page, then the field's.
PAIRS = {
    "sorted": ("/groups/?sort=member_count", "/groups/?sort=rating"),
    "sorted down": ("/groups/?sort=member_count&dir=desc", "/groups/?sort=rating&dir=desc"),
    "filtered": (
        "/groups/?f.member_count.ge=3&sort=member_count",
        "/groups/?f.rating.ge=3&sort=rating",
    ),
}


@contextmanager
def rated_site(groups: int, environ: dict[str, str], folder: Path) -> Iterator[Flask]:
    """A site with so many groups, every second of which has a rating from 0 to 9."""
    place = folder / "plugins" / "rating"
    place.mkdir(parents=True)
    (place / "config.yml").write_text(MANIFEST)
    settings = Settings.load(
        {**environ, "PORTAL_VAR": str(folder / "var"), "PORTAL_PLUGIN_PATH": str(place.parent)}
    )
    with migration_app(settings).app_context():
        upgrade(str(MIGRATIONS))
    with create_app(settings).app_context(), unit_of_work():
        make_site(people=100, groups=groups)
    with create_app(settings).app_context():
        lifecycle.install("rating")
    app = create_app(settings)
    with app.app_context(), unit_of_work():
        db.session.execute(text(RATE))
    with db.engine_for(settings.database_url).connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("ANALYZE"))
    yield app
    db.dispose_engine(settings.database_url)


def cost(client: FlaskClient, path: str) -> float:
    """Return how long a page takes, in milliseconds."""
    began = perf_counter()
    assert client.get(path).status_code == 200, path
    return (perf_counter() - began) * 1000


def measure(client: FlaskClient) -> dict[str, tuple[float, float]]:
    """Return what the core's and the field's page of each pair cost."""
    figures = {}
    for name, paths in PAIRS.items():
        for path in paths:
            cost(client, path)
        turns = [[cost(client, path) for path in paths] for _turn in range(TURNS)]
        own, added = (median(column) for column in zip(*turns, strict=True))
        figures[name] = (own, added)
    return figures


def main(arguments: list[str]) -> int:
    """Print the figures; 1 when a field's page costs too much."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--groups", type=int, default=100_000)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--json", action="store_true")
    wish = parser.parse_args(arguments)
    logging.disable(logging.CRITICAL)
    with (
        tempfile.TemporaryDirectory() as name,
        database(wish.database, Path(name)) as environ,
        rated_site(wish.groups, environ, Path(name) / "site") as app,
    ):
        figures = measure(app.test_client())
    ratios = {name: added / own for name, (own, added) in figures.items()}
    if wish.json:
        print(json.dumps(ratios))
    else:
        for name, (own, added) in figures.items():
            print(f"{name:12} core {own:7.2f} ms   field {added:7.2f} ms   {ratios[name]:5.2f}")
    return 0 if max(ratios.values()) < WANTED else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
