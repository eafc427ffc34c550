"""What plugins learn of a group's life, and what they may object to (spec/hooks.md, second table)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import FrozenInstanceError, replace
from datetime import timedelta
from typing import Any

import pytest

from portal.accounts.loading import find_user
from portal.accounts.models import User
from portal.core.audit.models import AuditEntry
from portal.core.clock import frozen, now
from portal.core.database import db
from portal.core.errors import Conflict, Invalid
from portal.groups.models import Group
from portal.groups.purging import purge_due_groups, purge_group
from portal.groups.queries import named_group
from portal.groups.services import (
    GroupInformation,
    approve_group,
    create_group,
    register_group,
    reject_group,
    update_information,
)
from portal.groups.states import delete_group, hold_group, reactivate_group, restore_group
from portal.pluginapi import GroupSnapshot, Link, Veto
from tests.factories import make_group, make_member
from tests.hooks.probing import ProbedSite

LIFE = (
    "group_create",
    "group_approved",
    "group_update",
    "group_setstatus",
    "group_delete",
    "group_removeuser",
)
HOOKS = (*LIFE, "group_updating", "group_deleting", "site_admin_project_maintenance_hook")
VEGA = GroupInformation(full_name="Vega", description="A probe on its way to Venus")


@pytest.fixture(scope="module")
def site(probed: ProbedSite) -> ProbedSite:
    """A site with a plugin that answers the hooks of groups as a test wants."""
    probed.run_open("probe", *HOOKS)
    return probed


@pytest.fixture(autouse=True)
def silent(site: ProbedSite) -> Iterator[None]:
    """The plugin has nothing to say when a test begins; the test's group goes after it."""
    site.give("probe")
    site.calls()
    site.incidents()
    yield
    site.give("probe")
    with site.arrange():
        db.session.query(Group).filter(Group.name == "vega").delete()


def person(name: str) -> User:
    """Return a row of the running unit of work."""
    found = find_user(name)
    assert found is not None
    return found


def vega() -> Group:
    """Return the test's group."""
    found = named_group("vega")
    assert found is not None
    return found


def told(site: ProbedSite) -> list[tuple[str, dict[str, Any]]]:
    """Return the calls of the life cycle's hooks since this was last asked."""
    return [(name, given) for name, given in site.calls() if name in LIFE]


def about(site: ProbedSite) -> dict[str, Any]:
    """Return what each hook gives while the group is there."""
    return {"group": "Group vega", "group_id": site.group_id("vega")}


def refuse(text: str, field: str | None = None) -> Any:
    """Return an answer that objects."""

    def veto(call: dict[str, Any]) -> None:
        raise Veto(text, field)

    return veto


def test_a_registration_is_told_and_its_approval_last_of_all(site: ProbedSite) -> None:
    """Forge 1.2, 6: group_approved is the last step; group_setstatus comes before it."""
    with site.arrange():
        create_group(person("bob"), "vega", VEGA)
    assert told(site) == [("group_create", about(site))]
    states: list[tuple[str, str]] = []
    site.give(
        "probe",
        group_setstatus=lambda call: states.append((call["before"].status, call["status"])),
    )
    with site.arrange():
        approve_group(vega())
    assert [name for name, _given in told(site)] == ["group_setstatus", "group_approved"]
    assert states == [("P", "A")]


def test_an_approval_without_a_look_is_told_alike(site: ProbedSite) -> None:
    """Forge 1.2, 6: also for auto-approved registrations; admin may approve groups."""
    with site.arrange():
        register_group(person("admin"), "vega", VEGA)
    assert [name for name, _given in told(site)] == [
        "group_create",
        "group_setstatus",
        "group_approved",
    ]


def test_the_approval_page_tells_the_seeds_parameter(site: ProbedSite) -> None:
    """Seed 004: group_approved, group_id; fired when a site admin approved the group."""
    with site.arrange():
        key = create_group(person("bob"), "vega", VEGA).group_id
    site.calls()
    answer = site.as_("admin").post(f"/admin/groups/pending/{key}/approve")
    assert answer.status_code == 303
    assert site.calls_of("group_approved") == [about(site)]


