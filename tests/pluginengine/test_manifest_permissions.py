"""Permissions as a plugin declares them (M-29 to M-36, R-10)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from portal.pluginengine.manifest import PermissionDeclaration
from portal.pluginengine.manifest.permissions import PERMISSION_GROUPS
from tests.pluginengine.manifests import accepted, judged, places, rules


def declared(properties: object, name: str = "group.foo_edit") -> PermissionDeclaration:
    (permission,) = accepted(permissions={name: properties}).permissions
    return permission


def test_the_seeds_example_is_read() -> None:
    """M-29, M-30, M-32, M-36."""
    permission = declared(
        {"label": "Create Blogs", "group": "sys_admin", "order": 100}, "system.create_blog"
    )
    assert permission.permission == "system.create_blog"
    assert permission.scope == "system"
    assert permission.title == "Create Blogs"
    assert (permission.group, permission.order) == ("sys_admin", Decimal(100))
    assert permission.is_defining


def test_blog_is_another_word_for_group_everywhere() -> None:
    """M-35, R-10."""
    permission = declared({"inherit_from": ["blog.a", "group.b", "system.c"]}, "blog.foo_edit")
    assert permission.permission == "group.foo_edit"
    assert permission.scope == "group"
    assert permission.inherit_from == ("group.a", "group.b", "system.c")


def test_both_spellings_of_one_permission_are_a_fault() -> None:
    """R-10."""
    judgement = judged(permissions={"blog.a": {}, "group.a": {}})
    assert places(judgement) == ["config.yml permissions > group.a"]
    assert "declared already" in rules(judgement)


def test_permission_may_say_nothing_but_its_name() -> None:
    """M-30: a label is made of the id; M-31, M-32: group and order are optional."""
    permission = declared({}, "system.create_blog")
    assert permission.title == "Create blog"
    assert (permission.label, permission.group, permission.order) == (None, None, None)
    assert not permission.is_defining


@pytest.mark.parametrize("group", PERMISSION_GROUPS)
def test_the_six_sections_of_the_seed_are_known(group: str) -> None:
    """M-31: exactly these."""
    assert len(PERMISSION_GROUPS) == 6
    assert declared({"group": group}).group == group


@pytest.mark.parametrize(
    ("synonym", "group"),
    [
        ("group_admin", "blog_admin"),
        ("group_design", "blog_design"),
        ("group_upload", "blog_upload"),
        ("group_comment", "blog_comment"),
    ],
)
def test_section_may_be_called_after_groups(synonym: str, group: str) -> None:
    """3.3.5."""
    assert declared({"group": synonym}).group == group


def test_actions_and_display_are_yes_or_no() -> None:
    """3.3.5."""
    permission = declared({"permitted_action": {"edit_foo": 1, "drop_foo": 0}, "display": 0})
    assert permission.permitted_action == (("edit_foo", True), ("drop_foo", False))
    assert permission.display is False
    assert permission.is_defining


def test_adding_actions_to_anothers_permission_defines_nothing() -> None:
    """3.3.5: permitted_action and inherit_from may be added by others than the owner."""
    assert not declared({"permitted_action": {"x": 1}, "inherit_from": ["group.y"]}).is_defining


@pytest.mark.parametrize(
    ("permissions", "place"),
    [
        (["system.a"], "permissions"),
        ("system.a", "permissions"),
        ({"foo_edit": {}}, "permissions > foo_edit"),
        ({"site.foo": {}}, "permissions > site.foo"),
        ({"group.Foo": {}}, "permissions > group.Foo"),
        ({"group.": {}}, "permissions > group."),
        ({"group.a.b": {}}, "permissions > group.a.b"),
        ({"group.a": "Label"}, "permissions > group.a"),
        ({"group.a": {"group": "sys_admn"}}, "permissions > group.a > group"),
        ({"group.a": {"group": ""}}, "permissions > group.a > group"),
        ({"group.a": {"order": "first"}}, "permissions > group.a > order"),
        ({"group.a": {"inherit_from": "group.b"}}, "permissions > group.a > inherit_from"),
        ({"group.a": {"inherit_from": ["b"]}}, "permissions > group.a > inherit_from > 1"),
        ({"group.a": {"permitted_action": ["x"]}}, "permissions > group.a > permitted_action"),
        (
            {"group.a": {"permitted_action": {"x": "maybe"}}},
            "permissions > group.a > permitted_action > x",
        ),
        ({"group.a": {"display": "2"}}, "permissions > group.a > display"),
        ({"group.a": {"label": ["x"]}}, "permissions > group.a > label"),
    ],
)
def test_permission_that_breaks_a_rule_is_a_fault_at_its_place(
    permissions: object, place: str
) -> None:
    """M-29, M-31, M-34, M-35; acceptance check 24: unknown prefix or group refused."""
    assert places(judged(permissions=permissions)) == [f"config.yml {place}"]
