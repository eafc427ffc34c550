"""Permissions of config.yml on their way into the registry, judged and taken (M-27 to M-36, spec 3.3.5)."""

from decimal import Decimal

import pytest

from portal.access.declarations import DeclaredPermissions
from portal.access.permissions import (
    GROUP_ADMINISTER,
    GROUP_READ,
    PERMISSIONS,
    Permission,
    PermissionRegistry,
)
from portal.access.verdicts import is_known_action, verdict
from portal.groups.permissions import PERMISSIONS as GROUP_PERMISSIONS
from portal.pluginengine.errors import LoadError
from portal.pluginengine.pagepermissions import with_permissions
from tests.pluginengine.manifests import accepted


@pytest.fixture
def registry() -> PermissionRegistry:
    """The portal's own permissions."""
    registry = PermissionRegistry()
    registry.declare((*PERMISSIONS, *GROUP_PERMISSIONS))
    return registry


@pytest.fixture
def taken(registry: PermissionRegistry) -> DeclaredPermissions:
    """What takes the plugins' permissions into the registry."""
    return DeclaredPermissions(registry)


def take(taken: DeclaredPermissions, code: str, **permissions: object) -> None:
    """Judge and adopt the permissions of one plugin; ``group__read`` stands for ``group.read``."""
    named = {name.replace("__", "."): value for name, value in permissions.items()}
    manifest = accepted(code=code, permissions=named)
    taken.judge(manifest)
    taken.adopt(manifest)


def test_the_seeds_example_stands_with_label_group_and_order(
    registry: PermissionRegistry, taken: DeclaredPermissions
) -> None:
    """M-36: system.create_blog, literally."""
    created = {"label": "Create Blogs", "group": "sys_admin", "order": "100"}
    take(taken, "blogs", system__create_blog=created)
    found = next(each for each in registry if each.id == "system.create_blog")
    assert (str(found.label), found.section, found.order) == ("Create Blogs", "sys_admin", 100)
    assert (found.scope, registry.owner(found.id)) == ("system", "blogs")


def test_what_is_left_out_has_a_default(
    registry: PermissionRegistry, taken: DeclaredPermissions
) -> None:
    """M-30 to M-32: the label is the id made readable, the section "Other", the order 1000; R-10: blog."""
    take(taken, "wiki", blog__edit_page={}, group__lock={"order": "1.5", "display": "0"})
    taken.finish()
    page = next(each for each in registry if each.id == "group.edit_page")
    lock = next(each for each in registry if each.id == "group.lock")
    assert (page.label, page.section, page.order, page.is_displayed) == (
        "Edit page", "other", 1000, True,
    )  # fmt: skip
    assert (lock.order, lock.is_displayed) == (Decimal("1.5"), False)


def test_a_permission_of_the_portal_is_not_defined_again(taken: DeclaredPermissions) -> None:
    """Spec 3.3.5: redefining what another owns is a load error, by name."""
    with pytest.raises(LoadError, match=r"group\.read, which is the portal's own"):
        take(taken, "wiki", group__read={"label": "Mine"})


def test_a_permission_of_another_plugin_is_not_defined_again(taken: DeclaredPermissions) -> None:
    """The owner is the first to declare it."""
    take(taken, "wiki", group__edit={"label": "Edit"})
    with pytest.raises(
        LoadError, match=r"group\.edit, which the plugin wiki has declared"
    ) as fault:
        take(taken, "pages", group__edit={"order": "7"})
    assert fault.value.plugin == "pages"


def test_a_plugin_adds_to_what_another_owns_whichever_comes_first(
    registry: PermissionRegistry, taken: DeclaredPermissions
) -> None:
    """Spec 3.3.5: inherit_from and permitted_action may be added."""
    take(
        taken, "adder", group__edit={"inherit_from": ["group.draw"]}, group__draw={"label": "Draw"}
    )
    take(taken, "wiki", group__edit={"label": "Edit"})
    taken.finish()
    assert registry.owner("group.edit") == "wiki"
    assert registry.expand({"group.edit"}) == {"group.edit", "group.draw"}
    assert registry.expand({"group.edit"}, frozenset({"wiki"})) == {"group.edit"}


@pytest.mark.parametrize("portal_takes_part", [False, True])
def test_a_circle_of_inheritance_is_a_fault_that_names_it(
    taken: DeclaredPermissions, portal_takes_part: bool
) -> None:
    """Spec 3.3.5: cycles are detected at load and reported, also those that close over another's."""
    if portal_takes_part:
        circle = {"group__read": {"inherit_from": ["group.b"]},
                  "group__b": {"inherit_from": ["group.see_members"]}}  # fmt: skip
    else:
        circle = {"group__a": {"inherit_from": ["group.b"]},
                  "group__b": {"inherit_from": ["group.a"]}}  # fmt: skip
    with pytest.raises(LoadError, match=r"in a circle: group\.\w+ → .*group\.b"):
        take(taken, "wiki", **circle)


def test_unknown_parents_and_those_beyond_the_group_are_ignored_and_told(
    registry: PermissionRegistry, taken: DeclaredPermissions, caplog: pytest.LogCaptureFixture
) -> None:
    """Spec 3.3.5: unknown id = warning; what a group gives is never a permission of the site."""
    parents = ["group.gone", "system.administer", "group.read"]
    take(taken, "wiki", group__edit={"label": "Edit", "inherit_from": parents})
    taken.finish()
    assert registry.expand({"group.edit"}) == {"group.edit", "group.read"}
    assert "group.gone, which nobody declares" in caplog.text
    assert "system.administer, which is one of the site" in caplog.text