def test_every_move_is_told_and_an_approval_only_once(site: ProbedSite) -> None:
    """Forge 4.0, whatever the way; D to A of a group that was open before is no approval."""
    with site.arrange():
        group = create_group(person("bob"), "vega", VEGA)
        approve_group(group)
    site.calls()
    moves: list[tuple[str, str]] = []
    site.give(
        "probe", group_setstatus=lambda call: moves.append((call["before"].status, call["status"]))
    )
    for move in (
        hold_group,
        reactivate_group,
        delete_group,
        restore_group,
        hold_group,
        delete_group,
    ):
        with site.arrange():
            move(vega())
    assert moves == [("A", "H"), ("H", "A"), ("A", "D"), ("D", "A"), ("A", "H"), ("H", "D")]
    assert {name for name, _given in told(site)} == {"group_setstatus"}


def test_a_rejection_is_a_move_and_opening_the_group_after_all_an_approval(
    site: ProbedSite,
) -> None:
    """P to D, D to A."""
    with site.arrange():
        reject_group(create_group(person("bob"), "vega", VEGA), "Too early.")
    assert [name for name, _given in told(site)] == ["group_create", "group_setstatus"]
    with site.arrange():
        restore_group(vega())
    assert [name for name, _given in told(site)] == ["group_setstatus", "group_approved"]


def test_a_change_of_information_is_asked_and_told_with_what_was(site: ProbedSite) -> None:
    """Engineering 2t: a frozen snapshot; a form that changes nothing tells nothing."""
    before: list[GroupSnapshot] = []
    asked: list[Any] = []
    with site.arrange():
        create_group(person("bob"), "vega", VEGA)
    site.calls()
    site.give(
        "probe",
        group_updating=lambda call: asked.append(dict(call["values"])),
        group_update=lambda call: before.append(call["before"]),
    )
    changed = replace(VEGA, full_name="Vega 2", is_public=False)
    for _each in range(2):
        with site.arrange():
            update_information(vega(), changed)
    assert told(site) == [("group_update", {**about(site), "before": "a GroupSnapshot"})]
    assert [(each["full_name"], each["is_public"]) for each in asked] == [("Vega 2", False)]
    assert (before[0].full_name, before[0].is_public) == ("Vega", True)
    with pytest.raises(FrozenInstanceError):
        before[0].full_name = "Someone"  # type: ignore[misc]


def test_a_veto_keeps_the_information_and_stands_at_its_field(site: ProbedSite) -> None:
    """Hooks.md, group_updating; the page shows it."""
    with site.arrange():
        approve_group(create_group(person("alice"), "vega", VEGA))
    site.give("probe", group_updating=refuse("Not this name.", "description"))
    with pytest.raises(Invalid) as caught, site.arrange():
        update_information(vega(), replace(VEGA, full_name="Vega 2"))
    assert caught.value.errors == {"description": ["Not this name."]}
    form = {"full_name": "Vega 2", "description": VEGA.description}
    answer = site.as_("alice").post("/groups/vega/admin/", data=form)
    assert answer.status_code == 422
    assert answer.text.count("Not this name.") == 2
    with site.arrange("read"):
        assert vega().full_name == "Vega"


def test_a_purge_is_asked_for_and_told_with_the_group_and_each_member(site: ProbedSite) -> None:
    """Issue 4: group_deleting and group_delete at the moment of the purge, not of the deletion."""
    with site.arrange():
        group = make_group("vega")
        make_member(group, person("alice"), "Admin")
        make_member(group, person("bob"))
    gone: list[GroupSnapshot] = []
    with site.arrange():
        delete_group(vega())
    assert [name for name, _given in site.calls()] == ["group_setstatus"]
    key = site.group_id("vega")
    site.give("probe", group_delete=lambda call: gone.append(call["group"]))
    with site.arrange():
        purge_group(vega())
    calls = site.calls()
    assert [name for name, _given in calls] == [
        "group_deleting",
        "group_removeuser",
        "group_removeuser",
        "group_delete",
    ]
    assert [given["user"] for name, given in calls if name == "group_removeuser"] == [
        "User alice",
        "User bob",
    ]
    assert calls[-1][1] == {"group": "a GroupSnapshot", "group_id": key}
    assert (gone[0].name, gone[0].status, gone[0].member_count) == ("vega", "D", 2)
    assert site.incidents() == []


