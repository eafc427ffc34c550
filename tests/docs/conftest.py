"""Pages of the docs are followed on SQLite alone: what they tell does not depend on the database."""

import pytest


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """The address of a migrated, empty SQLite database."""
    return sqlite_url
