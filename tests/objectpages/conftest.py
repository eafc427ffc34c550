"""A library to a module, on SQLite; what depends on the database has one of its own on both."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from portal.config import Settings
from portal.core.database import db
from tests.fixtures.compiled import share_compiled_templates
from tests.fixtures.plugins import PluginSite
from tests.objectpages.library import EXAMPLES, Library


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Library]:
    """A library that the tests of a module share; each works with books of its own."""
    folder = tmp_path_factory.mktemp("library")
    url = f"sqlite:///{folder / 'portal.db'}"
    shutil.copyfile(sqlite_template, folder / "portal.db")
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
    db.dispose_engine(url)


@pytest.fixture
def own_library(settings: Settings) -> Iterator[Library]:
    """A library of the test's own, on each of the databases."""
    site = PluginSite(replace(settings, plugin_path=(EXAMPLES,)))
    yield Library(site)
    site.close()
