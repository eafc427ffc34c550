"""`portal plugin check`: by folder, by handle, all of them; and what doctor says of personal data."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from portal.cli.checks import check_personal_data
from portal.cli.root import main
from portal.config import Settings
from tests.fixtures.plugins import MakePlugin, PluginSite, write_plugin
from tests.personaldata import write_keeper

ROOT = Path(__file__).resolve().parents[2]
Run = Callable[..., Result]


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """What is checked does not depend on the database."""
    return sqlite_url


@pytest.fixture
def run(settings: Settings, plugin_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs `portal plugin check` on the test's site."""
    monkeypatch.setenv("PORTAL_VAR", str(settings.var))
    monkeypatch.setenv("DATABASE_URL", settings.database_url)
    monkeypatch.setenv("PORTAL_PLUGIN_PATH", str(plugin_folder))
    return lambda *arguments: CliRunner().invoke(main, ["plugin", "check", *arguments])


TYPES = {"note": {"author_id": "integer not null references users", "words": "text"}}


def test_a_folder_is_checked_without_being_installed(run: Run, tmp_path: Path) -> None:
    folder = write_plugin(
        tmp_path / "authors",
        "probe",
        config={"schema_version": "1", "object_types": TYPES, "colour": "red"},
        events={"groupmenu": ["tab"], "no_such_hook": ["tab"]},
        methods="def tab(self):\n    return None",
    )
    answer = run(str(folder))
    assert answer.exit_code == 1
    lines = answer.stdout.splitlines()
    assert [line.partition(":")[0] for line in lines] == ["probe"] * 4
    assert "colour" in lines[0]
    assert "no_such_hook" in lines[1]
    assert "There is no hook named 'no_such_hook'." in lines[2]
    assert lines[3] == (
        "probe: plugin_probe_note.author_id: It refers to people, and config.yml does not declare it."
        " Write under personal_data: - {table: plugin_probe_note, user_column: author_id}"
    )
    assert "probe: 4 findings." in answer.stderr


def test_class_types_and_models_are_looked_at(run: Run, tmp_path: Path) -> None:
    """Their columns stand in Python."""
    models = """
        from sqlalchemy.orm import Mapped, mapped_column

        from portal.pluginapi import ObjectType, plugin_model

        Model = plugin_model()


        class Note(ObjectType):
            column_defs = {"user_id": "integer references users"}


        class Page(Model):
            page_id: Mapped[int] = mapped_column(primary_key=True)
            created_by: Mapped[int]
    """
    folder = write_plugin(
        tmp_path / "authors",
        "probe",
        config={
            "schema_version": "1",
            "object_types": {"note": "models:Note"},
            "personal_data": [{"table": "plugin_probe_gone", "user_column": "user_id"}],
        },
        files={"models.py": models},
    )
    answer = run(str(folder))
    assert answer.exit_code == 1
    for place in ("plugin_probe_note.user_id:", "plugin_probe_page.created_by:"):
        assert place in answer.stdout
    assert "The plugin has no table plugin_probe_gone." in answer.stdout


def test_faulty_files_and_code_that_does_not_come_up_are_told(
    run: Run, make_plugin: MakePlugin
) -> None:
    make_plugin("probe", config={"version": "one"})
    make_plugin("broken", files={"plugin.py": "raise ImportError('lost')"})
    answer = run()
    assert answer.exit_code == 1
    assert "probe: config.yml, version: 'one'." in answer.stdout
    assert "lost" in answer.stdout
    assert "helloworld" not in answer.stdout


def test_the_tables_of_an_installed_plugin_are_those_of_the_database(
    run: Run, site: PluginSite, plugin_folder: Path
) -> None:
    """Migrations say nothing before they have run."""
    write_keeper(plugin_folder, personal_data="none")
    assert run("keeper").exit_code == 0
    site.operate("install", "keeper")
    answer = run("keeper")
    places = [line.split(": ")[1] for line in answer.stdout.splitlines()]
    assert places == ["plugin_keeper_note.user_id", "plugin_keeper_page.author_id"]
    told = check_personal_data(replace(site.settings))
    assert told.status == "warning"
    assert told.text == f"plugins do not declare {', '.join(places)}"


def test_a_plugin_that_declares_everything_is_in_order(
    run: Run, site: PluginSite, plugin_folder: Path
) -> None:
    write_keeper(plugin_folder)
    site.operate("install", "keeper")
    answer = run("keeper")
    assert (answer.exit_code, answer.stdout) == (0, "keeper: in order.\n")
    assert check_personal_data(site.settings).status == "ok"


def test_what_is_not_there_is_refused(run: Run) -> None:
    answer = run("nosuchplugin")
    assert answer.exit_code == 1
    assert "There is no plugin nosuchplugin" in answer.stderr


@pytest.mark.parametrize(
    "folder",
    sorted(
        path.parent
        for place in ("plugins", "docs/plugins/examples")
        for path in (ROOT / place).glob("*/config.yml")
    ),
    ids=lambda folder: folder.name,
)
def test_the_bundled_plugins_and_the_examples_of_the_docs_are_in_order(
    run: Run, folder: Path
) -> None:
    answer = run(str(folder))
    assert (answer.exit_code, answer.stdout) == (0, f"{folder.name}: in order.\n")
