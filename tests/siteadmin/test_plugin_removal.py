"""Uninstalling and purging in site admin: what the pages show, ask for and refuse."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.config import Settings
from portal.groups.queries import named_group
from portal.pluginengine.files import FILES, PluginFiles
from tests.fixtures.plugins import pack, write_plugin
from tests.siteadmin.plugins import ROW, AdminSite, running

UNINSTALL, PURGE = "/admin/plugins/probe/uninstall", "/admin/plugins/probe/purge"


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Pages ask the operations, which are tested on both databases."""
    return sqlite_url


@pytest.fixture
def site(settings: Settings, plugin_folder: Path, tmp_path: Path) -> Iterator[AdminSite]:
    """A site where the probe runs, with a row, two files and the choice of a group."""
    with running(settings, plugin_folder, tmp_path / "authors") as site:
        site.install(site.archive(methods=ROW))
        files = PluginFiles(site.site.settings.var / FILES, "probe")
        files.write("one.txt", b"x" * 1000)
        files.write("two.txt", b"x" * 500)
        with site.site.arrange():
            group = named_group("apollo")
            assert group is not None
            assert group.set_plugin_usage("probe", True)
        yield site


@pytest.mark.parametrize(("viewer", "asked", "sent"), [("", 302, 401), ("alice", 403, 403)])
@pytest.mark.parametrize("address", [UNINSTALL, PURGE])
def test_nobody_but_site_admins_comes_in(
    site: AdminSite, address: str, viewer: str, asked: int, sent: int
) -> None:
    """Forge 4.13."""
    client = site.browser(viewer)
    assert client.get(address).status_code == asked
    assert client.post(address, data={"do": "uninstall", "code": "probe"}).status_code == sent
    assert site.state() == "Enabled"


@pytest.mark.parametrize("button", ["uninstall", "purge", "update", "revert", "activation"])
def test_each_form_needs_its_token(site: AdminSite, button: str) -> None:
    """Forge 4.0: CSRF everywhere."""
    client = site.browser()
    site.site.app.config["WTF_CSRF_ENABLED"] = True
    assert client.post(f"/admin/plugins/probe/{button}").status_code == 400
    assert site.state() == "Enabled"


def test_the_page_before_counts_what_the_plugin_holds(site: AdminSite) -> None:
    """Issue 5: shows counts first."""
    text = " ".join(site.browser().get(UNINSTALL).text.split())
    for term, value in (
        ("Rows in its tables", "3"), ("Files", "2"), ("Size of the files", "1.5 KiB"),
        ("Groups that have chosen", "1"), ("People who have chosen", "0"),
    ):  # fmt: skip
        assert f"<dt>{term}</dt><dd>{value}</dd>" in text, term


def test_uninstalling_keeps_what_it_holds_and_lists_it(site: AdminSite) -> None:
    """Design 6: keeps tables, settings, grants, choices."""
    answer = site.browser().post(UNINSTALL, data={"do": "uninstall"})
    assert (answer.status_code, answer.location) == (303, "/admin/plugins/")
    assert "plugin_probe_thing" in site.site.tables()
    page = site.browser().get("/admin/plugins/").text
    assert "Uninstalled, data kept" in page
    assert f'href="{PURGE}"' in page
    assert site.state() == "404"


def test_trying_it_changes_nothing(site: AdminSite) -> None:
    """A dry run, with the ticks as they are."""
    client, before = site.browser(), site.site.traces()
    answer = client.post(UNINSTALL, data={"do": "try", "purge": "y"})
    assert answer.status_code == 200
    assert "Rehearsed only" in answer.text
    assert site.site.traces() == before


def test_uninstalling_with_the_purge_leaves_nothing(site: AdminSite) -> None:
    """The tick."""
    site.browser().post(UNINSTALL, data={"do": "uninstall", "purge": "y"})
    assert not [name for name in site.site.tables() if name.startswith("plugin_probe")]
    assert site.site.rows("plugins") == []
    assert not [name for name in site.site.files() if name.startswith("plugin-data/probe")]
    assert "Uninstalled, data kept" not in site.browser().get("/admin/plugins/").text


