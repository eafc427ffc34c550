"""One probed site for the tests of a module: building it is what costs time."""

import shutil
from collections.abc import Iterator

import pytest

from portal.core.database import db
from tests.fixtures.databases import PostgresqlDatabase
from tests.hooks.probing import ProbedSite, probed_site


@pytest.fixture(scope="module")
def probed(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ProbedSite]:
    """A site with people and groups; a module enables its plugins once.

    It stands on SQLite; a test may ask for PostgreSQL by an indirect parameter.
    """
    folder = tmp_path_factory.mktemp("probed")
    if getattr(request, "param", "sqlite") == "postgresql":
        database: PostgresqlDatabase = request.getfixturevalue("postgresql_worker")
        with probed_site(folder, database.url) as site:
            yield site
        database.empty()
        return
    shutil.copyfile(request.getfixturevalue("sqlite_template"), folder / "portal.db")
    url = f"sqlite:///{folder / 'portal.db'}"
    with probed_site(folder, url) as site:
        yield site
    db.dispose_engine(url)


@pytest.fixture
def used(site: ProbedSite) -> None:
    """Apollo and alice use the module's plugin, probe, which has nothing to say, when a test begins."""
    site.give("probe")
    site.use("probe")
    site.calls()
    site.incidents()


@pytest.fixture
def disabled(site: ProbedSite) -> Iterator[ProbedSite]:
    """The module's site while its plugin, probe, is disabled."""
    site.operate("disable", "probe")
    yield site
    site.operate("enable", "probe")
