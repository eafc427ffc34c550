"""Uninstalling, which keeps what a plugin holds, and purging, which does not (E-39, design 6)."""

import logging
import shutil

import pytest
from sqlalchemy import select, text, update

from portal.core.database import db
from portal.groups.models import GroupPlugin
from portal.pluginengine.belongings import Belongings, belongings_of
from portal.pluginengine.errors import Refused
from portal.pluginengine.models import HandlerRow, PluginRow
from portal.pluginengine.operations import raise_generation
from tests.factories import make_group
from tests.fixtures.plugins import upload, write_plugin

#: Tables whose foreign keys form a circle, a view on them, a view on that, and whatever a database has.
MIGRATION = """
    import sqlalchemy as sa
    from alembic import op

    revision = "probe_1"
    down_revision = None


    def upgrade():
        for one, other in (("hen", "egg"), ("egg", "hen")):
            op.create_table(
                f"plugin_probe_{one}",
                sa.Column("id", sa.Integer, primary_key=True),
                sa.Column("group_id", sa.Integer, sa.ForeignKey("groups.group_id", ondelete="CASCADE")),
                *(
                    [
                        sa.Column(
                            "other_id",
                            sa.Integer,
                            sa.ForeignKey("plugin_probe_hen.id", ondelete="CASCADE"),
                        )
                    ]
                    if one == "egg"
                    else [sa.Column("other_id", sa.Integer)]
                ),
            )
        if op.get_bind().dialect.name == "postgresql":
            op.create_foreign_key(
                "plugin_probe_circle", "plugin_probe_hen", "plugin_probe_egg", ["other_id"], ["id"],
                ondelete="SET NULL",
            )
            op.execute("CREATE SEQUENCE plugin_probe_count")
            op.execute("CREATE TYPE plugin_probe_kind AS ENUM ('a', 'b')")
            op.execute("ALTER TABLE plugin_probe_hen ADD COLUMN kind plugin_probe_kind")
            op.execute(
                "CREATE FUNCTION plugin_probe_twice(x integer) RETURNS integer LANGUAGE sql"
                " AS 'SELECT 2 * x'"
            )
            op.execute("CREATE MATERIALIZED VIEW plugin_probe_all AS SELECT id FROM plugin_probe_hen")
        else:
            op.execute("DROP TABLE plugin_probe_hen")
            op.execute(
                "CREATE TABLE plugin_probe_hen (id INTEGER PRIMARY KEY,"
                " group_id INTEGER REFERENCES groups (group_id) ON DELETE CASCADE,"
                " other_id INTEGER REFERENCES plugin_probe_egg (id)"
                " ON DELETE CASCADE)"
            )
            op.execute(
                "CREATE TRIGGER plugin_probe_gone AFTER DELETE ON plugin_probe_egg"
                " BEGIN SELECT RAISE(ABORT, 'the egg stays'); END"
            )
        op.execute("CREATE VIEW plugin_probe_bird AS SELECT id FROM plugin_probe_hen")
        op.execute("CREATE VIEW plugin_probe_aviary AS SELECT id FROM plugin_probe_bird")
"""

CALLBACKS = """
    def install(self, config, app):
        self.files.write("pictures/hen.txt", b"hen")
        self._note("install", app)

    def enable(self, config, app):
        self._note("enable", app)

    def disable(self, config, app):
        self._note("disable", app)

    def uninstall(self, config, app):
        self._note("uninstall", app)

    def _note(self, what, app):
        self.logger.info("%s %s", what, self.handle in app.blueprints)

    def tab(self):
        return None
"""

VIEWS = """
    from flask import Blueprint

    bp = Blueprint("probe", __name__)
"""


@pytest.fixture
def folder(tmp_path):
    """A plugin that holds something of everything; its code is not its handle."""
    return write_plugin(
        tmp_path / "authors",
        "Probe1",
        config={"handle": "probe", "name": "Probe", "scope": ["group"]},
        events={"groupmenu": ["tab"]},
        methods=CALLBACKS,
        files={"migrations/0001.py": MIGRATION, "views.py": VIEWS},
    )


@pytest.fixture
def calls(caplog):
    """What the probe's callbacks have logged: their name, and whether the plugin is mounted in their app."""
    caplog.set_level(logging.INFO, logger="portal.plugin.probe")
    return lambda: [each.message for each in caplog.records if each.name == "portal.plugin.probe"]


@pytest.fixture
def used(site, folder, calls):
    """The plugin is installed; a group has chosen it, and its tables have rows that form a circle."""
    with site.arrange():
        site.group_id = make_group("apollo").group_id
    site.before = site.traces()
    site.operate("install", upload(folder))
    use(site)
    return site


def use(site):
    with site.arrange():
        for statement in (
            f"INSERT INTO plugin_probe_hen (id, group_id) VALUES (1, {site.group_id})",
            f"INSERT INTO plugin_probe_egg (id, group_id, other_id) VALUES (1, {site.group_id}, 1)",
            "UPDATE plugin_probe_hen SET other_id = 1",
        ):
            db.session.execute(text(statement))
        plugin_id = db.session.scalars(select(PluginRow.plugin_id)).one()
        db.session.add(GroupPlugin(group_id=site.group_id, plugin_id=plugin_id, used=True))


