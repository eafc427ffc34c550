"""The permission matrix: who gets what from every route, as one golden table (issue 4, engineering 2s).

tests/permission_matrix.txt is made by this module. After a route was added or a permission changed:

    make permission-matrix          (PERMISSION_MATRIX=write .venv/bin/pytest tests/test_permission_matrix.py)

and look at every line of the diff. On SQLite alone: who may pass does not depend on the database.
"""

import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from portal.config import ROOT, Settings
from tests.fixtures.plugins import PluginSite
from tests.permissionmatrix import VIEWERS, Case, MatrixSite

TABLE = Path(__file__).with_name("permission_matrix.txt")
WRITE = os.environ.get("PERMISSION_MATRIX") == "write"
ANEW = "Run `make permission-matrix` and look at every line of the diff."
HEADER = """\
# Who gets what from every route; made by tests/test_permission_matrix.py, never by hand.
# apollo is a public group, gemini a private one, vostok is on hold; reader, developer and admin are
# members of all three. Requests carry no field: 409, 422 and most of 303 mean "may". login: sent to log in.
"""
#: Answers that tell of a broken page, whoever asked; a probe without a worker may say 503.
BROKEN = frozenset({"500", "502", "504"})


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """The database of the one run."""
    return sqlite_url


@pytest.fixture
def matrix(settings: Settings) -> Iterator[MatrixSite]:
    """The site of the matrix."""
    site = PluginSite(replace(settings, plugin_path=(ROOT / "docs" / "plugins" / "examples",)))
    yield MatrixSite(site, Path(settings.database_url.removeprefix("sqlite:///")))
    site.runtime.close()


def test_every_route_answers_everybody_as_the_table_says(matrix: MatrixSite) -> None:
    """A route without an entry, an entry without a route, and another answer each fail, by name."""
    found = {case: answers(matrix, case) for case in matrix.cases()}
    broken = [str(case) for case, row in found.items() if BROKEN & set(row)]
    assert broken == []
    if WRITE:
        TABLE.write_text(HEADER + "".join(f"{line}\n" for line in table(found)))
    golden = dict(entries(TABLE.read_text()))
    assert sorted(set(map(str, found)) - set(golden)) == [], f"Routes without an entry. {ANEW}"
    assert sorted(set(golden) - set(map(str, found))) == [], f"Entries without a route. {ANEW}"
    differing = [
        f"{case}: {viewer} gets {now}, the table says {then}"
        for case, row in found.items()
        for viewer, now, then in zip(VIEWERS, row, golden[str(case)], strict=True)
        if now != then
    ]
    assert differing == [], ANEW


def test_a_hidden_group_is_not_there_for_outsiders() -> None:
    """Forge 4.0: read off the table: private and held groups answer 404, whatever was asked."""
    for case, row in entries(TABLE.read_text()):
        answers_of = dict(zip(VIEWERS, row, strict=True))
        if set(row) == {"308"}:
            continue  # leads on whatever is named in it, and is asked there
        if case.endswith(" gemini"):
            assert {answers_of["anonymous"], answers_of["outsider"]} <= {
                "404",
                "login",
                "401",
                "403",
            }
            if "/groups/" in case:
                assert {answers_of["anonymous"], answers_of["outsider"]} == {"404"}, case
        if case.endswith(" vostok") and "/groups/" in case:
            assert {answers_of[each] for each in VIEWERS[:-1]} == {"404"}, case


def test_nobody_but_site_admins_reaches_site_admin() -> None:
    """Forge 4.13, read off the table."""
    for case, row in entries(TABLE.read_text()):
        if " /admin/" in case:
            assert row[0] in ("login", "401"), case
            assert set(row[1:-1]) == {"403"}, case
            assert row[-1] not in ("401", "403", "login"), case


def test_only_administrators_reach_a_groups_administration() -> None:
    """Forge 4.8, read off the table: its admins and site admins."""
    for case, row in entries(TABLE.read_text()):
        if "/groups/<name>/admin/" in case and case.endswith(" apollo"):
            assert row[0] in ("login", "401"), case
            assert set(row[1:4]) == {"403"}, case
            assert not {"401", "403", "404", "login"} & set(row[4:]), case


