"""Versions are positive decimal numbers kept as text (E-24, M-05 to M-07, M-12, R-02)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from portal.pluginengine import versions
from portal.pluginengine.errors import BadValue

NO_NUMBERS = [
    "0.45a", "version 3", "1.42.1", "-1", "+1", "1e3", ".5", "1.", " 1.0", "1.0 ", "1.0\n",
    "１.０", "1_000", "nan", "NaN", "inf", "", "1,5", "0x1", "٣", "1" * 256,
]  # fmt: skip


@pytest.mark.parametrize("text", ["1.0", "2.05", "0.03", "1", "01.0", "1.10", "2015.06"])
def test_positive_decimal_number_is_a_version(text: str) -> None:
    """M-06, M-07."""
    assert versions.parse_version(text) == Decimal(text)


@pytest.mark.parametrize("text", [*NO_NUMBERS, "0", "0.0", "00"])
def test_anything_else_is_refused_with_value_and_rule(text: str) -> None:
    """M-06, M-07: the error names the rule and the offending value."""
    with pytest.raises(BadValue, match="A version is a positive decimal number") as refused:
        versions.parse_version(text)
    assert refused.value.value == text
    assert repr(text)[:20] in str(refused.value)


@pytest.mark.parametrize("text", ["0", "1", "1.5", "0.0", "12"])
def test_schema_version_may_be_nought(text: str) -> None:
    """M-12, 3.3.1."""
    assert versions.parse_schema_version(text) == Decimal(text)


@pytest.mark.parametrize("text", [*NO_NUMBERS, "1" * 33])
def test_schema_version_that_is_no_number_is_refused(text: str) -> None:
    """M-12."""
    with pytest.raises(BadValue, match="schema version"):
        versions.parse_schema_version(text)


@pytest.mark.parametrize(
    ("newer", "older"), [("2.1", "2.05"), ("2.5", "2.05"), ("10", "9.9"), ("0.1", "0.03")]
)
def test_versions_compare_as_numbers(newer: str, older: str) -> None:
    """M-05 b, R-02."""
    assert versions.is_newer(newer, older)
    assert not versions.is_newer(older, newer)


@pytest.mark.parametrize(("one", "other"), [("1.10", "1.1"), ("1", "1.0"), ("01.0", "1")])
def test_versions_written_differently_may_be_the_same(one: str, other: str) -> None:
    """R-02."""
    assert versions.is_same(one, other)
    assert not versions.is_newer(one, other)


def test_long_versions_are_compared_exactly() -> None:
    """A binary number would call these equal."""
    assert versions.is_newer("1.00000000000000000000000000000000002", "1." + "0" * 34 + "1")


@pytest.mark.parametrize(
    ("version", "minimum", "expected"),
    [("1.10", "1.1", True), ("1.1", "1.2", False), ("0.1", None, True)],
)
def test_minimum_is_satisfied_from_itself_upward(
    version: str, minimum: str | None, expected: bool
) -> None:
    """`requires`."""
    assert versions.satisfies(version, minimum) is expected
