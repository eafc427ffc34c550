"""Columns that are narrower in a database than what may be typed: PostgreSQL refuses what SQLite takes."""

import pytest

from tests.factories import make_user
from tests.fixtures.plugins import MakePlugin, PluginSite

MODELS = """
    import sqlalchemy as sa
    from sqlalchemy.orm import Mapped, mapped_column

    from portal.pluginapi import plugin_model

    Model = plugin_model()


    class Sample(Model):
        sample_id: Mapped[int] = mapped_column(primary_key=True)
        weight: Mapped[float] = mapped_column(sa.REAL)
"""
CONFIG = {"schema_version": "1", "scope": ["site"], "object_types": {"sample": "Sample"}}
NEW = "/plugins/lab/t/sample/new"


@pytest.fixture
def database_url(postgresql_url: str) -> str:
    """The database that refuses."""
    return postgresql_url


@pytest.mark.postgres
@pytest.mark.parametrize("weight", ["1e300", "1e-300"])
def test_a_number_that_its_column_does_not_hold_is_refused(
    site: PluginSite, make_plugin: MakePlugin, weight: str
) -> None:
    make_plugin("lab", config=CONFIG, files={"models.py": MODELS})
    site.enable("lab")
    with site.arrange():
        root = make_user("root", is_site_admin=True)
    answer = site.client(root).post(NEW, data={"field_weight": weight})
    assert answer.status_code == 409
    assert "beyond what its column holds" in answer.text
    assert site.rows("plugin_lab_sample") == []
    assert site.runtime.health.incidents() == ()
