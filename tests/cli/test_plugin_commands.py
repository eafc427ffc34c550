"""`portal plugin`, `portal hooks` and the seeds' four commands do what site admin's pages do."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import update

from portal.app import current_state
from portal.cli import seednames
from portal.cli.root import main
from portal.config import Settings
from portal.core.database import db
from portal.pluginengine.models import PluginRow
from tests.fixtures.plugins import write_plugin


@pytest.fixture
def plugins(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty directory of plugins of a site that the commands find in the environment."""
    folder = tmp_path / "plugins"
    folder.mkdir()
    environ = {
        "PORTAL_VAR": str(settings.var),
        "DATABASE_URL": settings.database_url,
        "PORTAL_PLUGINS_DIR": str(folder),
    }
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    return folder


def run(*words: str) -> Result:
    return CliRunner().invoke(main, list(words))


def states(settings: Settings) -> dict[str, bool]:
    return {plugin.handle: plugin.enabled for plugin in current_state(settings).plugins}


def test_a_site_without_plugins_is_told_where_they_go(plugins: Path) -> None:
    result = run("plugin", "list")
    assert result.exit_code == 0
    assert "There is no plugin. Put a folder with a config.yml into plugins/." in result.output


def test_the_list_shows_states_and_causes(plugins: Path) -> None:
    write_plugin(plugins, "good")
    write_plugin(plugins, "faulty", config={"version": "1.42.1", "scope": ["groups"]})
    listed = {row["code"]: row for row in json.loads(run("plugin", "list", "--json").stdout)}
    assert listed["good"]["state"] == "available"
    assert listed["faulty"]["state"] == "faulty"
    faults = listed["faulty"]["faults"]
    assert len(faults) == 2
    assert [fault for fault in faults if fault not in run("plugin", "list").output] == []


def test_what_was_done_is_said_once(plugins: Path) -> None:
    """Not by the log beside it."""
    write_plugin(plugins, "good")
    assert run("plugin", "register", "good").output == "Plugin Good registered; it is disabled.\n"


def test_a_plugin_goes_through_its_life_in_the_shell(plugins: Path, settings: Settings) -> None:
    write_plugin(plugins, "good")
    assert run("plugin", "register", "good").exit_code == 0
    assert states(settings) == {"good": False}
    assert run("plugin", "enable", "good").exit_code == 0
    assert states(settings) == {"good": True}
    refused = run("plugin", "unregister", "good")
    assert refused.exit_code != 0
    assert "Disable it first" in refused.output
    assert run("plugin", "disable", "good").exit_code == 0
    assert run("plugin", "unregister", "good").exit_code == 0
    assert states(settings) == {}


def test_unregister_can_disable_first(plugins: Path, settings: Settings) -> None:
    write_plugin(plugins, "good")
    for verb in ("register", "enable"):
        run("plugin", verb, "good")
    assert run("plugin", "unregister", "--disable", "good").exit_code == 0
    assert states(settings) == {}


@pytest.mark.parametrize("verb", ["register", "enable", "disable", "unregister"])
def test_a_rehearsal_changes_nothing(plugins: Path, settings: Settings, verb: str) -> None:
    write_plugin(plugins, "good")
    write_plugin(plugins, "other")
    for each in ("register", "enable"):
        run("plugin", each, "good")
    run("plugin", "register", "other")
    before = current_state(settings)
    code = {"register": "third", "enable": "other", "disable": "good", "unregister": "other"}[verb]
    write_plugin(plugins, "third")
    result = run("plugin", verb, "--dry-run", code)
    assert result.exit_code == 0, result.output
    assert "nothing was changed" in result.output
    assert current_state(settings) == before


@pytest.mark.parametrize("verb", ["register", "enable", "disable"])
def test_an_unknown_plugin_is_refused_with_what_to_do(plugins: Path, verb: str) -> None:
    result = run("plugin", verb, "nothere")
    assert result.exit_code == 1
    assert "nothere" in result.output
    assert "Traceback" not in result.output


def test_a_faulty_plugin_is_not_registered_and_every_fault_is_told(
    plugins: Path, settings: Settings
) -> None:
    write_plugin(plugins, "faulty", config={"version": "0.45a", "handle": "Not-Good"})
    result = run("plugin", "register", "faulty")
    assert result.exit_code == 1
    assert "0.45a" in result.output
    assert "Not-Good" in result.output
    assert states(settings) == {}


@pytest.mark.parametrize(
    ("command", "known"), [(seednames.register, True), (seednames.unregister, False)]
)
def test_the_seeds_commands_are_idempotent(
    plugins: Path,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    command: object,
    known: bool,
) -> None:
    """Seed 001: sf-register-plugin and sf-deregister-plugin; seed 004: register- and unregister-plugin."""
    write_plugin(plugins, "good")
    run("plugin", "register", "good")
    monkeypatch.setattr("sys.argv", ["register-plugin", "good"])
    for _ in range(2):
        with pytest.raises(SystemExit) as end:
            command()  # type: ignore[operator]
        assert end.value.code == 0
    assert ("good" in states(settings)) is known


def test_the_hooks_are_listed_for_people_and_for_tools(plugins: Path) -> None:
    """Issue 2: name, kind, scope, parameters with types, where fired or planned, text."""
    listed = {row["name"]: row for row in json.loads(run("hooks", "list", "--json").stdout)}
    groupmenu = listed["groupmenu"]
    assert (groupmenu["kind"], groupmenu["scope"], groupmenu["planned"]) == (
        "collect",
        "group",
        None,
    )
    assert groupmenu["params"]["group"].startswith("Group")
    assert listed["task_extra_detail"]["planned"]
    assert all(row["doc"] and row["where"] for row in listed.values())
    text = run("hooks", "list").output
    assert all(name in text for name in listed)


def test_a_quarantine_is_lifted_by_retry(plugins: Path, settings: Settings) -> None:
    """Engineering (w): by hand only; a plugin that runs is left alone."""
    write_plugin(plugins, "good")
    run("plugin", "register", "good")
    run("plugin", "enable", "good")
    assert run("plugin", "retry", "good").output == "Plugin good is not quarantined.\n"
    with db.engine_for(settings.database_url).begin() as connection:
        connection.execute(
            update(PluginRow).values(load_state="quarantined", last_error="It failed.")
        )
    assert json.loads(run("plugin", "list", "--json").stdout)[0]["state"] == "quarantined"
    assert run("plugin", "retry", "good").output == "Plugin Good runs again.\n"
    assert json.loads(run("plugin", "list", "--json").stdout)[0]["state"] == "enabled"
