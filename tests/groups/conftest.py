"""A site with sample plugins, for the tests of group pages."""

from pathlib import Path

import pytest

from portal.config import Settings
from tests.sampleplugins import PluginSite


@pytest.fixture
def site(settings: Settings, tmp_path: Path) -> PluginSite:
    """A site without plugins; a test writes the ones it needs and runs them."""
    return PluginSite(settings, tmp_path / "plugins")
