"""Whatever is wrong with a plugin, the site stays up, its pages are what they were, and the cause is named."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator, Mapping

import pytest
from markupsafe import escape
from sqlalchemy import select

from portal.accounts.models import User
from portal.core.database import db
from tests.hooks.faults import CONFIG, EMPTY, FAULTS, Fault
from tests.hooks.probing import ProbedSite
from tests.walks import core_pages, masked

GOOD = {"config.yml": CONFIG, "plugin.py": EMPTY}
PUBLIC = ("/", "/login", "/groups/apollo/", "/groups/mercury/", "/users/alice/")
PAGES_WITH_SWITCHES = ("/admin/plugins", "/my/settings")

Pages = dict[tuple[str, str], tuple[int, bytes]]

OF_THE_DATABASE = [name for name, fault in FAULTS.items() if fault.about_the_database]


@pytest.fixture(scope="module")
def site(probed: ProbedSite) -> ProbedSite:
    """A site on which apollo and alice use a plugin that has nothing to say."""
    put(probed, GOOD)
    probed.enable("probe")
    probed.use("probe")
    return probed


@pytest.fixture(scope="module")
def pages(site: ProbedSite) -> Pages:
    """Every page as it is while the plugin does no wrong."""
    return walk(site)


@pytest.fixture
def repaired(site: ProbedSite, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """The plugin's folder is good again after the test; hundreds of tracebacks stay out of its report."""
    caplog.set_level(logging.CRITICAL, logger="portal.pluginengine.isolation")
    yield
    put(site, GOOD)
    site.refresh()
    site.incidents()


@pytest.mark.usefixtures("repaired")
@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_costs_its_own_part_only_and_is_named(
    site: ProbedSite, pages: Pages, name: str
) -> None:
    """Issue 3: each page with its status and the bytes it has without that handler, the cause named."""
    require_containment(site, pages, FAULTS[name])


@pytest.mark.postgres
@pytest.mark.usefixtures("repaired")
@pytest.mark.parametrize("probed", ["postgresql"], indirect=True)
@pytest.mark.parametrize("name", OF_THE_DATABASE)
def test_a_fault_with_the_database_is_contained_on_postgresql_too(
    site: ProbedSite, pages: Pages, name: str
) -> None:
    """Engineering A4: the two databases refuse different things."""
    require_containment(site, pages, FAULTS[name])


def require_containment(site: ProbedSite, pages: Pages, fault: Fault) -> None:
    """Let the plugin's folder have the fault, and look at every page and at site admin."""
    before = rows(site)
    put(site, fault.files)
    site.refresh()
    site.incidents()
    assert differences(pages, walk(site)) == []
    assert rows(site) == before
    assert named(site, fault) == []
    assert site.as_("alice").post("/my/settings/plugins").status_code == 303
    assert rows(site) == before


def named(site: ProbedSite, fault: Fault) -> list[str]:
    """Return the hooks (or the plugin) that site admin does not name together with the cause."""
    cause = str(escape(fault.cause))
    if not fault.hooks:
        page = site.as_("admin").get("/admin/plugins/").text
        return [] if cause in page and "probe" not in site.engine.plugins else ["probe"]
    failed = {each.hook for each in site.engine.health.incidents() if each.plugin == "probe"}
    assert failed == set(fault.hooks)
    page = site.as_("admin").get("/admin/plugins/incidents?plugin=probe").text
    parts = page.split('<li class="row-item row-wraps" id="incident-')[1:]
    return [
        hook
        for hook in fault.hooks
        if not any(f">{hook}</span>" in part and cause in part for part in parts)
    ]


def put(site: ProbedSite, files: Mapping[str, str]) -> None:
    """Let the plugin's folder hold these files and no others."""
    folder = site.folder / "probe"
    shutil.rmtree(folder, ignore_errors=True)
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def walk(site: ProbedSite) -> Pages:
    """Return status and masked bytes of every page: a visitor's, alice's, site admin's."""
    paths = core_pages(site.app, code="probe")
    admins = [path for path in paths if path.startswith("/admin/")]
    seen_by = {"": PUBLIC, "alice": [path for path in paths if path not in admins], "admin": admins}
    seen: Pages = {}
    for viewer, its_paths in seen_by.items():
        client = site.as_(viewer)
        for path in its_paths:
            answer = client.get(path)
            seen[viewer, path] = (answer.status_code, masked(answer.data))
    return seen


def differences(before: Pages, after: Pages) -> list[tuple[str, str]]:
    """Return who sees which page otherwise; by status alone where switches, incidents or visits are told."""
    telling = (*PAGES_WITH_SWITCHES, "/my/sessions")  # each walk is a visit of its own
    tells = [key for key in before if key[0] == "admin" or key[1].endswith(telling)]
    return [
        key
        for key, (status, page) in before.items()
        if after[key][0] != status or (key not in tells and after[key][1] != page)
    ]


def rows(site: ProbedSite) -> list[list[tuple[object, ...]]]:
    """Return what a handler could have written to; when people logged in is the walk's own doing."""
    columns = [each for each in User.__table__.columns if each.name != "last_login_at"]
    with site.arrange("read"):
        people = db.session.execute(select(*columns).order_by(User.user_id))
        seen = [tuple(each) for each in people]
    return [seen, *(site.rows(table) for table in ("groups", "group_plugin", "user_plugin"))]
