"""Installing from an archive in site admin: who may, the password first, uploads off, archives, previews."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from portal.config import Settings
from portal.core.clock import frozen, now
from portal.siteadmin.uploads import largest_body
from tests.factories import sign_in
from tests.fixtures.plugins import pack, write_plugin
from tests.pluginengine.archives import also, gzipped, tarred, zip_member, zip_of
from tests.siteadmin.people import the_person
from tests.siteadmin.plugins import INSTALL, PASSWORD, AdminSite, running, send

CONFIRM = "/my/confirm-password"


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Pages ask the operations, which are tested on both databases."""
    return sqlite_url


@pytest.fixture
def site(settings: Settings, plugin_folder: Path, tmp_path: Path) -> Iterator[AdminSite]:
    """A site without plugins."""
    with running(settings, plugin_folder, tmp_path / "authors") as site:
        yield site


# -- who may --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("viewer", "asked", "sent"), [("", 302, 401), ("alice", 403, 403)])
def test_nobody_but_site_admins_comes_in(
    site: AdminSite, viewer: str, asked: int, sent: int
) -> None:
    """Forge 4.13."""
    client, preview = site.browser(viewer), site.keep(site.archive())
    for address in (INSTALL, preview):
        assert client.get(address).status_code == asked
    assert send(client, site.archive("1.1")).status_code == sent
    assert client.post(preview, data={"do": "install"}).status_code == sent
    assert (site.archives(), site.state()) == (1, "404")


def test_each_form_needs_its_token(site: AdminSite) -> None:
    """Forge 4.0: CSRF everywhere."""
    client, preview = site.browser(), site.keep(site.archive())
    site.site.app.config["WTF_CSRF_ENABLED"] = True
    assert send(client, site.archive("1.1")).status_code == 400
    assert client.post(preview, data={"do": "install"}).status_code == 400
    assert (site.archives(), site.state()) == (1, "404")


def test_every_page_asks_for_the_password_first_and_comes_back(site: AdminSite) -> None:
    """Issue 5: a grant of ten minutes."""
    client, preview = site.browser(confirmed=False), site.keep(site.archive())
    for address in (INSTALL, preview):
        answer = client.get(address)
        assert (answer.status_code, answer.location) == (303, f"{CONFIRM}?next={address}")
    assert send(client, site.archive("1.1")).location == f"{CONFIRM}?next={INSTALL}"
    assert client.post(preview, data={"do": "install"}).location == f"{CONFIRM}?next={preview}"
    assert (site.archives(), site.state()) == (1, "404")
    back = client.post(f"{CONFIRM}?next={preview}", data={"password": PASSWORD})
    assert back.location == preview
    assert client.get(preview).status_code == 200


def test_after_ten_minutes_the_password_is_asked_for_again(site: AdminSite) -> None:
    """A preview that was left open installs nothing."""
    client, preview = site.browser(), site.keep(site.archive())
    with frozen(now() + timedelta(minutes=11)):
        assert client.post(preview, data={"do": "install"}).location.startswith(CONFIRM)
    assert site.state() == "404"


def test_the_operator_can_lock_uploads(
    site: AdminSite, settings: Settings, plugin_folder: Path, tmp_path: Path
) -> None:
    """PORTAL_PLUGIN_UPLOADS=off: the page says so, the routes refuse, also what was uploaded before."""
    preview, data = site.keep(site.archive()), site.archive("1.1")
    site.site.settings = replace(site.site.settings, plugin_uploads=False)
    site.site.app.extensions["portal.settings"] = site.site.settings
    client = site.site.client()
    with site.site.arrange("read"):
        client = sign_in(client, the_person(site.site.app, "ada"))
    page = client.get(INSTALL)
    assert page.status_code == 200
    assert "switched the uploading of plugins off" in page.text
    assert 'type="file"' not in page.text
    for answer in (send(client, data), client.get(preview), client.post(preview)):
        assert answer.status_code == 403
        assert "switched the uploading of plugins off" in answer.text
    assert (site.archives(), site.state()) == (1, "404")


