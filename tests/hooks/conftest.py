"""One probed site for the tests of a module: building it is what costs time."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hooks.probing import ProbedSite, probed_site


@pytest.fixture(scope="module")
def probed(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[ProbedSite]:
    """A site with people and groups, on SQLite; a module enables its plugins once."""
    with probed_site(tmp_path_factory.mktemp("probed"), sqlite_template) as site:
        yield site
