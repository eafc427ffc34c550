"""The rules for a group's names (forge 4.6), as pure functions."""

import pytest

from portal.core.visibletext import tidy_text
from portal.groups.naming import full_name_faults, name_faults, name_key


@pytest.mark.parametrize("name", ["abc", "apollo", "apollo-11", "a1b", "abcdefghijklmno"])
def test_a_short_lower_case_word_is_a_good_name(name: str) -> None:
    """Forge 4.6: 3 to 15 characters, lower case letters, digits, dash."""
    assert name_faults(name) == []


@pytest.mark.parametrize(
    "name",
    ["", "ab", "a" * 16, "Apollo", "apollo_11", "11apollo", "-apollo", "apollo-", "a--b", "apöllo"]
    + ["apollo\n", "a b", "../etc", "apollo/x", "а" * 4],
)
def test_anything_else_is_refused_with_the_rule(name: str) -> None:
    """Forge 4.6; the name becomes part of addresses, so nothing needs quoting there."""
    (fault,) = name_faults(name)
    assert "3 to 15 lower case letters" in fault


@pytest.mark.parametrize("name", ["new", "admin", "www", "plugins", "pending"])
def test_a_reserved_name_is_refused(name: str) -> None:
    """Forge 4.6: reserved names; ``new`` and ``pending`` are our own addresses, too."""
    (fault,) = name_faults(name)
    assert "reserved" in fault


def test_a_full_name_is_tidied_before_it_is_judged() -> None:
    """Blanks and Unicode forms that look alike make one name."""
    assert tidy_text("  Apollo \t Programme\n") == "Apollo Programme"
    assert tidy_text("Cafe\u0301") == "Café"


@pytest.mark.parametrize("full_name", ["", "ab", "x" * 41, "zero\u200bwidth"])
def test_a_full_name_has_three_to_forty_visible_characters(full_name: str) -> None:
    """Forge 4.6."""
    assert len(full_name_faults(full_name)) == 1


def test_a_full_name_may_be_written_in_any_script() -> None:
    """Names are for people, not for addresses."""
    assert full_name_faults("Восток и Луна") == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Apollo", "APOLLO"),
        ("Apollo 11", "Ａｐｏｌｌｏ 11"),
        ("Office", "Oﬃce"),
        ("Straße", "STRASSE"),
        ("Mission II", "Mission Ⅱ"),
    ],
)
def test_names_that_people_read_as_one_have_one_key(one: str, other: str) -> None:
    """Forge 4.6: unique full name, by NFKC and case folding."""
    assert name_key(one) == name_key(other)


def test_a_name_whose_key_has_no_room_is_refused() -> None:
    """One character of Arabic script stands for eighteen."""
    assert len(full_name_faults("\ufdfa" * 20)) == 1
