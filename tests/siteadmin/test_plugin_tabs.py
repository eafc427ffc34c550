"""The tabs of a plugin's page about its jobs and files, and what every tab says where there is nothing."""

import re
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from portal.config import Settings
from portal.jobs.registry import jobs_of
from portal.jobs.runs import last_run, purge_runs
from portal.jobs.worker import JobRunner
from tests.fixtures.plugins import write_plugin
from tests.siteadmin.plugins import AdminSite, running

PAGE = "/admin/plugins/probe/"
JOBS = """
from portal.pluginapi import job

@job()
def sync(self, fail=False):
    '''Bring all of it up to date.'''
    if fail:
        raise RuntimeError("no <luck>")
"""


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """The database has no say in it; see test_plugin_reads for the tabs where it has."""
    return sqlite_url


@pytest.fixture
def site(settings: Settings, plugin_folder: Path, tmp_path: Path) -> Iterator[AdminSite]:
    """A site where the probe runs from an archive."""
    with running(settings, plugin_folder, tmp_path / "authors") as site:
        site.install(site.archive(methods=JOBS))
        yield site


def text_of(site: AdminSite, tab: str, query: str = "") -> str:
    """Return the words of a tab, without tags, as a worker at today's generation tells it."""
    return words_of(site.browser(), tab, query)


def words_of(client: FlaskClient, tab: str, query: str = "") -> str:
    """Return the words of a tab, without tags."""
    page = client.get(f"{PAGE}{tab}{query}").text
    return " ".join(re.sub(r"<[^>]*>", " ", page.partition("page-tabs")[2]).split())


def test_the_jobs_tell_how_they_went_the_last_time(site: AdminSite) -> None:
    """Issue 6: detail tab jobs."""
    assert "sync Bring all of it up to date. never ran" in text_of(site, "jobs")
    run = JobRunner(lambda: nullcontext(site.site.app))
    run("probe", "sync", "{}")
    assert re.search(r"sync Bring all of it up to date\. Done \d\.\d\d s ", text_of(site, "jobs"))
    with pytest.raises(RuntimeError):
        run("probe", "sync", '{"fail": true}')
    assert "Failed RuntimeError: no &lt;luck&gt;" in text_of(site, "jobs")
    site.site.operate("disable", "probe")
    assert "A plugin that does not run offers no jobs." in text_of(site, "jobs")


def test_runs_are_forgotten_when_the_plugin_is_gone(site: AdminSite) -> None:
    """A purge leaves nothing for long; the runs of others stay."""
    JobRunner(lambda: nullcontext(site.site.app))("probe", "sync", "{}")
    JobRunner(lambda: nullcontext(site.site.app))("core", "purge_runs", "{}")
    huey = jobs_of(site.site.app).queue.huey
    assert last_run(huey, "probe", "sync") is not None
    site.site.operate("uninstall", "probe", purge=True)
    with site.site.app.app_context():
        purge_runs()
    assert last_run(huey, "probe", "sync") is None
    assert last_run(huey, "core", "purge_runs") is not None


def test_the_files_are_held_against_the_archive_and_restored(site: AdminSite) -> None:
    """Issue 6: detail tab files with digest; as `portal plugin verify --restore`."""
    client = site.browser()  # a new one would build a generation, which puts things right by itself
    text = words_of(client, "files")
    assert "plugin.py" in text
    assert "Modified" not in text
    folder = next(path for path in site.site.runtime.store.place.glob("?" * 64))
    (folder / "plugin.py").write_text("raise SystemExit")
    (folder / "event.yml").unlink()
    (folder / "more.py").touch()
    text = words_of(client, "files")
    assert text.index("Modified") < text.index("config.yml")
    for words in ("event.yml", "Missing", "more.py", "Not recorded", "not what was recorded"):
        assert words in text
    answer = client.post(f"{PAGE}files/verify", follow_redirects=True)
    assert "3 files differed from the archive and were restored." in answer.text
    assert "Modified" not in words_of(client, "files")
    again = client.post(f"{PAGE}files/verify", follow_redirects=True)
    assert "files were read; all is as recorded." in again.text
    assert "Files of a plugin restored" in text_of(site, "log")


def test_a_folder_is_told_and_left_alone(site: AdminSite) -> None:
    """Design 4: folders of plugins are read-only to us."""
    folder = write_plugin(site.folder, "other", methods="x = 1")
    site.site.operate("register", "other")
    site.site.operate("enable", "other")
    client = site.browser()
    page = "/admin/plugins/other/files"
    assert "not what was recorded" not in client.get(page).text
    (folder / "plugin.py").write_text("x = 2")
    assert "As recorded" not in client.get(page).text
    assert "not what was recorded" in client.get(page).text
    answer = client.post(f"{page}/verify", follow_redirects=True)
    assert "it was left as it is" in answer.text
    assert (folder / "plugin.py").read_text() == "x = 2"
    site.site.operate("disable", "other")
    answer = site.browser().post(f"{page}/verify", follow_redirects=True)
    assert "Nothing is recorded of a folder that does not run." in answer.text


def test_what_has_no_code_here_says_so(site: AdminSite) -> None:
    """The folder is gone; the archive is gone from the database."""
    folder = write_plugin(site.folder, "other")
    site.site.operate("register", "other")
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    client = site.browser()
    assert "There is no code of it here" in client.get("/admin/plugins/other/files").text
    assert client.post("/admin/plugins/other/files/verify").status_code == 409


def test_the_file_store_is_weighed(site: AdminSite) -> None:
    """Number and bytes of what the plugin has written."""
    store = site.site.settings.var / "plugin-data" / "probe"
    store.mkdir(parents=True)
    (store / "a").write_bytes(b"x" * 2048)
    assert (
        "File store Where it may write; export, backup and purge take it along. Files 1 Size 2.0 KiB"
        in (text_of(site, "files"))
    )


def test_where_there_is_nothing_the_tabs_say_so(site: AdminSite) -> None:
    """Each says what would be there; a plugin that the site does not know is 404."""
    write_plugin(site.folder, "other")
    client = site.browser()
    for tab, words in (
        ("jobs", "It has no jobs"),
        ("permissions", "It declares no permissions"),
        ("log", "Nothing has happened yet"),
    ):
        assert words in client.get(f"/admin/plugins/other/{tab}").text
        assert client.get(f"/admin/plugins/absent/{tab}").status_code == 404
    assert client.get("/admin/plugins/absent/files").status_code == 404
    assert client.post("/admin/plugins/absent/files/verify").status_code == 404
