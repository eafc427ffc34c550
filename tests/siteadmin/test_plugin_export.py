"""Downloading an export in site admin: the password first, offered before a purge, also of what is gone."""

import errno
import io
import json
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import pytest

from portal.config import Settings
from portal.pluginengine.operations import locked
from tests.siteadmin.plugins import ROW, AdminSite, running

EXPORT = "/admin/plugins/probe/export"


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """The export is tested on both databases, its page on one."""
    return sqlite_url


@pytest.fixture
def site(settings: Settings, plugin_folder: Path, tmp_path: Path) -> Iterator[AdminSite]:
    """A site where the probe runs, with a row in its table."""
    with running(settings, plugin_folder, tmp_path / "authors") as site:
        site.install(site.archive(methods=ROW))
        yield site


@pytest.mark.parametrize(("viewer", "asked", "sent"), [("", 302, 401), ("alice", 403, 403)])
def test_nobody_but_site_admins_comes_in(
    site: AdminSite, viewer: str, asked: int, sent: int
) -> None:
    """Forge 4.13."""
    client = site.browser(viewer)
    assert client.get(EXPORT).status_code == asked
    assert client.post(EXPORT).status_code == sent


def test_the_password_is_asked_for_first(site: AdminSite) -> None:
    """What the file holds leaves the site."""
    client = site.browser(confirmed=False)
    for method in (client.get, client.post):
        answer = method(EXPORT)
        assert (answer.status_code, answer.location) == (
            303,
            f"/my/confirm-password?next={EXPORT}",
        )


def test_the_download_needs_its_token(site: AdminSite) -> None:
    """Forge 4.0: CSRF everywhere."""
    client = site.browser()
    site.site.app.config["WTF_CSRF_ENABLED"] = True
    assert client.post(EXPORT).status_code == 400


@pytest.mark.parametrize("state", ["enabled", "uninstalled", "unregistered"])
def test_it_is_offered_before_a_purge_and_read_back(site: AdminSite, state: str) -> None:
    """In each state in which something can be purged."""
    before = "/admin/plugins/probe/purge"
    if state == "enabled":
        before = "/admin/plugins/probe/uninstall"
    elif state == "uninstalled":
        site.site.operate("uninstall", "probe")
    else:
        site.site.operate("unregister", "probe", disable_first=True)
    client = site.browser()
    assert f'href="{EXPORT}"' in client.get(before).text
    assert "plugin_probe_thing" in client.get(EXPORT).text
    answer = client.post(EXPORT)
    assert (answer.status_code, answer.mimetype) == (200, "application/zip")
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=probe-")
    assert answer.headers["Content-Length"] == str(len(answer.data))
    assert "no-store" in answer.headers["Cache-Control"]
    archive = ZipFile(io.BytesIO(answer.data))
    answer.close()
    assert json.loads(archive.read("tables/plugin_probe_thing.jsonl")) == {"thing_id": 7}
    assert json.loads(archive.read("manifest.json"))["handle"] == "probe"


def test_what_holds_nothing_is_not_found(site: AdminSite) -> None:
    """No plugin, and nothing that one left."""
    client = site.browser()
    assert client.get("/admin/plugins/ghost/export").status_code == 404
    assert client.post("/admin/plugins/ghost/export").status_code == 404


def test_while_an_operation_runs_the_page_says_so(
    site: AdminSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The operations' lock: no table goes while it is read."""
    monkeypatch.setattr("portal.pluginengine.operations.PATIENCE_SECONDS", 0.0)
    client = site.browser()
    with site.site.app.app_context(), locked(site.site.runtime):
        answer = client.post(EXPORT)
    assert answer.status_code == 409
    assert "Another operation on the site&#39;s plugins is running." in answer.text


def test_when_the_disk_is_full_the_page_says_so(
    site: AdminSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is downloaded that only looks like an export."""

    def full(*_given: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("portal.siteadmin.views.exporting.export_plugin", full)
    answer = site.browser().post(EXPORT)
    assert answer.status_code == 507
    assert "The export could not be written: No space left on device." in answer.text
