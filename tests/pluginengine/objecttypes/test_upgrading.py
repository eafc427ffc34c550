"""schema_version grows: tables follow with their rows, once, or nothing happens at all (M-09 to M-13, M-26)."""

import os
import subprocess
import sys

import pytest
from sqlalchemy import select, update

from portal.app import create_site
from portal.core.database import db
from portal.pluginengine.engine import EXTENSION
from portal.pluginengine.errors import Refused
from portal.pluginengine.lifecycle import bring_all_up
from portal.pluginengine.models import PluginRow
from portal.pluginengine.typeaccess import model_of
from tests.fixtures.plugins import upload

FUNCTIONS = """
    import sqlalchemy as sa


    def rename(upgrade):
        assert (str(upgrade.from_version), str(upgrade.to_version)) in (("1", "2"), ("1.5", "2"))
        columns = {each["name"] for each in upgrade.inspector.get_columns("plugin_probe_foo")}
        if "title" in columns:
            upgrade.op.execute("UPDATE plugin_probe_foo SET name = title")
            upgrade.op.drop_column("plugin_probe_foo", "title")


    def shout(upgrade):
        foo = upgrade.types["foo"]
        for row in upgrade.session.scalars(sa.select(foo)):
            row.name = row.name.upper()


    def fail(upgrade):
        foo = upgrade.types["foo"]
        upgrade.session.execute(sa.update(foo).values(name="lost"))
        raise RuntimeError("out of luck")


    def seed(upgrade):
        assert upgrade.from_version is None
        upgrade.session.add(upgrade.types["foo"](title="seeded"))
"""
#: The three states of the plugin's data (schema_version 1, 1.5 and 2) and one that cannot be reached.
ONE = {"object_types": {"foo": {"title": "string(20)"}}, "schema_version": "1"}
ONE_AND_A_HALF = {
    "object_types": {
        "foo": {"title": "string(20)", "rating": "integer not null default 3 indexed"}
    },
    "schema_version": "1.5",
}
TWO = {
    "object_types": {"foo": {"name": "string(40)", "rating": "integer not null default 3 indexed"}},
    "schema_version": "2",
    "upgrade_functions": {
        "b_shout": {"handler": "upgrades:shout", "version_limit": "2", "priority": 7},
        "rename": {"handler": "upgrades:rename", "version_limit": "2"},
        "a_later": {"handler": "upgrades:fail", "version_limit": "1", "priority": 1},
    },
}
BROKEN = {
    **TWO,
    "upgrade_functions": {
        **TWO["upgrade_functions"],
        "c_fail": {"handler": "upgrades:fail", "version_limit": "2", "priority": 9},
    },
}


@pytest.fixture
def plugin(make_plugin):
    """Write the plugin in one of its states: ``plugin(TWO, version="2.0")``."""

    def write(state, **config):
        files = {"upgrades.py": FUNCTIONS}
        return make_plugin("probe", config={**state, **config}, files=files)

    return write


@pytest.fixture
def rows(site):
    """Return what the plugin's table holds, without the key: texts in front."""
    return lambda: [
        tuple(sorted(row[1:], key=lambda value: isinstance(value, int)))
        for row in site.rows("plugin_probe_foo")
    ]


def put_rows(site) -> None:
    with site.arrange():
        foo = model_of("probe", "foo")
        db.session.add_all(foo(title=f"row {number}") for number in range(20))


def recorded(site) -> tuple[str | None, dict[str, str]]:
    """Return the schema version of the plugin's row, and what its meta-data table says."""
    with site.arrange("read"):
        own = select(PluginRow.schema_version).where(PluginRow.plugin_name == "probe")
        return db.session.scalar(own), dict(site.rows("plugin_probe_meta_data"))


def start(site) -> None:
    """Do what a worker does before its first request."""
    with site.app.app_context():
        bring_all_up(site.engine)
    site.refresh()


def test_one_to_one_and_a_half_to_two_keeps_every_row(site, plugin, rows) -> None:
    """M-09 to M-12, M-26: additions by themselves, a new name by a function, both before the code runs."""
    plugin(ONE)
    site.operate("install", "probe")
    put_rows(site)
    plugin(ONE_AND_A_HALF)
    site.refresh()
    assert site.engine.problems["probe"].kind == "schema"
    assert "schema version 1, its code wants 1.5" in site.engine.problems["probe"].cause
    start(site)
    assert "probe" in site.engine.plugins
    assert recorded(site) == ("1.5", {"version": "1.0", "schema_version": "1.5"})
    assert rows()[0] == ("row 0", 3)
    plugin(TWO)
    site.refresh()
    start(site)
    assert recorded(site) == ("2", {"version": "1.0", "schema_version": "2"})
    assert sorted(rows()) == sorted((f"ROW {number}", 3) for number in range(20))


def test_a_failing_function_leaves_versions_and_rows_and_holds_the_plugin(
    site, plugin, rows
) -> None:
    """3.3.4: the site goes on without it, and says why; once the code is mended it goes through."""
    plugin(ONE)
    site.operate("install", "probe")
    put_rows(site)
    before = site.traces()
    plugin(BROKEN)
    site.refresh()
    start(site)
    problem = site.engine.problems["probe"]
    assert "RuntimeError: out of luck In the upgrade function c_fail." in problem.cause
    after = site.traces()
    for state in (before, after):
        del state[0]["plugins"]  # its last_error
    assert after == before
    assert recorded(site) == ("1", {"version": "1.0", "schema_version": "1"})
    assert site.client().get("/").status_code == 200
    plugin(TWO)
    site.refresh()
    start(site)
    assert "probe" in site.engine.plugins
    assert len(rows()) == 20


