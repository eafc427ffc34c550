"""`portal upgrade`: the core's tables, then the plugins whose code has moved on (design 4)."""

import os

import pytest
from click.testing import CliRunner

from portal.cli.root import main

TYPES = {"object_types": {"foo": {"title": "string"}}}
FAILING = {"fail": {"handler": "upgrades:fail", "version_limit": "9"}}


@pytest.fixture
def upgrade(site):
    """Run the command on the site; gives its exit code and all that it printed."""

    def run():
        settings = site.settings
        environment = {
            **os.environ,
            "PORTAL_VAR": str(settings.var),
            "DATABASE_URL": settings.database_url,
            "PORTAL_PLUGIN_PATH": str(settings.plugin_path[0]),
            "PORTAL_SECRET_KEY": settings.secret_key,
        }
        outcome = CliRunner().invoke(main, ["upgrade"], env=environment)
        site.refresh()
        return outcome.exit_code, outcome.output

    return run


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_folders_that_moved_on_are_brought_up_and_those_that_cannot_stay_held(
    site, make_plugin, upgrade
) -> None:
    for code in ("newer", "deeper", "broken"):
        make_plugin(code, config={**TYPES, "schema_version": "1"})
        site.operate("install", code)
    assert upgrade()[0] == 0
    make_plugin("newer", config={**TYPES, "schema_version": "1", "version": "2.0"})
    make_plugin("deeper", config={**TYPES, "schema_version": "2"})
    make_plugin(
        "broken",
        config={**TYPES, "schema_version": "2", "upgrade_functions": FAILING},
        files={"upgrades.py": "def fail(upgrade): raise RuntimeError('out of luck')"},
    )
    site.refresh()
    kinds = {handle: problem.kind for handle, problem in site.engine.problems.items()}
    assert kinds == {"newer": "update", "deeper": "schema", "broken": "schema"}
    code, text = upgrade()
    assert code == 1
    assert "Plugin Newer updated from 1.0 to 2.0." in text
    assert "The data of plugin Deeper have schema version 2 now." in text
    assert "broken was not upgraded" in text
    assert "out of luck" in text
    assert set(site.engine.plugins) == {"newer", "deeper"}
    assert set(site.engine.problems) == {"broken"}
