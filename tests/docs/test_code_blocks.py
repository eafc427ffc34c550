"""Every code block of docs/plugins/ is run, and what the pages promise is looked at."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.following import Follower
from tests.docs.pages import DOCS, read_page


@pytest.fixture
def follower(tmp_path: Path, sqlite_url: str) -> Iterator[Follower]:
    """Somebody at a fresh site with the demo's people and groups."""
    follower = Follower(tmp_path, sqlite_url)
    yield follower
    follower.close()


def test_the_first_plugin_grows_step_by_step_as_the_page_says(follower: Follower) -> None:
    follower.follow(read_page(DOCS / "first-plugin.md"))