def test_foreign_objects_are_refused_and_nothing_changes(matrix: MatrixSite) -> None:
    """Forge 4.0: authorise on the object; every form with ids, roles and people of elsewhere.

    As the group's administrator: roles of another group and of the site, people who are no members,
    greetings and books of another group, plugins that are not there; a page of such an object is 404.
    """
    foreign = {
        "user_name": "outsider",
        "greeting_id": "2",
        "key": "2",
        "role_id": str(matrix.roles["gemini"]),
    }
    elsewhere = {
        "role_id": str(matrix.roles["-"]),
        "user_name": "nobody",
        "greeting_id": "999",
        "key": "999",
    }
    faults = []
    tried = 0
    for case in matrix.cases():
        named = [each for each in foreign if f":{each}>" in case.rule or f"<{each}>" in case.rule]
        if case.group != "apollo" or not named:
            continue
        for values in (foreign, elsewhere):
            address = matrix.address(case, **values)
            tried += 1
            status = matrix.answer("admin", case.method, address, form(values))
            if status != "404":
                faults.append(f"{case.method} {address}: {status}")
            if case.method != "GET" and matrix.changes("admin", case.method, address, form(values)):
                faults.append(f"{case.method} {address} changed something")
    assert faults == []
    assert tried >= 16


def test_forms_with_foreign_values_change_nothing(matrix: MatrixSite) -> None:
    """What a form names is looked for in its own group or among the site's, never elsewhere."""
    role = str(matrix.roles["gemini"])
    attempts: Mapping[str, Mapping[str, object]] = {
        "/groups/apollo/admin/members": {"user_name": "outsider", "role": "Approvers"},
        "/groups/apollo/admin/members/reader/role": {"role": ["Reader", "Approvers"]},
        "/groups/apollo/admin/members/reader/permissions": {"permissions": "system.administer"},
        "/groups/apollo/admin/roles/new": {"name": "X", "permissions": "system.administer"},
        "/groups/apollo/admin/requests/applicant/accept": {"role": "Approvers"},
        "/groups/apollo/admin/plugins": {"shown": "nosuch", "use_nosuch": "1"},
    }
    for address, data in attempts.items():
        assert not matrix.changes("admin", "POST", address, data), address
    of_site: Mapping[str, Mapping[str, object]] = {
        f"/admin/roles/{role}/": {"name": "X", "permissions": "system.administer"},
        f"/admin/roles/{role}/people": {"user_name": "outsider"},
        "/admin/roles/new": {"name": "X", "permissions": "group.administer"},
        "/admin/users/reader/permissions": {"permissions": "group.administer"},
    }
    for address, data in of_site.items():
        assert not matrix.changes("site-admin", "POST", address, data), address


def form(values: Mapping[str, str]) -> dict[str, object]:
    """Return what the forms of a group could be sent, so that a missing field is not what stops it."""
    return {
        **values,
        "name": "Stolen",
        "description": "",
        "permissions": ["group.read"],
        "role": ["Reader"],
        "sure": "y",
    }


def answers(matrix: MatrixSite, case: Case) -> tuple[str, ...]:
    """Return what each viewer gets, in the order of the columns."""
    address = matrix.address(case)
    return tuple(matrix.answer(viewer, case.method, address) for viewer in VIEWERS)


def table(found: Mapping[Case, tuple[str, ...]]) -> Iterator[str]:
    """Yield the lines of the table."""
    width = max(len(str(case)) for case in found)
    yield f"# {'':<{width - 2}}  " + "  ".join(VIEWERS)
    for case, row in sorted(found.items()):
        cells = (cell.ljust(len(viewer)) for viewer, cell in zip(VIEWERS, row, strict=True))
        yield f"{case!s:<{width}}  {'  '.join(cells)}".rstrip()


def entries(text: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the entries of a table: the case, and what each viewer gets."""
    for line in text.splitlines():
        if line and not line.startswith("#"):
            cells = line.split()
            method, rule, group = cells[:3]
            yield f"{method:<6} {rule} {group}", tuple(cells[3:])