# -- what is sent ---------------------------------------------------------------------------------


def test_an_archive_leads_to_its_preview_and_nothing_runs(site: AdminSite) -> None:
    """Issue 5: it shows before it runs what the plugin declares."""
    config: dict[str, Any] = {
        "author": "Ann Author",
        "license": "MIT",
        "permissions": {"group.probe": {"label": "Poke around"}},
        "settings": {"depth": {"type": "integer", "label": "How deep"}},
        "requires": {"portal": {"tested": "0.01"}, "plugins": {"absent": "1.0"}},
        "writes": ["groups"],
    }
    answer = send(site.browser(), site.archive(**config))
    assert answer.status_code == 303
    page = site.browser().get(answer.location)
    for text in (
        "Ann Author", "MIT", "Unsigned", "This plugin is new on this site", "groupmenu",
        "plugin_probe_*", "migrations/0001_thing.py", "Poke around", "How deep",
        "plugin absent (not installed)", "tried with portals up to 0.01", "groups",
        "plugin.py", "4 files", ">ada<",
    ):  # fmt: skip
        assert text in page.text, text
    assert (site.archives(), site.state()) == (1, "404")
    assert "plugin_probe_thing" not in site.site.tables()


def test_what_comes_with_a_permission_is_told_before_anything_runs(site: AdminSite) -> None:
    """Spec 3.3.5: a plugin may let the portal's own permissions inherit others; who installs it has to see."""
    added = {"group.see_members": {"inherit_from": ["group.administer"]}}
    page = site.browser().get(site.keep(site.archive(permissions=added))).text
    assert 'Who has it also has: <span class="mono">group.administer</span>' in page


def test_an_unknown_hook_is_marked(site: AdminSite) -> None:
    """Issue 5: what is unknown; the nearest name is proposed."""
    folder = write_plugin(site.authors / "odd", "probe", events={"groupmenus": ["tab"]})
    (folder / "plugin.py").write_text("x = 1\n")
    preview = site.keep(pack(folder))
    page = site.browser().get(preview).text
    assert "Unknown" in page
    assert "No hook has this name" in page


