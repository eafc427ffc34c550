"""A plugin that notes its callbacks, packed in any version; shared by the tests of operations on archives."""

import logging
import shutil

import pytest
from sqlalchemy import select

from portal.core.database import db
from portal.pluginengine.models import PluginRow
from tests.fixtures.plugins import THING_MIGRATION, upload, write_plugin

CALLBACKS = """
    def install(self, config, app):
        self._note("install", config)

    def enable(self, config, app):
        self._note("enable", config)

    def disable(self, config, app):
        self._note("disable", config)

    def update(self, config, app):
        self._note("update from " + config["previous_version"] + " to", config)

    def uninstall(self, config, app):
        self._note("uninstall", config)

    def _note(self, what, config):
        self.logger.info("%s %s", what, config["version"])

    def tab(self):
        return None

    def other(self):
        return None
"""

VIEWS = """
    from flask import Blueprint

    bp = Blueprint("probe", __name__)


    @bp.get("/")
    def index():
        return "page of 1.0"
"""


@pytest.fixture
def place(tmp_path):
    """Where plugins are written that are packed, not found in a folder."""
    folder = tmp_path / "authors"
    folder.mkdir()
    return folder


@pytest.fixture
def probe(place):
    """Write a version of the probe and return it as an upload: ``probe("1.1", methods=...)``."""

    def make(version="1.0", code="probe", methods=CALLBACKS, files=(), **config):
        shutil.rmtree(place / version, ignore_errors=True)
        events = {"groupmenu": ["tab"], "userisactivecheckbox": ["other"]}
        folder = write_plugin(
            place / version,
            code,
            config={"version": version, "scope": ["site", "group"], **config},
            events=events if methods == CALLBACKS else None,
            methods=methods,
            files={
                "migrations/0001_thing.py": THING_MIGRATION,
                "views.py": VIEWS.replace("1.0", version),
                **dict(files),
            },
        )
        return upload(folder)

    return make


@pytest.fixture
def calls(caplog):
    """What the probe's callbacks have logged so far."""
    caplog.set_level(logging.INFO, logger="portal.plugin.probe")
    return lambda: [each.message for each in caplog.records if each.name == "portal.plugin.probe"]


def the_row(site) -> PluginRow:
    with site.arrange("read"):
        row = db.session.scalars(select(PluginRow)).one()
        db.session.expunge(row)
        return row


def failing(callback: str, how: str = "raise ValueError('no luck')") -> str:
    return f"def {callback}(self, config, app):\n    {how}\n"
