"""`portal plugin order` shows and changes what the admin's page shows and changes (2.3.1)."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from portal.app import current_state
from portal.cli.root import main
from portal.config import Settings
from tests.fixtures.plugins import write_plugin

HOOK = "project_after_description"
NAMES = ("one", "two", "three")


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """The commands call services that are tested on both databases."""
    return sqlite_url


@pytest.fixture
def enabled(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A site, found in the environment, whose plugin answers a hook three times."""
    folder = tmp_path / "plugins"
    folder.mkdir()
    methods = "\n".join(f"def {name}(self):\n    return None" for name in NAMES)
    write_plugin(folder, "Good", methods=methods, events={HOOK: list(NAMES)})
    environ = {
        "PORTAL_VAR": str(settings.var),
        "DATABASE_URL": settings.database_url,
        "PORTAL_PLUGINS_DIR": str(folder),
    }
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    for verb in ("register", "enable"):
        assert CliRunner().invoke(main, ["plugin", verb, "Good"]).exit_code == 0
    return settings


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ["plugin", "order", *words])


def stored(settings: Settings) -> list[tuple[int, str]]:
    """Return number and name of the handlers, highest first."""
    return [(each.priority, each.handler) for each in current_state(settings).handlers]


def test_without_an_option_the_order_is_printed(enabled: Settings) -> None:
    """P-01, P-10: highest first."""
    lines = [line.split() for line in run(HOOK).output.splitlines()]
    assert lines[0] == ["PRIORITY", "TYPE", "HANDLER", "NOT", "CALLED", "BECAUSE"]
    assert lines[1:] == [
        ["400", "NORMAL", "Good:one"],
        ["399", "NORMAL", "Good:two"],
        ["398", "NORMAL", "Good:three"],
    ]


def test_a_hook_that_nobody_answers_says_so(enabled: Settings) -> None:
    assert run("group_approved").output == "Nobody answers group_approved.\n"


def test_a_handler_that_is_off_is_shown_with_0_and_why(enabled: Settings) -> None:
    """P-03."""
    assert run(HOOK, "--off", "Good:two").output == "Good:two is off; its place is kept.\n"
    line = next(line for line in run(HOOK).output.splitlines() if "Good:two" in line)
    assert line.split()[0] == "0"
    assert "switched off here; its number is 399" in line
    assert run(HOOK, "--on", "good:TWO").output == "Good:two is on.\n"


def test_every_option_does_what_the_page_does(enabled: Settings) -> None:
    assert run(HOOK, "--up", "Good:two").output == "Good:two moved up.\n"
    assert run(HOOK, "--down", "Good:one").exit_code == 0
    assert [name for _, name in stored(enabled)] == ["two", "three", "one"]
    assert run(HOOK, "--set", "-5", "Good:two").exit_code == 0
    assert stored(enabled) == [(399, "three"), (398, "one"), (-5, "two")]
    assert run(HOOK, "--order", "Good:one, Good:two,Good:three").exit_code == 0
    assert stored(enabled) == [(399, "one"), (398, "two"), (-5, "three")]


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (("--up", "Good:one"), "is the first of its kind already"),
        (("--set", "401", "Good:one"), "outside the band"),
        (("--order", "Good:one,Good:two"), "has changed meanwhile"),
        (("--order", ""), f"The hook {HOOK} has no handler ."),
        (("--off", "Good:four"), f"See portal plugin order {HOOK}"),
        (("--up", "Good:two", "--off", "Good:two"), "at a time"),
        (("--set", "many", "Good:one"), "not a valid integer"),
    ],
)
def test_what_is_refused_changes_nothing_and_fails(
    enabled: Settings, words: tuple[str, ...], text: str
) -> None:
    before = stored(enabled)
    result = run(HOOK, *words)
    assert result.exit_code != 0
    assert text in result.output
    assert stored(enabled) == before


def test_an_unknown_hook_is_refused_with_the_nearest_names(enabled: Settings) -> None:
    result = run("project_after_descriptions")
    assert result.exit_code == 1
    assert f"Did you mean {HOOK}" in result.output


def test_a_rehearsal_keeps_nothing(enabled: Settings) -> None:
    before = stored(enabled)
    result = run(HOOK, "--up", "Good:two", "--dry-run")
    assert result.output == "Rehearsed only, nothing was changed: Good:two moved up.\n"
    assert stored(enabled) == before