HOSTILE = {
    "no archive": b"hello",
    "nothing": b"",
    "two faults": zip_of((zip_member("../out"), b"x"), (zip_member("CON"), b"x")),
    "no manifest": zip_of((zip_member("plugin.py"), b"x")),
    "a twin": also("PLUGIN.PY"),
    "a bad version": tarred({"config.yml": b"name: P\ncode: Probe\nversion: version 3\n"}),
    "no name": gzipped({"config.yml": b"code: Probe\nversion: '1.0'\n"}),
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_bad_archive_is_refused_with_its_faults_and_nothing_is_kept(
    site: AdminSite, data: bytes
) -> None:
    """Issue 5: all faults are reported together, nothing is left behind."""
    before = site.site.files()
    answer = send(site.browser(), data)
    assert answer.status_code == 422
    assert "This archive is refused" in answer.text
    assert answer.text.count("<li>archive") + answer.text.count("<li>config.yml") >= 1
    assert (site.archives(), site.site.files()) == (0, before)


def test_all_faults_are_told_together(site: AdminSite) -> None:
    """One round, not one a fault."""
    text = send(site.browser(), HOSTILE["two faults"]).text
    assert "../out" in text
    assert "CON" in text


def test_a_form_without_a_file_says_so(site: AdminSite) -> None:
    """At the field."""
    answer = site.browser().post(INSTALL)
    assert answer.status_code == 422
    assert "Choose a file first." in answer.text


@pytest.mark.parametrize("is_csrf_on", [False, True])
def test_a_body_that_is_too_large_is_refused_unread(site: AdminSite, is_csrf_on: bool) -> None:
    """Content-Length is looked at first; the page is the admin's and says how much is taken."""
    client = site.browser()
    site.site.app.config["WTF_CSRF_ENABLED"] = is_csrf_on
    with site.site.app.app_context():
        size = str(largest_body() + 1)
    answer = client.post(
        INSTALL,
        data=b"x",
        content_type="multipart/form-data; boundary=b",
        headers={"Content-Length": size},
        environ_overrides={"CONTENT_LENGTH": size},
    )
    assert answer.status_code == 413
    assert "At most 20 MiB can be sent here at once" in answer.text
    assert "Log out" in answer.text


def test_the_operator_sets_how_much_an_archive_may_be(site: AdminSite) -> None:
    """PORTAL_ARCHIVE_*: told before, and judged by; what is in the store already was judged before."""
    preview, files = site.keep(site.archive()), 3
    client = site.browser()
    changed = replace(site.site.settings, archive_mib=1, archive_entries=files)
    site.site.app.extensions["portal.settings"] = changed
    assert "at most 1 MiB." in client.get(INSTALL).text
    refused = send(client, site.archive("1.1"))
    assert (refused.status_code, site.archives()) == (422, 1)
    assert f"It holds more than {files} files and folders." in refused.text
    too_large = client.post(INSTALL, environ_overrides={"CONTENT_LENGTH": str(2 * 1024 * 1024)})
    assert too_large.status_code == 413
    assert client.get(preview).status_code == 200


# -- what is done with it -------------------------------------------------------------------------


def test_installing_enables_when_the_tick_is_there(site: AdminSite) -> None:
    """Default on; the answer announces its generation."""
    client, preview = site.browser(), site.keep(site.archive())
    assert "checked" in client.get(preview).text
    answer = client.post(preview, data={"do": "install", "enable": "y"})
    assert (answer.status_code, answer.location) == (303, "/admin/plugins/probe/")
    assert "portal_generation=" in answer.headers["Set-Cookie"]
    assert site.state() == "Enabled"
    assert "Plugin Probe installed and enabled." in client.get("/admin/plugins/").text


def test_without_the_tick_it_stays_disabled(site: AdminSite) -> None:
    """It can be enabled later."""
    site.browser().post(site.keep(site.archive()), data={"do": "install"})
    assert site.state() == "Disabled"


def test_trying_runs_everything_and_keeps_nothing(site: AdminSite) -> None:
    """Issue 5: dry run of every operation."""
    preview = site.keep(site.archive())
    client, before = site.browser(), site.site.snapshot()
    answer = client.post(preview, data={"do": "try", "enable": "y"})
    assert answer.status_code == 200
    assert "Rehearsed only, nothing was changed: Plugin Probe installed and enabled." in answer.text
    after = site.site.snapshot()
    assert after == before


def test_what_the_callbacks_refuse_is_told_on_the_page(site: AdminSite) -> None:
    """Nothing is left behind, and the archive is still there for another try."""
    failing = "def install(self, config, app):\n    raise ValueError('no luck')\n"
    preview = site.keep(site.archive(methods=failing))
    for verb in ("try", "install"):
        answer = site.browser().post(preview, data={"do": verb, "enable": "y"})
        assert answer.status_code == 409
        assert "no luck" in answer.text
    assert site.state() == "404"


def test_a_warning_of_the_operation_is_told_as_one(site: AdminSite) -> None:
    """Enabling failed: installed, disabled, and why."""
    failing = "def enable(self, config, app):\n    raise ValueError('no luck')\n"
    client = site.browser()
    client.post(site.keep(site.archive(methods=failing)), data={"do": "install", "enable": "y"})
    page = client.get("/admin/plugins/").text
    assert "note-warning" in page
    assert "no luck" in page
    assert site.state() == "Disabled"


def test_a_newer_version_is_an_update_and_can_be_put_back(site: AdminSite) -> None:
    """The previous version is one click away."""
    site.install()
    preview = site.keep(site.archive("1.1"))
    assert "An update from 1.0 to 1.1." in site.browser().get(preview).text
    assert site.browser().post(preview, data={"do": "update"}).status_code == 303
    page = site.browser().get("/admin/plugins/probe/").text
    assert 'action="/admin/plugins/probe/revert"' in page
    assert ">1.1<" in page
    answer = site.browser().post("/admin/plugins/probe/revert", data={"from": "plugin"})
    assert answer.location == "/admin/plugins/probe/"
    assert ">1.0<" in site.browser().get("/admin/plugins/probe/").text


def test_an_older_version_has_to_be_wanted(site: AdminSite) -> None:
    """Downgrade only when asked."""
    site.install(site.archive("2.0"))
    preview = site.keep(site.archive("1.0"))
    assert "older than 2.0" in site.browser().get(preview).text
    answer = site.browser().post(preview, data={"do": "update"})
    assert answer.status_code == 409
    assert "not newer than 2.0" in answer.text
    assert site.browser().post(preview, data={"do": "update", "older": "y"}).status_code == 303


def test_the_same_archive_has_nothing_to_do(site: AdminSite) -> None:
    """No button, and a button pressed all the same is refused."""
    site.install()
    preview = site.keep(site.archive())
    page = site.browser().get(preview).text
    assert "This archive is installed" in page
    assert 'name="do"' not in page
    assert site.browser().post(preview, data={"do": "install"}).status_code == 409


def test_a_folder_with_the_code_is_in_the_way(site: AdminSite) -> None:
    """2.2.2: a folder that somebody put there is left alone."""
    write_plugin(site.folder, "probe")
    preview = site.keep(site.archive())
    assert "lies in a plugin folder" in site.browser().get(preview).text
    assert site.browser().post(preview, data={"do": "install"}).status_code == 409


def test_a_handle_of_another_plugin_is_refused(site: AdminSite) -> None:
    """Handles are unique on a site."""
    site.install()
    folder = write_plugin(site.authors / "thief", "thief", config={"handle": "probe"})
    from_thief = pack(folder)
    page = site.browser().get(site.keep(from_thief)).text
    assert "belongs to the plugin Probe" in page


def test_an_uninstalled_plugin_is_said_to_be_revived(site: AdminSite) -> None:
    """Reinstall revives."""
    site.install()
    site.browser().post("/admin/plugins/probe/uninstall", data={"do": "uninstall"})
    preview = site.keep(site.archive("1.1"))
    assert "installed before, last in version 1.0" in site.browser().get(preview).text
    assert site.browser().post(preview, data={"do": "install"}).status_code == 303


@pytest.mark.parametrize("digest", ["0" * 64, "x", "%2e%2e", "A" * 300])
def test_an_archive_that_is_not_there_is_told(site: AdminSite, digest: str) -> None:
    """Unknown, or swept because nobody installed it for a day."""
    client = site.browser()
    for answer in (
        client.get(f"{INSTALL}/{digest}"),
        client.post(f"{INSTALL}/{digest}", data={"do": "install"}),
    ):
        assert answer.status_code == 404
        assert digest.startswith("%") or "Upload it again" in answer.text


def test_a_swept_preview_says_so(site: AdminSite) -> None:
    """Who comes back the next day uploads again."""
    preview = site.keep(site.archive())
    site.site.sweep()
    assert "Upload it again" in site.browser().get(preview).text
    assert site.browser().post(preview, data={"do": "install"}).status_code == 404


def test_of_two_admins_one_installs_and_the_other_is_told(site: AdminSite) -> None:
    """The preview that was open shows what is true now."""
    ada, preview = site.browser("ada"), site.keep(site.archive(), "eve")
    assert "eve" in ada.get(preview).text
    assert site.browser("eve").post(preview, data={"do": "install"}).status_code == 303
    answer = ada.post(preview, data={"do": "install", "enable": "y"})
    assert answer.status_code == 409
    assert "This archive is installed" in answer.text
    assert site.state() == "Disabled"
