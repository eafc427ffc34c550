"""Operating plugins: register, enable, disable, unregister (design 6; seeds 001 and 004; E-32 to E-46)."""

import logging

import pytest
from sqlalchemy import select, text

from portal.accounts.models import UserPlugin
from portal.core.database import db
from portal.groups.models import GroupPlugin
from portal.pluginengine.errors import Refused
from portal.pluginengine.models import HandlerRow, PluginRow
from tests.factories import make_group, make_user
from tests.fixtures.plugins import THING_MIGRATION

TABLE = "plugin_probe_thing"

RECORDING = """
    def install(self, config, app):
        self._note("install", config, app)

    def enable(self, config, app):
        self._note("enable", config, app)

    def disable(self, config, app):
        self._note("disable", config, app)

    def _note(self, what, config, app):
        from flask import current_app
        own = current_app._get_current_object() is app
        self.logger.info("%s %s %s %s", what, type(config).__name__, config["version"], own)
"""


@pytest.fixture
def probe(make_plugin):
    """A plugin with a handler, a table and callbacks that log what they are called with."""
    return make_plugin(
        "probe",
        config={"scope": ["group", "user"]},
        events={"groupmenu": ["tab"]},
        methods=RECORDING + "\n    def tab(self):\n        return None\n",
        files={"migrations/0001_thing.py": THING_MIGRATION},
    )


@pytest.fixture
def calls(caplog):
    """The messages that the probe's callbacks have logged so far."""
    caplog.set_level(logging.INFO, logger="portal.plugin.probe")

    def logged() -> list[str]:
        return [each.message for each in caplog.records if each.name == "portal.plugin.probe"]

    return logged


def generation(site) -> int:
    return site.engine.state.generation


# -- register ------------------------------------------------------------------------------------


def test_register_inserts_the_row_disabled_and_its_handlers(site, probe):
    outcome = site.operate("register", "probe")
    with site.arrange("read"):
        row = db.session.scalars(select(PluginRow)).one()
        assert (row.code, row.plugin_name, row.version) == ("probe", "probe", "1.0")
        assert (row.enable, row.initialized) == (0, 0)
        handlers = db.session.scalars(select(HandlerRow)).all()
        assert [(each.event, each.handler) for each in handlers] == [("groupmenu", "tab")]
    assert outcome.changed
    assert outcome.message == "Plugin Probe registered; it is disabled."


def test_registering_runs_no_code_and_makes_no_table(site, make_plugin):
    """E-30: handlers stand in a file so that they can be read without running the plugin's code."""
    make_plugin("probe", files={"plugin.py": "raise SystemExit(3)"})
    site.operate("register", "probe")
    assert not site.engine.plugins
    assert not site.engine.problems


def test_registering_twice_changes_nothing(site, probe):
    site.operate("register", "probe")
    before = site.snapshot()
    outcome = site.operate("register", "PROBE")
    assert not outcome.changed
    assert outcome.message == "Plugin PROBE is registered already."
    assert site.snapshot() == before


def test_registering_what_is_not_there_names_the_places(site, plugin_folder):
    with pytest.raises(Refused, match="There is no plugin ghost") as refusal:
        site.operate("register", "ghost")
    assert str(plugin_folder) in refusal.value.remedy


def test_registering_a_faulty_folder_names_every_fault(site, make_plugin):
    make_plugin("probe", config={"version": "1.42.1", "scope": "nowhere"})
    with pytest.raises(Refused, match="is faulty") as refusal:
        site.operate("register", "probe")
    assert "config.yml, version" in refusal.value.remedy
    assert "config.yml, scope" in refusal.value.remedy


def test_registering_a_taken_handle_names_who_has_it(site, probe, make_plugin):
    make_plugin("Probe2", config={"handle": "probe", "name": "Second"})
    site.operate("register", "probe")
    with pytest.raises(Refused, match="The handle probe belongs to the plugin Probe"):
        site.operate("register", "Probe2")


# -- enable --------------------------------------------------------------------------------------


def test_enabling_for_the_first_time_installs_then_enables(site, probe, calls):
    """E-32, E-35: both get the parsed config.yml and the candidate app, in this order."""
    site.enable("probe")
    assert calls() == ["install dict 1.0 True", "enable dict 1.0 True"]
    assert TABLE in site.tables()
    assert site.engine.plugins["probe"].handle == "probe"


