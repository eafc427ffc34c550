"""Permissions are values in a registry (spec 3.3.5)."""

import pytest

from portal.access.permissions import GROUP_ADMINISTER, Permission, PermissionRegistry


def permission(
    id: str, *inherit_from: str, label: str = "Something", order: int = 1000
) -> Permission:
    """Make a permission."""
    return Permission(id=id, label=label, order=order, inherit_from=inherit_from)


@pytest.fixture
def registry() -> PermissionRegistry:
    """A registry with a few permissions of groups and one of the site."""
    registry = PermissionRegistry()
    registry.declare(
        [
            permission("system.administer"),
            permission(GROUP_ADMINISTER),
            permission("group.write", "group.read", order=20),
            permission("group.read", order=10),
        ]
    )
    return registry


@pytest.mark.parametrize(
    "id", ["administer", "blog.edit", "group.", "group.Edit", "group.9", "group.a b"]
)
def test_an_id_outside_the_grammar_is_refused(id: str) -> None:
    """M-24: ``(system|group).[a-z][a-z0-9_]*``."""
    with pytest.raises(ValueError, match="cannot name a permission"):
        permission(id)


def test_permissions_come_by_order_then_id(registry: PermissionRegistry) -> None:
    """Spec 3.3.5: the role editor sorts by order, then id."""
    ids = [each.id for each in registry.of_scope("group")]
    assert ids == ["group.read", "group.write", "group.administer"]


def test_declaring_the_same_again_is_harmless(registry: PermissionRegistry) -> None:
    """A package that is initialised for another generation declares equal values."""
    registry.declare([permission("group.read", order=10)], owner="other")
    assert registry.owner("group.read") == "core"


def test_redefining_what_another_owns_is_refused(registry: PermissionRegistry) -> None:
    """Spec 3.3.5: label, section and order belong to the first declarer."""
    with pytest.raises(ValueError, match=r"group\.read, which core owns"):
        registry.declare([permission("group.read", label="Mine")], owner="hello")


def test_who_holds_a_permission_holds_what_it_inherits_from(registry: PermissionRegistry) -> None:
    """M-25: inherit_from."""
    assert registry.expand({"group.write"}) == {"group.write", "group.read"}


def test_a_circle_of_inheritance_does_no_harm(registry: PermissionRegistry) -> None:
    """Spec 3.3.5: resolution keeps a visited set."""
    registry.declare([permission("group.a", "group.b"), permission("group.b", "group.a")])
    assert registry.expand({"group.a"}) == {"group.a", "group.b"}


def test_group_administration_stands_for_every_group_permission(
    registry: PermissionRegistry,
) -> None:
    """Spec 3.3.5: and for no permission of the site."""
    assert registry.expand({GROUP_ADMINISTER}) == {GROUP_ADMINISTER, "group.read", "group.write"}


def test_an_id_that_nobody_declares_counts_for_nothing(registry: PermissionRegistry) -> None:
    """Spec 3.3.5: grants of a disabled plugin are kept and ignored."""
    assert registry.expand({"group.hello_edit"}) == frozenset()


def test_an_unknown_section_is_refused() -> None:
    """M-31: exactly six, and the rest."""
    with pytest.raises(ValueError, match="names the section"):
        Permission(id="group.x", label="X", section="group")


def test_what_others_imply_is_left_out(registry: PermissionRegistry) -> None:
    """Of a circle one is left, and unknown ids stay."""
    registry.declare([permission("group.a", "group.b"), permission("group.b", "group.a")])
    assert registry.without_implied({"group.write", "group.read"}) == {"group.write"}
    assert registry.without_implied({"group.a", "group.b"}) == {"group.b"}
    assert registry.without_implied({"group.gone", "group.read"}) == {"group.gone", "group.read"}
    assert registry.implied_by("group.write") == {"group.read"}
