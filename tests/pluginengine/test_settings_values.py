"""Values of settings: typed, judged, stored, and read again after an update changed the declaration (3.3.6)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from portal.pluginengine.errors import BadValue
from portal.pluginengine.manifest import SettingDeclaration
from portal.pluginengine.manifest.settings import stored_settings
from portal.pluginengine.settings.values import from_json, judge, parse, to_json
from tests.pluginengine.manifests import accepted


def declared(**properties: object) -> SettingDeclaration:
    """Return a setting that config.yml declares with these properties."""
    (setting,) = accepted(settings={"greeting": properties}).settings
    return setting


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("string", " Hi ", "Hi"),
        ("text", " a\r\nb ", " a\nb "),
        ("integer", " 3 ", 3),
        ("number", "2.50", Decimal("2.50")),
        ("boolean", "yes", True),
        ("url", "https://example.org/x?y=1", "https://example.org/x?y=1"),
        ("email", "ada@example.org", "ada@example.org"),
    ],
)
def test_what_is_typed_is_stored_and_comes_back_with_its_type(
    kind: str, text: str, value: object
) -> None:
    setting = declared(type=kind)
    read = parse(setting, text)
    assert (read, type(read)) == (value, type(value))
    again = from_json(setting, to_json(read))
    assert (again, type(again)) == (value, type(value))


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("integer", "2.5"),
        ("number", "three"),
        ("string", "a\nb"),
        ("string", "x" * 10_001),
        ("url", "javascript:alert(1)"),
        ("url", "//example.org"),
        ("url", "https://"),
        ("url", "https://[bad"),
        ("email", "ada"),
        ("email", "ada@example.org, bob@example.org"),
        ("email", "<ada@example.org>"),
    ],
)
def test_what_is_no_value_of_the_type_is_refused(kind: str, text: str) -> None:
    with pytest.raises(BadValue):
        parse(declared(type=kind), text)


@pytest.mark.parametrize(
    ("properties", "text", "rule"),
    [
        ({"type": "integer", "min": "1"}, "0", "At least 1."),
        ({"type": "number", "max": "2.5"}, "2.6", "At most 2.5."),
        ({"min": "2"}, "x", "At least 2 characters"),
        ({"max": "2"}, "xyz", "At most 2 characters"),
        ({"choices": ["a", "b"]}, "c", "Choose one"),
        ({"type": "integer", "choices": {"1": "One"}}, "2", "Choose one"),
    ],
)
def test_bounds_and_choices_are_kept(properties: dict[str, object], text: str, rule: str) -> None:
    with pytest.raises(BadValue) as refusal:
        parse(declared(**properties), text)
    assert rule in refusal.value.rule


@pytest.mark.parametrize(
    ("old", "text", "new"),
    [
        ({"type": "string"}, "x", {"type": "integer"}),
        ({"type": "integer"}, "3", {"type": "string"}),
        ({"type": "boolean"}, "yes", {"type": "integer"}),
        ({"type": "integer"}, "1", {"type": "boolean"}),
        ({"type": "integer"}, "9", {"type": "integer", "max": "5"}),
        ({"type": "string"}, "c", {"choices": ["a", "b"]}),
        ({"type": "text"}, "a\nb", {"type": "string"}),
        ({"type": "string"}, "ada", {"type": "email"}),
        ({"type": "boolean"}, "1", {"type": "number"}),
    ],
)
def test_a_stored_value_that_no_longer_fits_is_refused(
    old: dict[str, object], text: str, new: dict[str, object]
) -> None:
    """An update may declare a setting otherwise; then the default is in force."""
    stored = to_json(parse(declared(**old), text))
    with pytest.raises(BadValue):
        from_json(declared(**new), stored)


def test_a_whole_number_fits_a_number_and_broken_json_fits_nothing() -> None:
    assert from_json(declared(type="number"), "3") == Decimal(3)
    for stored in ("[1]", "null", "{"):
        with pytest.raises(ValueError):
            from_json(declared(type="string"), stored)


def test_a_value_of_code_is_judged_by_its_type() -> None:
    judge(declared(type="integer"), 3)
    for value in (True, "3", Decimal("3")):
        with pytest.raises(BadValue, match="type integer"):
            judge(declared(type="integer"), value)


def test_settings_are_read_from_a_manifest_that_was_stored() -> None:
    """Callbacks that take a plugin away ask for settings when it runs no more."""
    manifest = accepted(settings={"greeting": {"type": "integer", "default": "3"}})
    assert stored_settings(manifest.raw) == manifest.settings
    assert stored_settings(None) == ()