def row_of(site) -> PluginRow:
    with site.arrange("read"):
        row = db.session.scalars(select(PluginRow)).one()
        db.session.expunge(row)
        return row


def handlers(site) -> list[tuple[str, int, int]]:
    with site.arrange("read"):
        rows = db.session.scalars(select(HandlerRow).order_by(HandlerRow.handler_id))
        return [(each.handler, each.priority, each.delete_flg) for each in rows]


# -- uninstall -----------------------------------------------------------------------------------


def test_uninstalling_calls_disable_then_uninstall_in_an_app_without_the_plugin(used, calls):
    """E-39, E-40."""
    outcome = used.operate("uninstall", "probe1")
    assert outcome.message == "Plugin Probe uninstalled. What it holds is kept."
    assert calls() == ["disable False", "uninstall False"]
    assert not used.engine.plugins
    assert used.client().get("/plugins/probe/").status_code == 404


def test_uninstalling_calls_disable_of_a_disabled_plugin_too(used, calls):
    used.operate("disable", "probe")
    used.operate("uninstall", "probe")
    assert calls() == ["disable False", "disable False", "uninstall False"]


def test_uninstalling_keeps_what_the_plugin_holds_and_frees_its_numbers(used):
    """The row and its handlers are buried (E-05, E-15, 2.3.1)."""
    kept = used.rows("group_plugin"), used.files()["plugin-data/probe/pictures/hen.txt"]
    handler = handlers(used)[0]
    used.operate("uninstall", "probe")
    row = row_of(used)
    assert (row.enable, row.initialized, row.delete_flg, row.archive) == (0, 0, 1, None)
    assert handlers(used)[0][1] < -1_000_000
    assert handlers(used)[0][::2] == (handler[0], 1)
    assert {"plugin_probe_hen", "plugin_probe_egg"} <= used.tables()
    assert (used.rows("group_plugin"), used.files()["plugin-data/probe/pictures/hen.txt"]) == kept


def test_installing_again_revives_the_same_plugin(used, folder, calls):
    plugin_id, rows = row_of(used).plugin_id, used.rows("plugin_probe_hen")
    with used.arrange():
        db.session.execute(update(PluginRow).values(group_policy="default_on"))
    used.operate("uninstall", "probe")
    used.operate("install", upload(folder))
    row = row_of(used)
    assert (row.plugin_id, row.enable, row.delete_flg) == (plugin_id, 1, 0)
    assert row.group_policy == "default_on"
    assert used.rows("plugin_probe_hen") == rows
    assert len(used.rows("group_plugin")) == 1
    assert [each[1:] for each in handlers(used) if not each[2]] == [(400, 0)]
    assert calls()[2:] == ["install True", "enable True"]


@pytest.mark.parametrize("callback", ["disable", "uninstall"])
def test_a_failing_callback_changes_nothing_and_force_leaves_it_out(site, make_plugin, callback):
    make_plugin("probe", methods=f"def {callback}(self, config, app):\n    raise ValueError('no')")
    site.operate("install", "probe")
    before = site.traces()
    with pytest.raises(Refused, match=f"{callback} of the plugin Probe failed: ValueError: no"):
        site.operate("uninstall", "probe")
    assert site.traces() == before
    assert site.operate("uninstall", "probe", force=True).changed
    assert row_of(site).delete_flg == 1


def test_broken_code_is_uninstalled_by_force_only(site, make_plugin):
    make_plugin("probe", methods="pass")
    site.operate("install", "probe")
    make_plugin("probe", files={"plugin.py": "raise ImportError('lost')"})
    site.refresh()
    with pytest.raises(Refused, match="lost") as refusal:
        site.operate("uninstall", "probe")
    assert "by force" in refusal.value.remedy
    assert site.operate("uninstall", "probe", force=True).changed


@pytest.mark.parametrize("enabled", [True, False])
def test_without_its_code_a_plugin_is_uninstalled_without_its_callbacks(site, make_plugin, enabled):
    """2.3.3: and somebody is told."""
    folder = make_plugin("probe", methods="def disable(self, config, app):\n    raise ValueError")
    site.operate("install", "probe", enable=enabled)
    shutil.rmtree(folder)
    site.refresh()
    outcome = site.operate("uninstall", "probe")
    assert outcome.changed
    assert "Its folder is gone" in outcome.warnings[0]


def test_a_plugin_that_was_never_installed_is_uninstalled_without_its_callbacks(site, make_plugin):
    make_plugin("probe", methods="def disable(self, config, app):\n    raise ValueError")
    site.operate("register", "probe")
    assert site.operate("uninstall", "probe").changed


@pytest.mark.parametrize("purge", [False, True])
def test_rehearsing_an_uninstallation_changes_nothing(used, calls, purge):
    before = used.snapshot(), used.files()
    outcome = used.operate("uninstall", "probe", purge=purge, dry_run=True)
    assert "Rehearsed only, nothing was changed: Plugin Probe uninstalled" in outcome.message
    assert calls() == ["disable False", "uninstall False"]
    assert (used.snapshot(), used.files()) == before