def test_four_workers_that_start_at_once_do_it_once(site, plugin, rows) -> None:
    """M-10, M-11: whoever comes first; the others find it done."""
    plugin(ONE)
    site.operate("install", "probe")
    put_rows(site)
    plugin(TWO)
    settings = site.settings
    environment = {
        **os.environ,
        "PORTAL_VAR": str(settings.var),
        "DATABASE_URL": settings.database_url,
        "PORTAL_PLUGIN_PATH": str(settings.plugin_path[0]),
        "PORTAL_SECRET_KEY": settings.secret_key,
    }
    command = [sys.executable, "-m", "tests.pluginengine.objecttypes.starting"]
    workers = [
        subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        for _worker in range(4)
    ]
    assert [worker.communicate(timeout=120)[0] for worker in workers] == ["runs"] * 4
    assert sorted(rows()) == sorted((f"ROW {number}", 3) for number in range(20))
    updates = [row for row in site.rows("engine_operations") if "update" in row]
    assert len([row for row in updates if "The data of plugin Probe have" in str(row)]) == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_functions_without_a_limit_run_on_the_first_installation_alone(site, plugin, rows) -> None:
    """3.3.4."""
    functions = {"upgrade_functions": {"seed": {"handler": "upgrades:seed"}}}
    plugin({**ONE, **functions})
    site.operate("install", "probe")
    assert rows() == [("seeded",)]
    plugin({**ONE_AND_A_HALF, **functions})
    site.refresh()
    start(site)
    assert rows() == [("seeded", 3)]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_difference_that_no_function_settles_is_listed(site, plugin, rows) -> None:
    """M-13: what was changed without a function cannot be brought in step."""
    plugin(ONE)
    site.operate("install", "probe")
    put_rows(site)
    plugin({**ONE_AND_A_HALF, "object_types": {"foo": {"name": "string(20)"}}})
    site.refresh()
    with pytest.raises(Refused, match=r"plugin_probe_foo\.title is declared no more") as refusal:
        site.operate("update", "probe")
    assert "upgrade_functions" in refusal.value.remedy
    assert rows()[0] == ("row 0",)


def test_data_of_a_later_schema_are_refused_with_a_way_out(site, plugin, rows) -> None:
    """3.3.4, B10: the plugin does not run, its data stay; enabling, updating and reverting say what to do."""
    plugin(ONE, version="1.0")
    folder = plugin(TWO, version="2.0")
    site.operate("install", upload_of(folder))
    older = upload_of(plugin(ONE, version="1.0"))
    with pytest.raises(Refused, match=r"schema version 2, written by version 2\.0") as refusal:
        site.operate("update", older, allow_older=True)
    assert "Put version 2.0 of the plugin" in refusal.value.remedy
    assert "restore a backup" in refusal.value.remedy
    assert recorded(site)[0] == "2"
    assert "probe" in site.engine.plugins


def upload_of(folder):
    """Return the plugin as an archive; its folder goes, because two of one code would be refused."""
    made = upload(folder)
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    folder.rmdir()
    return made


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_folder_that_went_back_is_held_with_a_way_out(site, plugin) -> None:
    """3.3.4: recorded greater than declared."""
    plugin(TWO)
    site.operate("install", "probe")
    plugin(ONE)
    site.refresh()
    problem = site.engine.problems["probe"]
    assert problem.kind == "broken"
    assert "Its data have schema version 2" in problem.cause
    assert "Put version 1.0 of the plugin, or a later one, back" in problem.cause


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_kept_data_are_recognised_when_the_plugins_row_is_gone(site, plugin, rows) -> None:
    """1C.11: only then the meta-data table is read; an upgrade begins at what it says."""
    plugin(ONE)
    site.operate("install", "probe")
    put_rows(site)
    site.operate("unregister", "probe", disable_first=True)
    plugin(TWO)
    site.enable("probe")
    assert len(rows()) == 20
    assert recorded(site) == ("2", {"version": "1.0", "schema_version": "2"})
    site.operate("unregister", "probe", disable_first=True)
    plugin(ONE)
    with pytest.raises(Refused, match="Its data have schema version 2"):
        site.enable("probe")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_row_counts_more_than_the_meta_data(site, plugin) -> None:
    """1C.11: plugins.schema_version is the authority."""
    plugin(ONE)
    site.operate("install", "probe")
    with site.arrange():
        statement = "UPDATE plugin_probe_meta_data SET value = '9' WHERE name = 'schema_version'"
        db.session.execute(db.text(statement))
        db.session.execute(update(PluginRow).values(enable=0))
    site.refresh()
    site.operate("enable", "probe")
    assert "probe" in site.engine.plugins


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_plugin_that_dropped_its_own_tables_begins_anew(site, plugin, rows) -> None:
    plugin(ONE)
    site.operate("install", "probe")
    site.operate("uninstall", "probe")
    with site.arrange():
        db.session.execute(db.text("DROP TABLE plugin_probe_foo"))
    site.operate("install", "probe")
    assert rows() == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_site_starts_with_its_tables_in_step(site, plugin) -> None:
    """M-10: create_site does it before the first request."""
    plugin(ONE)
    site.operate("install", "probe")
    plugin(TWO)
    started = create_site(site.settings)
    assert "probe" in started.app.extensions[EXTENSION].plugins
    started.stop()