def test_a_veto_keeps_a_deleted_group_until_a_later_run(site: ProbedSite) -> None:
    """The others go; why this one stays is written down once; the next run asks again."""
    with site.arrange():
        delete_group(make_group("vega"))
        delete_group(make_group("soyuz"))
    site.give(
        "probe",
        group_deleting=lambda call: (
            refuse("There are dates ahead.")(call) if call["group"].name == "vega" else None
        ),
    )
    with frozen(now() + timedelta(days=31)), site.app.app_context():
        first, second = purge_due_groups(), purge_due_groups()
        site.give("probe")
        third = purge_due_groups()
    assert (first.gone, first.kept) == (("soyuz",), (("vega", "There are dates ahead."),))
    assert (second.gone, second.kept) == ((), first.kept)
    assert third.gone == ("vega",)
    with site.arrange("read"):
        notes = db.session.query(AuditEntry).filter_by(action="group.kept").all()
        assert [note.new_values for note in notes] == [{"reason": "There are dates ahead."}]


def test_a_veto_keeps_a_group_that_is_purged_by_name(site: ProbedSite) -> None:
    """Nobody is told of an end that did not come."""
    with site.arrange():
        delete_group(make_group("vega"))
    site.give("probe", group_deleting=refuse("There are dates ahead."))
    site.calls()
    with pytest.raises(Conflict, match="dates ahead"), site.arrange():
        purge_group(vega())
    assert told(site) == []


def test_what_rolls_back_is_told_to_nobody(site: ProbedSite) -> None:
    """Notify hooks go out after the commit."""
    with pytest.raises(ZeroDivisionError), site.arrange():
        approve_group(create_group(person("bob"), "vega", VEGA))
        raise ZeroDivisionError
    assert told(site) == []


def test_a_handler_that_fails_costs_the_groups_life_nothing(site: ProbedSite) -> None:
    """Design 5: isolation; each is an incident."""

    def fail(call: dict[str, Any]) -> None:
        raise RuntimeError("no")

    site.give("probe", **dict.fromkeys(HOOKS[:-1], fail))
    with site.arrange():
        group = create_group(person("bob"), "vega", VEGA)
        approve_group(group)
        update_information(group, replace(VEGA, full_name="Vega 2"))
        delete_group(group)
        purge_group(group)
    with site.arrange("read"):
        assert named_group("vega") is None
    assert {hook for _plugin, hook, _error in site.incidents()} == set(HOOKS[:-1])


def test_links_stand_above_site_admins_list_of_groups(site: ProbedSite) -> None:
    """Forge 4.13: site_admin_project_maintenance_hook; a link, or an li as GForge's handlers gave."""
    site.give(
        "probe",
        site_admin_project_maintenance_hook=lambda call: [
            Link(title="Dates of groups", url="/dates", description="All of them"),
        ],
    )
    text = site.as_("admin").get("/admin/groups/").text
    assert '<a class="row-link" href="/dates">Dates of groups</a>' in text
    assert "All of them" in text
    site.give(
        "probe",
        site_admin_project_maintenance_hook='<li><a href="/old">Old dates</a></li>',
    )
    assert 'href="/old">Old dates</a>' in site.as_("admin").get("/admin/groups/").text
    assert site.calls_of("site_admin_project_maintenance_hook")[0] == {"viewer": "User admin"}
    site.calls()
    assert site.as_("admin").get("/admin/groups/?format=csv").status_code == 200
    assert site.calls_of("site_admin_project_maintenance_hook") == []
    assert site.incidents() == []