def test_what_an_inactive_plugin_declares_leads_nowhere(
    registry: PermissionRegistry, taken: DeclaredPermissions
) -> None:
    """Design 6: one predicate; a permission between two others counts only where its plugin is active."""
    take(taken, "wiki", group__edit={"label": "Edit", "inherit_from": ["group.see_members"]})
    active = frozenset({"other"})
    assert registry.expand({"group.edit"}, active) == frozenset()
    assert "group.edit" not in registry.expand({GROUP_ADMINISTER}, active)
    assert not registry.is_plain({"group.edit"})
    assert registry.is_plain({GROUP_ADMINISTER})


def test_the_first_word_on_an_action_wins_and_one_can_forbid(
    registry: PermissionRegistry, taken: DeclaredPermissions
) -> None:
    """Spec 3.3.5: own map before ancestors, permissions in id order."""
    take(
        taken,
        "wiki",
        group__edit={"permitted_action": {"save": "1", "lock": "1"}},
        group__guest={"inherit_from": ["group.edit"], "permitted_action": {"lock": "0"}},
    )
    taken.finish()
    edit, guest = registry.expand({"group.edit"}), registry.expand({"group.guest"})
    assert verdict(registry, edit, "lock") is True
    assert verdict(registry, guest, "lock") is False
    assert verdict(registry, guest, "save") is True
    assert verdict(registry, guest, "paint") is None
    assert is_known_action(registry, "save")
    assert not is_known_action(registry, "save", frozenset())


def test_what_is_not_displayed_is_not_offered(registry: PermissionRegistry) -> None:
    """Spec 3.3.5, display: it comes with others only, and is kept where it is stored."""
    registry.declare([Permission(id="group.inner", label="Inner", is_displayed=False)], "wiki")
    assert registry.not_offered(["group.inner", "group.read", "group.gone"]) == {
        "group.inner", "group.gone",
    }  # fmt: skip


def test_what_an_inactive_plugin_adds_silences_no_other_permission(
    registry: PermissionRegistry, taken: DeclaredPermissions
) -> None:
    """Design 6: of two permissions both speak, whatever a plugin adds that is not active."""
    take(taken, "wiki", group__edit={"label": "Edit"},
         group__guest={"label": "Guest", "permitted_action": {"save": "1"}})  # fmt: skip
    take(taken, "adder", group__edit={"inherit_from": ["group.guest"]})
    taken.finish()
    both = frozenset({"group.edit", "group.guest"})
    assert verdict(registry, both, "save", frozenset({"wiki"})) is True


def test_what_is_for_members_only_comes_to_visitors_by_no_declaration(
    registry: PermissionRegistry, taken: DeclaredPermissions
) -> None:
    """Spec 3.3.5: anonymous users hold only what the core grants them; every visitor holds group.read."""
    take(
        taken,
        "wiki",
        group__read={"inherit_from": [GROUP_ADMINISTER, "group.talk"]},
        group__talk={"label": "Talk"},
    )
    assert registry.expand({GROUP_READ}, for_visitors=True) == {GROUP_READ, "group.talk"}


def test_a_plugin_has_a_part_in_what_inherits_from_what_it_adds_to(
    registry: PermissionRegistry, taken: DeclaredPermissions
) -> None:
    """Design 6: what it adds to group.read counts for group.see_members only where it is active."""
    assert registry.is_plain({"group.see_members"})
    take(taken, "wiki", group__read={"inherit_from": ["group.talk"]})
    assert not registry.is_plain({"group.see_members"})


def test_what_comes_with_pages_is_owned_and_counts_where_its_plugin_is_active(
    registry: PermissionRegistry, taken: DeclaredPermissions
) -> None:
    """Seeing the group brings the rows of the plugins that it uses; editing brings seeing."""
    manifest = with_permissions(accepted(code="books"), {"group"})
    taken.judge(manifest)
    taken.adopt(manifest)
    assert registry.owner("group.books_view") == registry.owner("group.books_edit") == "books"
    active = frozenset({"books"})
    assert registry.expand({GROUP_READ}, active) == {GROUP_READ, "group.books_view"}
    assert registry.expand({GROUP_READ}, frozenset()) == {GROUP_READ}
    assert registry.expand({"group.books_edit"}, active) == {"group.books_edit", "group.books_view"}


@pytest.mark.parametrize(
    ("said", "cause"),
    [
        ({"label": "Mine"}, r"group\.books_view, which the plugin wiki has declared"),
        ({"inherit_from": ["group.read"]}, r"in a circle: group\.\w+ → group\.\w+ → group\.\w+"),
    ],
)
def test_what_comes_with_pages_clashes_as_what_is_declared_does(
    taken: DeclaredPermissions, said: dict[str, object], cause: str
) -> None:
    """Spec 3.3.5: the first to define it owns it; a circle is a fault, over another's addition, too."""
    take(taken, "wiki", group__books_view=said)
    with pytest.raises(LoadError, match=cause):
        taken.judge(with_permissions(accepted(code="books"), {"group"}))