def test_uninstalling_what_is_uninstalled_is_refused(used):
    used.operate("uninstall", "probe")
    with pytest.raises(Refused, match="The plugin probe is not registered"):
        used.operate("uninstall", "probe")


# -- purge ---------------------------------------------------------------------------------------


def require_no_trace(site):
    """Nothing is left but the journal, the audit log and a higher generation (design 6)."""
    site.sweep()
    assert site.traces() == site.before
    assert not list((site.settings.var / "store").glob("[!.]*"))
    assert not (site.settings.var / "plugin-data" / "probe").exists()
    if db.engine_for(site.settings.database_url).dialect.name == "postgresql":
        with site.arrange("read"):
            for table, column in (("class", "rel"), ("type", "typ"), ("proc", "pro")):
                found = (
                    f"SELECT {column}name FROM pg_{table} WHERE {column}name LIKE '%plugin_probe%'"
                )
                assert db.session.scalars(text(found)).all() == []


def test_purging_with_the_uninstallation_leaves_nothing(used, calls):
    outcome = used.operate("uninstall", "probe", purge=True)
    assert outcome.message == "Plugin Probe uninstalled; nothing of it is left."
    assert calls() == ["disable False", "uninstall False"]
    require_no_trace(used)


def test_purging_after_the_uninstallation_leaves_nothing(used):
    used.operate("uninstall", "probe")
    outcome = used.operate("purge", "Probe1")
    assert outcome.message == "Nothing of plugin Probe is left."
    require_no_trace(used)


def test_purging_after_the_plugin_was_unregistered_leaves_nothing(used):
    """By its handle: the site no longer knows its code."""
    used.operate("unregister", "probe", disable_first=True)
    assert used.operate("purge", "probe").changed
    require_no_trace(used)


def test_a_plugin_whose_code_is_gone_is_purged(used):
    """Neither the folder nor the archive is there."""
    with used.arrange():
        db.session.execute(text("DELETE FROM engine_archives"))
        raise_generation()
    used.runtime.store.discard(row_of(used).archive)
    used.refresh()
    assert used.engine.problems["probe"].kind == "missing"
    used.operate("uninstall", "probe", purge=True)
    require_no_trace(used)


def test_a_whole_life_twice_leaves_nothing(used, folder):
    used.operate("disable", "probe")
    used.operate("enable", "probe")
    folder = write_plugin(
        folder.parent, "Probe1", config={"handle": "probe", "name": "Probe", "version": "1.1"}
    )
    used.operate("update", upload(folder))
    used.operate("uninstall", "probe")
    used.operate("purge", "probe")
    require_no_trace(used)
    used.operate("install", upload(folder))
    use(used)
    used.operate("uninstall", "probe", purge=True)
    require_no_trace(used)


def test_purging_an_installed_plugin_is_refused(used):
    before = used.snapshot(), used.files()
    with pytest.raises(Refused, match="Plugin Probe is installed") as refusal:
        used.operate("purge", "probe")
    assert "Uninstall it first" in refusal.value.remedy
    assert (used.snapshot(), used.files()) == before


@pytest.mark.parametrize("code", ["ghost", "no-handle", "users"])
def test_purging_what_has_left_nothing_changes_nothing(site, code):
    before = site.snapshot()
    outcome = site.operate("purge", code)
    assert (outcome.changed, outcome.message) == (False, f"Plugin {code} has left nothing.")
    assert site.snapshot() == before


def test_rehearsing_a_purge_changes_nothing(used):
    used.operate("uninstall", "probe")
    before = used.snapshot(), used.files()
    assert not used.operate("purge", "probe", dry_run=True).changed
    assert (used.snapshot(), used.files()) == before


def test_what_others_built_on_a_plugins_tables_is_not_dropped(used):
    engine = db.engine_for(used.settings.database_url)
    if engine.dialect.name == "sqlite":
        pytest.skip("SQLite lets tables and views refer to what is not there")
    used.operate("uninstall", "probe")
    with engine.begin() as connection:
        connection.execute(text("CREATE VIEW foreign_view AS SELECT id FROM plugin_probe_hen"))
    try:
        with pytest.raises(Refused, match="depends on the tables of probe") as refusal:
            used.operate("purge", "probe")
        assert "foreign_view" in refusal.value.remedy
    finally:
        with engine.begin() as connection:
            connection.execute(text("DROP VIEW foreign_view"))
    used.operate("purge", "probe")
    require_no_trace(used)


def test_what_a_plugin_holds_is_counted(used):
    with used.arrange("read"):
        held = belongings_of("probe")
    own = ("egg", "hen", "meta_data", "migrations")
    assert [name for name, _rows in held.tables] == [f"plugin_probe_{each}" for each in own]
    assert dict(held.tables)["plugin_probe_hen"] == 1
    assert held.rows == 4
    assert "plugin_probe_bird" in held.views
    assert (held.files, held.file_bytes, held.archives) == (1, 3, 1)
    with used.arrange("read"):
        assert not belongings_of("ghost")
    assert not Belongings()
