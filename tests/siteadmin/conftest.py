"""A site with sample plugins, and people with the browser of a site admin."""

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from portal.accounts.models import User
from portal.config import Settings
from tests.factories import sign_in
from tests.fixtures.apps import Arrange
from tests.sampleplugins import PluginSite
from tests.siteadmin.people import make_people


@pytest.fixture
def site(settings: Settings, tmp_path: Path) -> PluginSite:
    """A site without plugins; a test writes the ones it needs and runs them."""
    return PluginSite(settings, tmp_path / "plugins")


@pytest.fixture
def people(arrange: Arrange) -> dict[str, User]:
    """Everybody."""
    return make_people(arrange)


@pytest.fixture
def ada(client: FlaskClient, people: dict[str, User]) -> FlaskClient:
    """The browser of a site admin."""
    return sign_in(client, people["ada"])