def test_others_that_need_it_are_named_and_there_is_no_button(site: AdminSite) -> None:
    """Issue 5: dependents named when something is refused."""
    folder = write_plugin(site.authors / "needy", "needy", config={"requires": [{"code": "probe"}]})
    site.install(pack(folder))
    page = site.browser().get(UNINSTALL).text
    assert "Needy" in page
    assert 'name="do"' not in page
    answer = site.browser().post(UNINSTALL, data={"do": "uninstall"})
    assert answer.status_code == 409
    assert "Other plugins need Probe: Needy" in answer.text


def test_what_its_callback_refuses_can_be_forced(site: AdminSite) -> None:
    """Without its callbacks."""
    failing = ROW + "\ndef uninstall(self, config, app):\n    raise ValueError('no luck')\n"
    site.browser().post(site.keep(site.archive("1.1", failing)), data={"do": "update"})
    answer = site.browser().post(UNINSTALL, data={"do": "uninstall"})
    assert answer.status_code == 409
    assert "no luck" in answer.text
    assert site.browser().post(UNINSTALL, data={"do": "uninstall", "force": "y"}).status_code == 303


def test_purging_needs_the_code_typed(site: AdminSite) -> None:
    """And shows what is left first."""
    site.browser().post(UNINSTALL, data={"do": "uninstall"})
    page = site.browser().get(PURGE).text
    assert "plugin_probe_thing" in page
    for typed in ("", "prob", "Probe2"):
        answer = site.browser().post(PURGE, data={"code": typed})
        assert answer.status_code == 422
    assert "plugin_probe_thing" in site.site.tables()
    answer = site.browser().post(PURGE, data={"code": "probe"})
    assert (answer.status_code, answer.location) == (303, "/admin/plugins/")
    assert "plugin_probe_thing" not in site.site.tables()
    assert site.browser().get(PURGE).status_code == 404


def test_tables_that_an_unregistered_plugin_left_can_be_purged_by_its_handle(
    site: AdminSite,
) -> None:
    """Its row is gone, its tables are not (seed 004): the list tells of them."""
    assert "Left behind" not in site.browser().get("/admin/plugins/").text
    site.browser().post("/admin/plugins/probe/disable")
    site.browser().post("/admin/plugins/probe/unregister")
    page = " ".join(site.browser().get("/admin/plugins/").text.split())
    left = page.split("Left behind</h2>")[1]
    assert "3 tables, 3 rows, 2 files (1.5 KiB)" in left
    assert f'href="{PURGE}"' in left
    assert site.browser().get(PURGE).status_code == 200
    assert site.browser().post(PURGE, data={"code": "probe"}).status_code == 303
    assert "plugin_probe_thing" not in site.site.tables()
    assert "Left behind" not in site.browser().get("/admin/plugins/").text


@pytest.mark.parametrize("method", ["get", "post"])
def test_what_is_installed_or_unknown_is_not_purged(site: AdminSite, method: str) -> None:
    """Pages for another state, and for codes of nothing."""
    browser = getattr(site.browser(), method)
    assert browser(PURGE, data={"code": "probe"}).status_code == 409
    for code in ("absent", "Not-a-code", "plugins", "x" * 300):
        assert browser(f"/admin/plugins/{code}/purge", data={"code": code}).status_code == 404
        assert browser(f"/admin/plugins/{code}/uninstall").status_code == 404


def test_what_is_only_in_a_folder_is_not_uninstalled(site: AdminSite) -> None:
    """There is nothing to uninstall."""
    write_plugin(site.folder, "other")
    assert site.browser().get("/admin/plugins/other/uninstall").status_code == 409
    assert site.browser().post("/admin/plugins/other/uninstall").status_code == 409


def test_of_two_admins_who_uninstall_the_second_is_told(site: AdminSite) -> None:
    """The page that was open is out of date."""
    eve = site.browser("eve")
    assert eve.get(UNINSTALL).status_code == 200
    site.browser("ada").post(UNINSTALL, data={"do": "uninstall"})
    assert eve.post(UNINSTALL, data={"do": "uninstall"}).status_code == 404