def test_callbacks_get_an_app_in_which_the_plugin_is_mounted(site, make_plugin):
    make_plugin(
        "probe",
        methods="""
            def enable(self, config, app):
                assert "probe.index" in app.view_functions
        """,
        files={
            "views.py": """
                from flask import Blueprint
                bp = Blueprint("probe", __name__)

                @bp.get("/")
                def index():
                    return "here"
            """
        },
    )
    site.enable("probe")
    assert "probe" in site.engine.plugins


def test_enabling_again_enables_only(site, probe, calls):
    """E-46."""
    site.enable("probe")
    site.operate("disable", "probe")
    site.operate("enable", "probe")
    assert [each.split()[0] for each in calls()] == ["install", "enable", "disable", "enable"]


def test_enabling_what_is_enabled_changes_nothing(site, probe, calls):
    site.enable("probe")
    before = site.snapshot()
    outcome = site.operate("enable", "probe")
    assert not outcome.changed
    assert outcome.message == "Plugin probe is enabled already."
    assert site.snapshot() == before
    assert len(calls()) == 2


def test_every_operation_raises_the_generation_by_one(site, probe):
    seen = [generation(site)]
    for verb in ("register", "enable", "disable", "unregister"):
        outcome = site.operate(verb, "probe")
        assert outcome.generation == generation(site)
        seen.append(generation(site))
    assert seen == list(range(seen[0], seen[0] + 5))


def test_callbacks_cannot_change_what_is_known_of_the_manifest(site, make_plugin):
    make_plugin(
        "probe",
        methods="""
            def install(self, config, app):
                config["name"] = "Something else"

            def enable(self, config, app):
                assert config["name"] == "Probe"
        """,
    )
    site.enable("probe")
    assert site.engine.plugins["probe"].manifest.name == "Probe"


@pytest.mark.parametrize("verb", ["enable", "disable"])
def test_operating_an_unknown_plugin_is_refused(site, verb):
    with pytest.raises(Refused, match="The plugin ghost is not registered") as refusal:
        site.operate(verb, "ghost")
    assert "portal plugin list" in refusal.value.remedy


def test_a_migration_that_came_after_the_installation_runs_with_the_next_enabling(
    site, make_plugin
):
    """An author adds a table to a plugin that is installed already; its version is the same."""
    make_plugin("later", methods="pass")
    site.enable("later")
    migration = THING_MIGRATION.replace("probe", "later")
    make_plugin("later", files={"migrations/0001_thing.py": migration})
    assert "plugin_later_thing" not in site.tables()
    for _ in range(2):
        site.operate("disable", "later")
        site.operate("enable", "later")
        assert "plugin_later_thing" in site.tables()


# -- disable -------------------------------------------------------------------------------------


@pytest.fixture
def used(site, probe):
    """The probe is enabled, and a group and a person have chosen it."""
    site.enable("probe")
    with site.arrange():
        assert make_group("apollo").set_plugin_usage("probe", True)
        assert make_user("alice").set_plugin_usage("probe", True)
    return site


def choices(site) -> list[tuple[type, bool]]:
    with site.arrange("read"):
        return [
            (model, row.used)
            for model in (GroupPlugin, UserPlugin)
            for row in db.session.scalars(select(model))
        ]


def test_disabling_keeps_tables_handlers_and_choices(used, calls):
    """E-44, E-45."""
    kept = {name: used.rows(name) for name in ("group_plugin", "user_plugin", "engine_handlers")}
    used.operate("disable", "probe")
    assert not used.engine.plugins
    assert calls()[-1] == "disable dict 1.0 True"
    assert {name: used.rows(name) for name in kept} == kept
    assert TABLE in used.tables()
    assert choices(used) == [(GroupPlugin, True), (UserPlugin, True)]


def test_disabling_what_is_disabled_changes_nothing(site, probe):
    site.operate("register", "probe")
    before = site.snapshot()
    outcome = site.operate("disable", "probe")
    assert not outcome.changed
    assert outcome.message == "Plugin probe is disabled already."
    assert site.snapshot() == before


def test_a_plugin_that_cannot_be_loaded_can_be_disabled(site, make_plugin):
    make_plugin("probe", methods="def disable(self, config, app):\n    pass")
    site.enable("probe")
    make_plugin("probe", files={"plugin.py": "raise ImportError('lost')"})
    site.refresh()
    assert site.engine.problems["probe"].kind == "broken"
    assert site.operate("disable", "probe").changed
    assert not site.engine.problems


