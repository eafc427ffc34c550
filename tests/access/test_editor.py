"""The role editor's check boxes come from the registry, in the sections of M-31."""

import pytest

from portal.access.editor import Editor, inactive_permissions, permission_labels
from portal.access.permissions import SECTIONS, Permission, current_permissions
from portal.core.unit_of_work import Unit

pytestmark = pytest.mark.usefixtures("unit")


@pytest.fixture(autouse=True)
def _plugin(unit: Unit) -> None:
    """What a plugin might declare."""
    current_permissions().declare(
        [
            Permission(id="group.wiki_edit", label="Edit", section="auth_pub",
                       inherit_from=("group.wiki_view",)),
            Permission(id="group.wiki_view", label="View", section="auth_pub", order=10),
            Permission(id="group.wiki_odd", label="Odd"),
            Permission(id="group.wiki_even", label="Even"),
            Permission(id="group.wiki_lock", label="Lock", inherit_from=("group.administer",)),
        ],
        owner="wiki",
    )  # fmt: skip


def states(editor: Editor, *ticked: str) -> dict[str, str]:
    """Return how each box is drawn: "on", "locked" or "off"."""
    return {
        choice.id: "locked" if choice.is_locked else "on" if choice.is_checked else "off"
        for section in editor.sections(set(ticked))
        for choice in section.choices
    }


def test_sections_stand_in_the_fixed_order_and_empty_ones_are_hidden() -> None:
    """Spec 3.3.5: "Other" last; inside by order, label, id."""
    sections = Editor(scope="group").sections(set())
    assert [section.title for section in sections] == [
        "Project administration",
        "Authoring and publishing",
        "Other",
    ]
    assert [each.id for each in sections[1].choices] == ["group.wiki_view", "group.wiki_edit"]
    assert [each.label for each in sections[2].choices] == ["Even", "Lock", "Odd"]
    assert list(SECTIONS)[:6] == [
        "sys_admin", "blog_admin", "auth_pub", "blog_design", "blog_upload", "blog_comment",
    ]  # fmt: skip


def test_a_plugins_permissions_carry_its_name() -> None:
    """Spec 3.3.5: a small plugin name tag."""
    tags = {
        choice.id: choice.plugin
        for section in Editor(scope="group").sections(set())
        for choice in section.choices
    }
    assert tags["group.wiki_edit"] == "wiki"
    assert tags["group.read"] == ""


def test_what_comes_with_a_ticked_permission_is_ticked_and_locked() -> None:
    """Spec 3.3.5: ticking a parent ticks and locks inherited ones."""
    found = states(Editor(scope="group"), "group.wiki_edit")
    assert found["group.wiki_edit"] == "on"
    assert found["group.wiki_view"] == "locked"
    assert found["group.read"] == "off"
    everything = states(Editor(scope="group"), "group.administer")
    assert {key for key, state in everything.items() if state != "locked"} == {"group.administer"}


def test_of_a_circle_one_box_stays_free() -> None:
    """Otherwise neither could be unticked any more."""
    current_permissions().declare(
        [
            Permission(id="group.chicken", label="Chicken", inherit_from=("group.egg",)),
            Permission(id="group.egg", label="Egg", inherit_from=("group.chicken",)),
        ]
    )
    found = states(Editor(scope="group"), "group.chicken", "group.egg")
    assert sorted((found["group.chicken"], found["group.egg"])) == ["locked", "on"]


def test_the_site_editor_shows_site_permissions_only() -> None:
    """Spec 3.3.5: system roles show system permissions."""
    assert set(states(Editor(scope="system"))) == {"system.administer", "system.approve_groups"}


def test_visitors_are_offered_nothing_that_amounts_to_administration() -> None:
    """And seeing a public group is theirs anyway."""
    found = states(Editor(scope="group", for_visitors=True))
    assert "group.administer" not in found
    assert "group.wiki_lock" not in found
    assert found["group.read"] == "locked"


def test_ids_that_nobody_declares_are_inactive() -> None:
    """Spec 3.3.5: listed as inactive."""
    stored = ["group.gone", "group.read"]
    assert inactive_permissions(stored) == ["group.gone"]
    assert permission_labels(stored) == ["See the group", "group.gone"]
