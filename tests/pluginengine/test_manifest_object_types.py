"""Declared types, extensions of existing ones, and upgrade functions (M-16 to M-19, M-24, M-25)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from portal.pluginengine.manifest import CodePath, UpgradeFunction
from tests.pluginengine.manifests import accepted, judged, places, rules


def test_text_is_the_class_of_a_type() -> None:
    """M-16, M-17: the registry of the example, two types each with a class."""
    types = accepted(
        schema_version="1", object_types={"foo": "models:Foo", "bar": "Bar"}
    ).object_types
    assert [(each.name, each.class_path) for each in types] == [
        ("foo", CodePath("models", "Foo")),
        ("bar", CodePath("models", "Bar")),
    ]


def test_mapping_is_fields_with_definitions() -> None:
    """M-24: `entry: {rating: integer}`; whether it extends is decided by who knows the types."""
    (entry,) = accepted(
        schema_version="1", object_types={"entry": {"rating": "integer"}}
    ).object_types
    assert entry.class_path is None
    assert [(field.name, field.column.kind) for field in entry.fields] == [("rating", "integer")]


def test_field_in_long_form_says_how_it_is_shown_and_edited() -> None:
    """3.3.3: label, edit, choices, min, max beside the type."""
    long = {"type": "integer", "label": "Rating", "edit": True, "min": 0, "max": 5,
            "choices": ["1", "2"]}  # fmt: skip
    (artifact,) = accepted(
        schema_version="1", object_types={"artifact": {"rating": long}}
    ).object_types
    (rating,) = artifact.fields
    assert (rating.label, rating.edit, rating.choices) == ("Rating", True, ("1", "2"))
    assert (rating.minimum, rating.maximum) == (Decimal(0), Decimal(5))


def test_list_gives_a_class_and_fields_to_one_type() -> None:
    """3.3.2: both, applied in order."""
    (foo,) = accepted(
        schema_version="1", object_types={"foo": ["Foo", {"rating": "integer"}]}
    ).object_types
    assert foo.class_path == CodePath("models", "Foo")
    assert len(foo.fields) == 1


@pytest.mark.parametrize(
    ("types", "place"),
    [
        (["foo"], "object_types"),
        ("foo", "object_types"),
        ({"Foo": "Foo"}, "object_types > Foo"),
        ({"1foo": "Foo"}, "object_types > 1foo"),
        ({"meta_data": "Foo"}, "object_types > meta_data"),
        ({"migrations": "Foo"}, "object_types > migrations"),
        ({"x_artifact": "Foo"}, "object_types > x_artifact"),
        ({"plugin_foo_a": "Foo"}, "object_types > plugin_foo_a"),
        ({"a" * 60: "Foo"}, "object_types > " + "a" * 60),
        ({"foo": "not a class"}, "object_types > foo"),
        ({"foo": {}}, "object_types > foo"),
        ({"foo": []}, "object_types > foo"),
        ({"foo": ["A", "B"]}, "object_types > foo"),
        ({"foo": {"A": "integer"}}, "object_types > foo > A"),
        ({"foo": {"a": "number"}}, "object_types > foo > a"),
        ({"foo": {"a": {"label": "A"}}}, "object_types > foo > a > type"),
        ({"foo": {"a": {"type": "integer", "min": "x"}}}, "object_types > foo > a > min"),
        ({"foo": {"a": {"type": "integer", "min": 2, "max": 1}}}, "object_types > foo > a > max"),
        ({"foo": {"a": {"type": "integer", "edit": "maybe"}}}, "object_types > foo > a > edit"),
        ({"foo": {"id": "integer"}}, "object_types > foo"),
        ({"foo": {"a": "integer primary key", "b": "integer primary key"}}, "object_types > foo"),
    ],
)
def test_type_that_breaks_a_rule_is_a_fault_at_its_place(types: object, place: str) -> None:
    """3.3.2."""
    assert places(judged(schema_version="1", object_types=types)) == [f"config.yml {place}"]


def test_types_without_a_schema_version_are_a_warning() -> None:
    """M-08: recommended, not demanded."""
    _manifest, faults, warnings = judged(object_types={"foo": "Foo"})
    assert faults == ()
    assert [warning.key for warning in warnings] == ["schema_version"]


def test_upgrade_functions_are_read() -> None:
    """3.3.4."""
    functions = accepted(
        upgrade_functions={
            "split_names": {"handler": "upgrades:split", "version_limit": "2.0", "priority": -1},
            "seed": {"handler": "seed"},
        }
    ).upgrade_functions
    assert functions == (
        UpgradeFunction(
            name="split_names",
            handler=CodePath("upgrades", "split"),
            version_limit="2.0",
            priority=-1,
        ),
        UpgradeFunction(name="seed", handler=CodePath("", "seed"), version_limit=None, priority=5),
    )


@pytest.mark.parametrize(
    ("function", "key"),
    [
        ({}, "handler"),
        ({"handler": "a b"}, "handler"),
        ({"handler": "f", "version_limit": "x"}, "version_limit"),
        ({"handler": "f", "priority": "1.5"}, "priority"),
    ],
)
def test_upgrade_function_that_breaks_a_rule_is_a_fault(function: object, key: str) -> None:
    """3.3.4."""
    judgement = judged(upgrade_functions={"f": function})
    assert places(judgement) == [f"config.yml upgrade_functions > f > {key}"]
    assert rules(judgement)
