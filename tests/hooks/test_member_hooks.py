"""What plugins learn of who comes to a group and who leaves it, by whatever way."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest

from portal.access.joining import accept_request, request_to_join
from portal.access.queries import role_named
from portal.access.roles import delete_role
from portal.access.services import add_member, remove_member, set_roles
from portal.accounts.loading import find_user
from portal.accounts.models import ACTIVE, User
from portal.accounts.services import create_user, delete_user
from portal.accounts.snapshots import UserSnapshot
from portal.core.errors import Conflict
from portal.groups.models import Group
from portal.groups.queries import named_group
from portal.groups.services import GroupInformation, approve_group, create_group
from portal.pluginapi import MembershipSnapshot
from tests.factories import make_user
from tests.hooks.probing import PASSWORD, ProbedSite

HOOKS = ("group_adduser", "group_removeuser")


@pytest.fixture(scope="module")
def site(probed: ProbedSite) -> ProbedSite:
    """A site with a plugin that is told of members."""
    probed.run_open("probe", *HOOKS)
    return probed


@pytest.fixture(autouse=True)
def dora(site: ProbedSite) -> str:
    """Dora is in no group when a test begins, and the plugin has been told nothing."""
    with site.arrange():
        user = find_user("dora") or make_user("dora")
        with suppress(Conflict):
            remove_member(group(), user)
    site.give("probe")
    site.calls()
    site.incidents()
    return "dora"


def group(name: str = "apollo") -> Group:
    """Return a group's row in the running unit of work."""
    found = named_group(name)
    assert found is not None
    return found


def person(name: str = "dora") -> User:
    """Return a person's row in the running unit of work."""
    found = find_user(name)
    assert found is not None
    return found


def about(site: ProbedSite, name: str = "dora", of: str = "apollo") -> dict[str, Any]:
    """Return what each of the two hooks gives."""
    return {
        "group": f"Group {of}",
        "group_id": site.group_id(of),
        "user": f"User {name}",
        "user_id": site.user_id(name),
        "roles": "a tuple",
        "membership": "a MembershipSnapshot",
    }


def test_who_comes_and_who_goes_is_told_once(site: ProbedSite) -> None:
    """Hooks.md, group_adduser and group_removeuser: a further role is no coming, a lost one no going."""
    with site.arrange():
        add_member(group(), person(), "Reader")
        assert site.calls() == []
    assert site.calls() == [("group_adduser", about(site))]
    with site.arrange():
        add_member(group(), person(), "Developer")
    with site.arrange():
        set_roles(group(), person(), ["Admin"])
    assert site.calls() == []
    with site.arrange():
        remove_member(group(), person())
    assert site.calls() == [("group_removeuser", about(site))]


def test_the_snapshot_tells_of_roles_and_person(site: ProbedSite) -> None:
    """Engineering 2t: what is gone when the handler runs stands in the snapshot."""
    told: list[Any] = []
    for hook in HOOKS:
        site.give(
            "probe", **{hook: lambda given: told.append((given["roles"], given["membership"]))}
        )
        with site.arrange():
            if hook == "group_adduser":
                add_member(group(), person(), "Reader")
                add_member(group(), person(), "Admin")
            else:
                remove_member(group(), person())
    (came, entry), (went, leaving) = told
    assert (came, went) == (("Reader",), ("Admin", "Reader"))
    assert isinstance(entry, MembershipSnapshot)
    assert (leaving.group_id, leaving.group_name) == (site.group_id("apollo"), "apollo")
    assert leaving.roles == ("Admin", "Reader")
    assert isinstance(leaving.user, UserSnapshot)
    assert leaving.user.email == "dora@example.org"


def test_what_is_refused_is_not_told(site: ProbedSite) -> None:
    """The last administrator stays; nothing goes out."""
    with site.arrange(), pytest.raises(Conflict):
        remove_member(group(), person("alice"))
    with site.arrange(), pytest.raises(Conflict):
        role = role_named(group().group_id, "Developer")
        assert role is not None
        delete_role(group(), role)
    assert site.calls() == []


def test_the_founder_of_an_approved_group_is_told(site: ProbedSite) -> None:
    """Forge 4.6: approve makes the submitter admin."""
    with site.arrange():
        information = GroupInformation(full_name="Vega Eight", description="What vega is about")
        create_group(person(), "vega8", information, "A purpose that is long enough to be judged")
    assert site.calls() == []
    with site.arrange():
        approve_group(group("vega8"))
    assert site.calls() == [("group_adduser", about(site, of="vega8"))]


def test_a_deleted_account_leaves_its_groups_with_the_data_it_had(site: ProbedSite) -> None:
    """Forge 4.0: deleting removes from all projects; the row has lost the address by then."""
    with site.arrange():
        gone = create_user("hugo", "Hugo", "hugo@example.org", PASSWORD, status=ACTIVE)
        for name in ("apollo", "mercury"):
            add_member(group(name), gone, "Reader")
    assert [hook for hook, _given in site.calls()] == ["group_adduser"] * 2
    told: list[MembershipSnapshot] = []
    site.give("probe", group_removeuser=lambda given: told.append(given["membership"]))
    with site.arrange():
        delete_user(person("hugo"))
    assert [each.group_name for each in told] == ["apollo", "mercury"]
    assert {(each.user.user_name, each.user.email) for each in told} == {
        ("hugo", "hugo@example.org")
    }


def test_an_administrators_page_takes_in_and_removes(site: ProbedSite) -> None:
    """Forge 4.8: the page goes the same way."""
    alice = site.as_("alice")
    form = {"user_name": "dora", "role": "Reader"}
    assert alice.post("/groups/apollo/admin/members", data=form).status_code == 303
    assert alice.post("/groups/apollo/admin/members/dora/remove").status_code == 303
    assert [hook for hook, _given in site.calls()] == list(HOOKS)


def test_an_accepted_request_is_told_as_any_other_way_in(site: ProbedSite) -> None:
    """Forge 4.8: pending join requests, accept with role."""
    with site.arrange():
        request_to_join(group(), person(), "Let me in")
    assert site.calls() == []
    with site.arrange():
        accept_request(group(), person(), "Reader", by=person("alice"))
    assert site.calls() == [("group_adduser", about(site))]
