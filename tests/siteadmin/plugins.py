"""A site with two site admins and a plugin to install from an archive, for the tests of the plugin pages."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from portal.accounts.loading import find_user
from portal.config import Settings
from portal.core.database import db
from portal.pluginengine.models import ArchiveRow
from portal.siteadmin.uploads import keep
from tests.factories import make_group, make_user
from tests.fixtures.plugins import THING_MIGRATION, PluginSite, pack, write_plugin

PASSWORD = "portal-demo"
INSTALL = "/admin/plugin-install"

#: Puts a row into the probe's table.
ROW = """
def install(self, config, app):
    from portal.pluginapi import db

    db.session.execute(db.text("INSERT INTO plugin_probe_thing (thing_id) VALUES (7)"))
"""


class AdminSite:
    """A site that operates plugins, its two site admins, and the folder where authors work."""

    def __init__(self, settings: Settings, folder: Path, authors: Path) -> None:
        self.folder, self.authors = folder, authors
        authors.mkdir()
        self.site = PluginSite(replace(settings, plugin_path=(folder,)))
        with self.site.arrange():
            for name in ("ada", "eve"):
                make_user(name, password=PASSWORD, is_site_admin=True)
            make_user("alice", password=PASSWORD)
            make_group("apollo")
            make_group("mercury")

    def browser(self, name: str = "ada", *, confirmed: bool = True) -> FlaskClient:
        """Return a browser at the generation of today; ``confirmed``: the password was given again."""
        self.site.refresh()
        if not name:
            return self.site.client()
        with self.site.arrange("read"):
            client = self.site.client(find_user(name))
        if confirmed:
            client.post("/my/confirm-password", data={"password": PASSWORD})
        return client

    def archive(self, version: str = "1.0", methods: str = "", **config: Any) -> bytes:
        """Return a version of the probe, which has a table and answers the hook groupmenu, as a zip."""
        folder = write_plugin(
            self.authors / version,
            "probe",
            config={"version": version, "scope": ["site", "group"], **config},
            events={"groupmenu": ["tab"]},
            methods=methods + "\ndef tab(self):\n    return None\n",
            files={"migrations/0001_thing.py": THING_MIGRATION},
        )
        return pack(folder)

    def keep(self, data: bytes, name: str = "eve") -> str:
        """Keep an archive as if that person had uploaded it; returns the address of its preview."""
        with self.site.arrange("read"):
            user = find_user(name)
            assert user is not None
            return f"{INSTALL}/{keep(data, user.user_id).sha256}"

    def install(self, data: bytes | None = None) -> None:
        """Install an archive, the probe's by default, and go over to the generation with it."""
        address = self.keep(data or self.archive())
        answer = self.browser().post(address, data={"do": "install", "enable": "y"})
        assert answer.status_code == 303
        self.site.refresh()

    def archives(self) -> int:
        """Return how many archives the store has."""
        with self.site.arrange("read"):
            return db.session.scalar(select(func.count()).select_from(ArchiveRow)) or 0

    def state(self, code: str = "probe") -> str:
        """Return the state of a plugin as a worker at today's generation tells it."""
        self.site.refresh()
        page = self.browser().get(f"/admin/plugins/{code}/")
        labels = ("Enabled", "Disabled", "Available", "Update required", "Broken")
        marks = [each for each in labels if f"</svg>{each}</span>" in page.text]
        return marks[0] if page.status_code == 200 and marks else str(page.status_code)


def send(client: FlaskClient, data: bytes, name: str = "probe.zip") -> TestResponse:
    """Upload an archive as the page would."""
    form = {"archive": (io.BytesIO(data), name)}
    return client.post(INSTALL, data=form, content_type="multipart/form-data")


@contextmanager
def running(settings: Settings, folder: Path, authors: Path) -> Iterator[AdminSite]:
    """Run such a site."""
    made = AdminSite(settings, folder, authors)
    yield made
    made.site.close()
