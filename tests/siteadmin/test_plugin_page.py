"""The tabs of a plugin's page: facts, policies, hooks, data, log; updates of folders."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.config import Settings
from portal.groups.queries import named_group
from tests.fixtures.databases import postgresql_slowly
from tests.fixtures.plugins import write_plugin
from tests.siteadmin.plugins import ROW, AdminSite, running

pytestmark = postgresql_slowly

PAGE = "/admin/plugins/probe/"
TABS = ("", "activation", "hooks", "data", "jobs", "permissions", "files", "log")


@pytest.fixture
def site(settings: Settings, plugin_folder: Path, tmp_path: Path) -> Iterator[AdminSite]:
    """A site where the probe runs from an archive; sizes and counts differ by database."""
    with running(settings, plugin_folder, tmp_path / "authors") as site:
        site.install(site.archive(methods=ROW))
        yield site


def test_each_tab_opens_for_site_admins_alone(site: AdminSite) -> None:
    """Links without JavaScript; the open one is marked."""
    for viewer, status in (("ada", 200), ("alice", 403), ("", 302)):
        client = site.browser(viewer)
        for tab in TABS:
            answer = client.get(PAGE + tab)
            assert answer.status_code == status, (viewer, tab)
            if status == 200:
                assert f'href="{PAGE}{tab}" aria-current="page"' in answer.text


def test_the_tabs_of_a_folder_that_is_not_registered_open_too(site: AdminSite) -> None:
    """With nothing to set, and of a faulty one with its faults."""
    write_plugin(site.folder, "other")
    write_plugin(site.folder, "faulty", config={"version": "version 3"})
    client = site.browser()
    for code in ("other", "faulty"):
        for tab in TABS:
            assert client.get(f"/admin/plugins/{code}/{tab}").status_code == 200
        assert client.post(f"/admin/plugins/{code}/activation").status_code == 409
    assert client.get("/admin/plugins/absent/activation").status_code == 404


def test_the_overview_says_where_it_comes_from_and_who_needs_it(site: AdminSite) -> None:
    """Of an archive the manifest is known, too."""
    page = site.browser().get(PAGE).text
    assert "an uploaded archive" in page
    assert "site, group" in page


def test_each_policy_tells_how_many_would_use_it(site: AdminSite) -> None:
    """Issue 5: policy pages; two groups, one of which said yes."""
    with site.site.arrange():
        group = named_group("apollo")
        assert group is not None
        assert group.set_plugin_usage("probe", True)
    page = site.browser().get(f"{PAGE}activation").text
    for text in (
        "Always on: 2 of 2 use it", "On unless switched off: 2 of 2 use it",
        "Off unless switched on: 1 of 2 use it", "Not available: 0 of 2 use it",
    ):  # fmt: skip
        assert text in page
    assert 'name="user"' not in page


def test_a_policy_is_set_and_counts_in_the_next_generation(site: AdminSite) -> None:
    """One operation; the answer announces its generation."""
    answer = site.browser().post(f"{PAGE}activation", data={"group": "forced"})
    assert (answer.status_code, answer.location) == (303, f"{PAGE}activation")
    assert "portal_generation=" in answer.headers["Set-Cookie"]
    page = site.browser().get(f"{PAGE}activation").text
    assert re.findall(r'<input[^>]* checked [^>]*value="([a-z_]+)"', page) == ["forced"]
    with site.site.arrange("read"):
        group = named_group("mercury")
        assert group is not None
        assert group.uses_plugin("probe")


@pytest.mark.parametrize("data", [{}, {"group": "sometimes"}, {"user": "forced"}])
def test_what_is_no_policy_is_refused_at_its_field(site: AdminSite, data: dict[str, str]) -> None:
    """Nothing is guessed, and a switch that the plugin has not is not set."""
    assert site.browser().post(f"{PAGE}activation", data=data).status_code == 422


def test_the_hooks_lead_to_their_order(site: AdminSite) -> None:
    """With the place among all that answer."""
    page = site.browser().get(f"{PAGE}hooks").text
    assert "groupmenu" in page
    assert 'href="/admin/hooks/groupmenu/order"' in page


def test_the_data_are_counted_and_weighed(site: AdminSite) -> None:
    """Tables, rows, bytes where the database tells."""
    text = " ".join(site.browser().get(f"{PAGE}data").text.split())
    assert 'plugin_probe_thing</td><td class="cell-end">1</td>' in text
    assert "KiB" in text or "kB" in text or "not told" in text


def test_the_log_holds_operations_with_who_and_what_came_of_it(site: AdminSite) -> None:
    """The journal."""
    site.browser("eve").post("/admin/plugins/probe/disable")
    site.browser("eve").post("/admin/plugins/probe/revert")
    text = site.browser().get(f"{PAGE}log").text
    for each in ("Plugin Probe installed and enabled.", "Plugin Probe disabled.", "ada", "eve"):
        assert each in text


def test_a_folder_with_another_version_waits_for_its_update(site: AdminSite) -> None:
    """Design 4: held until its update has run; one button."""
    write_plugin(site.folder, "other")
    client = site.browser()
    client.post("/admin/plugins/other/register")
    client.post("/admin/plugins/other/enable")
    button = 'action="/admin/plugins/other/update"'
    assert button not in site.browser().get("/admin/plugins/").text
    write_plugin(site.folder, "other", config={"version": "1.1"})
    assert site.state("other") == "Update required"
    assert button in site.browser().get("/admin/plugins/").text
    answer = site.browser().post("/admin/plugins/other/update", data={"from": "plugin"})
    assert answer.location == "/admin/plugins/other/"
    assert site.state("other") == "Enabled"
    assert "updated from 1.0 to 1.1" in site.browser().get("/admin/plugins/other/log").text


def test_what_cannot_be_updated_or_put_back_is_told(site: AdminSite) -> None:
    """As a message; nothing happens."""
    client = site.browser()
    answer = client.post("/admin/plugins/probe/revert", follow_redirects=True)
    assert "no earlier version" in answer.text
    assert client.post("/admin/plugins/absent/update").status_code == 404
    assert client.post("/admin/plugins/absent/revert").status_code == 404
