"""Every rule of the seeds that the engine carries out is named in a test; those still to come stand here.

The letters are those of docs/sources.md: E the plugin installer, P its priorities, M the registry, C the
clusters. Ids are written as in the rules' own list, which is no part of the repository.
"""

from __future__ import annotations

import re
from pathlib import Path

from sqlalchemy import Integer, SmallInteger, String, UniqueConstraint

from portal.pluginengine.models import HandlerRow, PluginRow

TESTS = Path(__file__).parent

#: letter: how many rules the seed has
RULES = {"C": 32, "E": 50, "M": 36, "P": 10}

#: What belongs to parts of the portal that are not built yet. Take a rule out when its test names it.
LATER = {
    "clusters": {f"C-{number:02}" for number in range(1, 33)},
}

#: Says what the document is about, or gives advice: nothing that a test could look at.
NO_DEMAND = {"E-01", "E-33"}

#: A wider range names a document rather than its rules.
WIDEST_RANGE = 8

_NAMED = re.compile(r"\b([CEMP])-(\d\d)\b(?: to \1-(\d\d)\b)?")


def named_rules() -> set[str]:
    """Return the ids that the tests name, alone or in a range; this list's own left out."""
    found = set()
    for path in TESTS.rglob("test_*.py"):
        text = path.read_text(encoding="utf-8")
        if path == Path(__file__):
            text = text.partition("\n# -- the tables")[2]
        for letter, first, last in _NAMED.findall(text):
            least, most = int(first), int(last or first)
            if most - least <= WIDEST_RANGE:
                found |= {f"{letter}-{number:02}" for number in range(least, most + 1)}
    return found


def all_rules() -> set[str]:
    """Return every id there is."""
    return {
        f"{letter}-{number:02}" for letter, last in RULES.items() for number in range(1, last + 1)
    }


def test_every_rule_is_named_in_a_test_or_is_still_to_come() -> None:
    expected = all_rules() - NO_DEMAND - set().union(*LATER.values())
    assert sorted(expected - named_rules()) == []


def test_a_rule_that_a_test_names_is_no_longer_to_come() -> None:
    assert sorted(named_rules() & set().union(*LATER.values())) == []


def test_no_test_names_a_rule_that_there_is_not() -> None:
    assert sorted(named_rules() - all_rules()) == []


# -- the tables ----------------------------------------------------------------------------------


def test_the_table_of_plugins_has_the_columns_of_the_seed() -> None:
    """E-02 to E-08; the key is called plugin_id, as seed 001 has it."""
    columns = PluginRow.__table__.columns
    assert [each.name for each in PluginRow.__table__.primary_key] == ["plugin_id"]
    assert isinstance(columns["plugin_id"].type, Integer)
    for name in ("name", "code", "version"):
        assert isinstance(columns[name].type, String)
    assert not columns["name"].nullable
    for name in ("enable", "delete_flg"):
        assert isinstance(columns[name].type, SmallInteger)
        assert not columns[name].nullable
    assert isinstance(columns["source"].type, Integer)


def test_the_table_of_handlers_has_the_columns_of_the_seed() -> None:
    """E-09 to E-15; E-16: an event has each priority once."""
    table = HandlerRow.__table__
    assert [each.name for each in table.primary_key] == ["handler_id"]
    for name in ("event", "handler", "handler_type"):
        assert isinstance(table.columns[name].type, String)
    for name in ("handler_id", "priority", "plugin_id"):
        assert isinstance(table.columns[name].type, Integer)
    assert isinstance(table.columns["delete_flg"].type, SmallInteger)
    assert not any(each.nullable for each in table.columns)
    unique = [each for each in table.constraints if isinstance(each, UniqueConstraint)]
    assert [[column.name for column in each.columns] for each in unique] == [["event", "priority"]]