def test_a_failing_disable_is_refused_and_changes_nothing(site, make_plugin):
    make_plugin("probe", methods="def disable(self, config, app):\n    raise ValueError('stuck')")
    site.enable("probe")
    before = site.snapshot()
    with pytest.raises(Refused, match="disable of the plugin Probe failed: ValueError: stuck"):
        site.operate("disable", "probe")
    assert site.snapshot() == before


# -- unregister ----------------------------------------------------------------------------------


def test_unregistering_an_enabled_plugin_is_refused(used):
    before = used.snapshot()
    with pytest.raises(Refused, match="Plugin Probe is enabled") as refusal:
        used.operate("unregister", "probe")
    assert "--disable" in refusal.value.remedy
    assert used.snapshot() == before


def test_unregistering_removes_every_row_that_refers_to_it_and_keeps_its_tables(used, calls):
    """Seed 004: no referential error is left."""
    outcome = used.operate("unregister", "probe", disable_first=True)
    emptied = ("plugins", "engine_handlers", "group_plugin", "user_plugin")
    assert {name: used.rows(name) for name in emptied} == {name: [] for name in emptied}
    assert calls()[-1] == "disable dict 1.0 True"
    assert TABLE in used.tables()
    assert outcome.message == "Plugin Probe unregistered. Its own tables are kept."


def test_unregistering_what_is_not_registered_changes_nothing(site):
    outcome = site.operate("unregister", "ghost")
    assert not outcome.changed
    assert outcome.message == "Plugin ghost is not registered."


def test_a_plugin_comes_back_to_its_kept_tables(used):
    with used.arrange():
        db.session.execute(text(f"INSERT INTO {TABLE} VALUES (7)"))
    used.operate("unregister", "probe", disable_first=True)
    used.enable("probe")
    assert used.rows(TABLE) == [(7,)]


# -- rehearsals ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "verb", "options"),
    [
        ((), "register", {}),
        (("register",), "enable", {}),
        (("register", "enable"), "disable", {}),
        (("register", "enable"), "unregister", {"disable_first": True}),
    ],
)
def test_a_rehearsal_tries_everything_and_keeps_nothing(site, probe, before, verb, options):
    for earlier in before:
        site.operate(earlier, "probe")
    snapshot = site.snapshot()
    outcome = site.operate(verb, "probe", dry_run=True, **options)
    assert outcome.message.startswith("Rehearsed only, nothing was changed: Plugin Probe ")
    assert not outcome.changed
    assert site.snapshot() == snapshot


def test_a_rehearsal_finds_what_would_fail(site, make_plugin):
    make_plugin("probe", methods="def enable(self, config, app):\n    raise ValueError('no')")
    site.operate("register", "probe")
    with pytest.raises(Refused, match="ValueError: no"):
        site.operate("enable", "probe", dry_run=True)


def test_enabling_again_brings_the_handler_table_in_accord_with_the_files(site, make_plugin):
    """2.2.3: an unchanged handler keeps its number, a changed type is placed anew, a gone one leaves."""
    methods = "\n".join(f"def {name}(self):\n    return None" for name in ("kept", "moved", "gone"))

    def write(moved: str, names: list[str]) -> None:
        lines = [
            f"- {{handler: {name}, type: {'NORMAL' if name != 'moved' else moved}}}"
            for name in names
        ]
        make_plugin(
            "probe", methods=methods, files={"event.yml": "groupmenu:\n" + "\n".join(lines) + "\n"}
        )

    def table() -> dict[str, tuple[int, str]]:
        with site.arrange("read"):
            rows = db.session.scalars(select(HandlerRow))
            return {row.handler: (row.priority, row.handler_type) for row in rows}

    write("NORMAL", ["gone", "kept", "moved"])
    site.enable("probe")
    assert table() == {"gone": (400, "NORMAL"), "kept": (399, "NORMAL"), "moved": (398, "NORMAL")}
    write("LAST", ["kept", "moved"])
    site.operate("disable", "probe")
    site.operate("enable", "probe")
    assert table() == {"kept": (399, "NORMAL"), "moved": (-400, "LAST")}
