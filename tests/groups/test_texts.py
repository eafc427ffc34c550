"""The rules for descriptions, purposes and home pages, as pure functions (forge 4.6, 4.8)."""

import pytest

from portal.core.visibletext import tidy_lines, tidy_text, unseen_faults
from portal.groups.naming import full_name_faults
from portal.groups.texts import (
    description_faults,
    homepage_faults,
    purpose_faults,
)

UNSEEN = {
    "zero width space": "\u200b",
    "right-to-left override": "\u202e",
    "first strong isolate": "\u2068",
    "byte order mark": "\ufeff",
    "soft hyphen": "\u00ad",
    "null": "\0",
    "escape": "\x1b",
    "delete": "\x7f",
    "word joiner": "\u2060",
    "tag": "\U000e0041",
    "hangul filler": "\u3164",
    "halfwidth filler": "\uffa0",
    "braille blank": "\u2800",
    "grapheme joiner": "\u034f",
    "private use": "\ue000",
    "unassigned": "\u0378",
    "line separator": "\u2028",
}


@pytest.mark.parametrize("character", UNSEEN.values(), ids=UNSEEN.keys())
def test_what_nobody_can_see_is_refused_in_names_and_descriptions(character: str) -> None:
    """Cc, Cf, Zl, Zp, and letters that are drawn as nothing; the code of the first is told."""
    text = f"Apollo{character}Guidance of ships"
    assert f"U+{ord(character):04X}" in unseen_faults(text)[0]
    assert len(full_name_faults(text)) == 1
    assert len(description_faults(text)) == 1


@pytest.mark.parametrize("text", ["\u0301 Apollo", "Apollo \u0338Guidance"])
def test_a_mark_that_stands_on_no_letter_is_refused(text: str) -> None:
    """It would be drawn onto whatever stands before the name on a page."""
    assert "mark" in unseen_faults(text)[0]


@pytest.mark.parametrize(
    "text",
    [
        "Apollo\u00a0Guidance",
        "Apollo\u2003Guidance",
        "Apollo\u3000 Guidance",
        " Apollo\tGuidance\n",
    ],
)
def test_blanks_of_every_width_become_one_space(text: str) -> None:
    """Names that look alike are alike."""
    assert tidy_text(text) == "Apollo Guidance"


@pytest.mark.parametrize("text", ["Café – 10 €", "हिन्दी परियोजना", "日本語の計画", "Love ❤️ and 🚀"])
def test_texts_of_every_script_are_welcome(text: str) -> None:
    """Marks on letters, dashes, signs and emoji."""
    assert unseen_faults(tidy_text(text)) == []


def test_a_purpose_keeps_its_lines() -> None:
    """People write in paragraphs."""
    assert tidy_lines(" We fly. \r\n\r\n\r\n\r\nTo the  Moon.\n") == "We fly.\n\nTo the Moon."
    assert unseen_faults("We fly.\n\nTo the Moon.") == []


def test_a_purpose_is_demanded_only_where_somebody_judges_it() -> None:
    """Forge 4.6: 10 to 1500, hidden when auto-approval is on."""
    assert "10 characters or more" in purpose_faults("short", is_demanded=True)[0]
    assert purpose_faults("", is_demanded=False) == []
    assert "at most 1500" in purpose_faults("x" * 1501, is_demanded=False)[0]


@pytest.mark.parametrize(
    "address",
    [
        "",
        "https://example.org",
        "http://example.org:8080/a/b?c=d#e",
        "https://müller.example/ü",
        "http://[2001:db8::1]/",
        "https://example.org/~ann/%C3%BC",
    ],
)
def test_an_address_that_can_be_followed_is_good(address: str) -> None:
    """Forge 4.8: home page URL."""
    assert homepage_faults(address) == []


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "ftp://example.org/",
        "//example.org/",
        "https://",
        "https://user:password@example.org/",
        "https://bank.example@evil.example/",
        "https://example.org:0/",
        "https://example.org:99999/",
        "https://example.org:port/",
        "https://example.org/%00",
        "https://example.org/%0d%0aX: y",
        "https://example.org/\x07",
        "https://example.org\\@evil.example/",
        "https://exa mple.org/",
        "https://example.org/\u202e",
        "http://[broken",
        'https://example.org/"><script>',
        "https://example.org/" + "x" * 250,
    ],
)
def test_every_other_address_is_refused_with_the_rule(address: str) -> None:
    """No password, no control character in whatever spelling, no port that is none."""
    assert "as in https://example.org/" in homepage_faults(address)[0]
