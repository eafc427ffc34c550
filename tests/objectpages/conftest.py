"""Libraries that the tests of a module share: one on SQLite, and one on each database where that matters."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from portal.config import Settings
from portal.core.database import db
from tests.fixtures.compiled import share_compiled_templates
from tests.fixtures.databases import PostgresqlDatabase
from tests.fixtures.plugins import PluginSite
from tests.objectpages.library import EXAMPLES, Library


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Library]:
    """A library on SQLite; each test works with books of its own."""
    folder = tmp_path_factory.mktemp("library")
    with on_sqlite(folder, sqlite_template) as made:
        yield made


@pytest.fixture(
    scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]
)
def each_library(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Library]:
    """A library on each of the databases; each test works with books of its own."""
    folder = tmp_path_factory.mktemp("library")
    if request.param == "sqlite":
        with on_sqlite(folder, request.getfixturevalue("sqlite_template")) as made:
            yield made
        return
    database: PostgresqlDatabase = request.getfixturevalue("postgresql_worker")
    with library_at(database.url, folder) as made:
        yield made
    database.empty()


@contextmanager
def on_sqlite(folder: Path, template: Path) -> Iterator[Library]:
    """Open a library on a copy of a migrated file."""
    url = f"sqlite:///{folder / 'portal.db'}"
    shutil.copyfile(template, folder / "portal.db")
    with library_at(url, folder) as made:
        yield made
    db.dispose_engine(url)


@contextmanager
def library_at(url: str, folder: Path) -> Iterator[Library]:
    """Open a library on a migrated, empty database."""
    settings = Settings.load(
        {
            "PORTAL_VAR": str(share_compiled_templates(folder / "var")),
            "DATABASE_URL": url,
            "PORTAL_SECRET_KEY": "a secret of the tests, long enough to be one",
        }
    )
    site = PluginSite(replace(settings, plugin_path=(EXAMPLES,)))
    yield Library(site)
    site.close()
