"""What else a plugin declares: requires, links, cron, provides, personal_data, writes."""

from __future__ import annotations

import pytest

from portal.pluginengine.manifest import (
    CodePath,
    CronDeclaration,
    LinkDeclaration,
    PersonalDataDeclaration,
    PluginRequirement,
    Requirements,
)
from tests.pluginengine.manifests import accepted, judged, places


def test_required_portal_and_plugins_are_read() -> None:
    """The manifest page's example."""
    needed = {"portal": {"min": "1.0", "tested": "1.4"}, "plugins": {"calendar": "1.0"}}
    assert accepted(requires=needed).requires == Requirements(
        portal_min="1.0",
        portal_tested="1.4",
        plugins=(PluginRequirement(code="calendar", version="1.0"),),
    )


@pytest.mark.parametrize(
    "needed", [[{"code": "Bar", "version": "2.0"}, {"code": "Baz"}],
               {"plugins": [{"code": "Bar", "version": "2.0"}, {"code": "Baz"}]}]
)  # fmt: skip
def test_required_plugins_may_be_a_list(needed: object) -> None:
    """0.4: a list of {code, version}; without a version any will do."""
    assert accepted(requires=needed).requires.plugins == (
        PluginRequirement(code="Bar", version="2.0"),
        PluginRequirement(code="Baz", version=None),
    )


def test_link_may_use_the_hooks_old_name() -> None:
    """Seed 001: project-menu-features-list-hook is groupmenu."""
    link = {"title": "Foo", "url": "/plugins/foo/"}
    expected = (LinkDeclaration(hook="groupmenu", title="Foo", url="/plugins/foo/"),)
    assert accepted(links={"project-menu-features-list-hook": link}).links == expected
    assert accepted(links={"groupmenu": link}).links == expected
    both = {"project-menu-features-list-hook": link, "groupmenu": link}
    assert len(judged(links=both).faults) == 1


@pytest.mark.parametrize(
    ("schedule", "fields"),
    [
        ("15 3 * * 1-5", "15 3 * * 1-5"),
        ("*/10  0-6/2 1,15 * 7", "*/10 0-6/2 1,15 * 7"),
        ("@daily", "0 0 * * *"),
        ("@hourly", "0 * * * *"),
    ],
)
def test_schedule_is_five_cron_fields(schedule: str, fields: str) -> None:
    """Cron's own grammar and its names."""
    tasks = accepted(cron=[{"task": "sync", "schedule": schedule}]).cron
    assert tasks == (CronDeclaration(task=CodePath("", "sync"), schedule=fields),)


@pytest.mark.parametrize(
    "schedule",
    ["", "daily", "* * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "* * * * 8",
     "*/0 * * * *", "5-3 * * * *", "1/2 * * * *", "a * * * *", "1, * * * *", "٣ * * * *"],
)  # fmt: skip
def test_schedule_that_never_comes_is_a_fault(schedule: str) -> None:
    """Judged before it is run."""
    judgement = judged(cron=[{"task": "sync", "schedule": schedule}])
    assert places(judgement) == ["config.yml cron > 1 > schedule"]


def test_provided_extensions_are_read() -> None:
    """The pick-one extensions."""
    assert accepted(provides=["scm", "auth"]).provides == ("scm", "auth")


def test_personal_data_is_listed_denied_or_unsaid() -> None:
    """Three different answers."""
    row = {"table": "plugin_foo_greeting", "user_column": "user_id"}
    assert accepted().personal_data is None
    assert accepted(personal_data="none").personal_data == ()
    assert accepted(personal_data=[row]).personal_data == (PersonalDataDeclaration(**row),)


def test_core_tables_to_write_are_read() -> None:
    """Design 7: lifts the fence for these tables."""
    assert accepted(writes=["users", "groups"]).writes == ("users", "groups")


@pytest.mark.parametrize(
    ("key", "value", "place"),
    [
        ("requires", "portal", "requires"),
        ("requires", {"portal": "1.0"}, "requires > portal"),
        ("requires", {"portal": {"min": "1.0.0"}}, "requires > portal > min"),
        ("requires", {"portal": {"min": "2.0", "tested": "1.9"}}, "requires > portal > tested"),
        ("requires", {"plugins": {"a-b": "1"}}, "requires > plugins > a-b"),
        ("requires", {"plugins": {"Bar": "x"}}, "requires > plugins > Bar"),
        ("requires", {"plugins": {"foo": "1"}}, "requires > plugins > foo"),
        ("requires", {"plugins": {"Bar": "1", "bar": "2"}}, "requires > plugins > bar"),
        ("requires", [{"version": "1"}], "requires > 1 > code"),
        ("links", ["groupmenu"], "links"),
        ("links", {"groupmenu": "/plugins/foo/"}, "links > groupmenu"),
        ("links", {"groupmenu": {"url": "/x"}}, "links > groupmenu > title"),
        ("links", {"groupmenu": {"title": "Foo"}}, "links > groupmenu > url"),
        ("links", {"g": {"title": "F", "url": "javascript:x"}}, "links > g > url"),
        ("links", {"g": {"title": "F", "url": "//evil.example"}}, "links > g > url"),
        ("links", {"g": {"title": "F", "url": "/\\evil.example"}}, "links > g > url"),
        ("links", {"g": {"title": "F", "url": "plugins/foo"}}, "links > g > url"),
        ("cron", {"task": "a"}, "cron"),
        ("cron", ["sync"], "cron > 1"),
        ("cron", [{"schedule": "@daily"}], "cron > 1 > task"),
        ("cron", [{"task": "a b", "schedule": "@daily"}], "cron > 1 > task"),
        ("provides", "scm", "provides"),
        ("provides", ["wiki"], "provides > 1"),
        ("personal_data", "nothing", "personal_data"),
        ("personal_data", [{"table": "users", "user_column": "user_id"}],
         "personal_data > 1 > table"),
        ("personal_data", [{"table": "plugin_foo_a"}], "personal_data > 1 > user_column"),
        ("writes", "users", "writes"),
        ("writes", ["Users"], "writes > 1"),
        ("writes", ["plugins"], "writes > 1"),
        ("writes", ["engine_handlers"], "writes > 1"),
        ("writes", ["plugin_bar_x"], "writes > 1"),
    ],
)  # fmt: skip
def test_declaration_that_breaks_a_rule_is_one_fault_at_its_place(
    key: str, value: object, place: str
) -> None:
    """The manifest page, row by row."""
    assert places(judged(**{key: value})) == [f"config.yml {place}"]
