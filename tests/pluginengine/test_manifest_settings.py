"""Settings as a plugin declares them (3.3.6)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from portal.pluginengine.manifest import SettingDeclaration
from tests.pluginengine.manifests import accepted, judged, places


def declared(**properties: object) -> SettingDeclaration:
    (setting,) = accepted(settings={"greeting": properties}).settings
    return setting


def test_setting_has_a_type_and_a_default() -> None:
    """The example of the plugin API's sketch."""
    setting = declared(type="string", default="Hi")
    assert (setting.name, setting.type, setting.default) == ("greeting", "string", "Hi")
    assert setting.scope == ("site", "group")
    assert not setting.secret


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("string", "1.10", "1.10"),
        ("text", "a\nb", "a\nb"),
        ("integer", "-3", -3),
        ("number", "2.50", Decimal("2.50")),
        ("boolean", "true", True),
        ("boolean", "0", False),
    ],
)
def test_default_has_the_type_of_the_setting(kind: str, text: str, value: object) -> None:
    """3.3.6."""
    default = declared(type=kind, default=text).default
    assert default == value
    assert type(default) is type(value)


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        (["site", "user"], ("site", "user")),
        (["system"], ("site",)),
        ("system", ("site",)),
        ("blog", ("group",)),
    ],
)
def test_scope_reads_movable_types_words(scope: object, expected: tuple[str, ...]) -> None:
    """3.3.6: `system` is the site, `blog` a group; one word stands for a list of one."""
    assert declared(scope=scope).scope == expected


def test_choices_are_values_with_or_without_labels() -> None:
    """3.3.6."""
    assert declared(choices=["a", "b"]).choices == (("a", "a"), ("b", "b"))
    assert declared(type="integer", choices={"1": "One", "2": ""}).choices == ((1, "One"), (2, "2"))


def test_bounds_secret_and_label_are_read() -> None:
    """3.3.6."""
    setting = declared(type="integer", min=1, max=9, default=5, secret="yes", label="How many")
    assert (setting.minimum, setting.maximum) == (Decimal(1), Decimal(9))
    assert setting.secret
    assert setting.label == "How many"


@pytest.mark.parametrize(
    ("properties", "key"),
    [
        ({"type": "strng"}, "type"),
        ({"type": "integer", "default": "x"}, "default"),
        ({"type": "integer", "default": "1.5"}, "default"),
        ({"type": "boolean", "default": "perhaps"}, "default"),
        ({"default": ["x"]}, "default"),
        ({"default": "a\nb"}, "default"),
        ({"default": "c", "choices": ["a", "b"]}, "default"),
        ({"type": "integer", "default": 3, "max": 2}, "default"),
        ({"default": "ab", "min": 3}, "default"),
        ({"scope": ["everywhere"]}, "scope > 1"),
        ({"scope": ["site", "system"]}, "scope > 2"),
        ({"scope": {"site": "1"}}, "scope"),
        ({"type": "integer", "choices": ["x"]}, "choices > 1"),
        ({"type": "integer", "choices": {"x": "X"}}, "choices > x"),
        ({"type": "boolean", "choices": ["1"]}, "choices"),
        ({"type": "boolean", "max": 3}, "max"),
        ({"min": 3, "max": 2}, "max"),
        ({"secret": "perhaps"}, "secret"),
    ],
)
def test_setting_that_breaks_a_rule_is_a_fault_at_its_key(
    properties: dict[str, object], key: str
) -> None:
    """3.3.6."""
    judgement = judged(settings={"greeting": properties})
    assert places(judgement) == [f"config.yml settings > greeting > {key}"]


@pytest.mark.parametrize("name", ["a-b", "1a", "", "a" * 65])
def test_setting_with_an_unfit_name_is_a_fault(name: str) -> None:
    """Its name becomes a field of a form."""
    assert places(judged(settings={name: {}}))[0].startswith("config.yml settings")


@pytest.mark.parametrize("settings", ["x", ["greeting"], {"greeting": "Hi"}])
def test_settings_in_another_shape_are_a_fault(settings: object) -> None:
    """A mapping of names to properties."""
    assert len(places(judged(settings=settings))) == 1
