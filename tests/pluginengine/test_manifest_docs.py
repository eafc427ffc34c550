"""The manifest reference for authors says what the code knows, and nothing that it does not."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

from portal.pluginengine.columns import ColumnKind, parse_column
from portal.pluginengine.manifest import (
    HANDLER_TYPES,
    KEYS,
    cron,
    data,
    judge,
    object_types,
    pages,
    permissions,
    requires,
    scope,
    settings,
)
from portal.pluginengine.manifest import links as link_rules
from portal.pluginengine.manifest.yamltext import MAX_CHARACTERS, MAX_DEPTH, MAX_VALUES

PAGE = (Path(__file__).parents[2] / "docs/plugins/manifest.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^### (\S+)\n(.*?)(?=^##)", PAGE, re.MULTILINE | re.DOTALL))

PARTS = {
    "object_types": object_types.FIELD_KEYS,
    "pages": (*pages.PAGES_KEYS, *pages.PAGE_NAMES, *pages.VIEWERS),
    "permissions": (*permissions.PERMISSION_KEYS, *permissions.PERMISSION_GROUPS),
    "scope": scope.SCOPES,
    "policy": (*scope.SWITCHES, *scope.POLICY_WORDS),
    "requires": (*requires.REQUIRES_KEYS, *requires.PORTAL_KEYS),
    "settings": (*settings.SETTING_KEYS, *settings.SETTING_TYPES),
    "provides": data.PROVISIONS,
    "upgrade_functions": object_types.UPGRADE_KEYS,
}
LISTED = {
    "requires": requires.ITEM_KEYS,
    "links": link_rules.LINK_KEYS,
    "cron": cron.CRON_KEYS,
    "personal_data": data.PERSONAL_DATA_KEYS,
}


def test_page_has_a_section_for_every_key_and_no_other() -> None:
    """In the order of the code."""
    assert tuple(SECTIONS) == KEYS


@pytest.mark.parametrize("key", PARTS)
def test_section_names_every_word_that_the_key_takes(key: str) -> None:
    """Keys inside a key, and its fixed words."""
    missing = [word for word in PARTS[key] if f"`{word}`" not in SECTIONS[key]]
    assert missing == []


@pytest.mark.parametrize("key", LISTED)
def test_section_shows_the_form_of_an_item(key: str) -> None:
    """Written `{a, b}`."""
    assert f"{{{', '.join(LISTED[key])}}}" in SECTIONS[key]


@pytest.mark.parametrize("word", [*HANDLER_TYPES, *get_args(ColumnKind)])
def test_page_names_every_fixed_word(word: str) -> None:
    """The types of handlers and of columns."""
    assert re.search(rf"`{word}(\(n\))?`", PAGE)


def test_modifiers_on_the_page_are_understood() -> None:
    """Each first cell of the table of modifiers."""
    table = PAGE.partition("| modifier |")[2]
    modifiers = re.findall(r"`([^`]+)`", "\n".join(re.findall(r"^\| (`.*?) \|", table, re.M)))
    assert len(modifiers) == 11
    for modifier in modifiers:
        kind = "string" if "text" in modifier else "integer"
        assert parse_column(f"{kind} {modifier.replace('number', '3')}")


def test_limits_on_the_page_are_those_of_the_code() -> None:
    """The numbers are said once in each."""
    for limit in (MAX_CHARACTERS, MAX_VALUES, MAX_DEPTH):
        assert f"{limit:,}" in PAGE


def test_examples_on_the_page_are_without_fault() -> None:
    """What authors copy works."""
    config, event = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    judgement = judge(config, event, folder="UnixCluster")
    assert judgement.faults == ()
    assert judgement.warnings == ()
    assert judgement.manifest is not None
    assert judgement.manifest.version == "1.10"


def test_messages_on_the_page_are_those_of_the_code() -> None:
    """The two faults shown at the top."""
    base = "name: Foo\ncode: Foo\nversion: 1.42.1"
    for fault in judge(base, "groupmenu: [[tab, normal]]").faults:
        assert str(fault)[:100] in PAGE
